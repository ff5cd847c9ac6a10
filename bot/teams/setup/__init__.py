"""Setting the bot up in Teams: its checks in `npq doctor`, and what `npq manifest` writes."""
