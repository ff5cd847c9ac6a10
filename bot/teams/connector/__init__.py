"""The Bot Connector as we call it: the SDK's way out, and the token for it."""
