"""Strict stand-ins for the platforms, on real sockets. They enforce the limits on their own: nothing here is shared with `bot/`."""
