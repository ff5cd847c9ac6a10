"""Setting the bot up in Slack: its checks in `npq doctor`, and what `npq manifest` writes."""
