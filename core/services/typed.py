"""What people type and paste, as it was meant: for the conversation, which knows no records."""

from core.records.letters import cleaned

__all__ = ["cleaned"]
