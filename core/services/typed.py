"""What people type and paste, as it was meant and as names are compared: for the conversation, which knows no records."""

from core.records.letters import cleaned
from core.records.names import folded

__all__ = ["cleaned", "folded"]
