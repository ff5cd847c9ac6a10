"""What people type and paste, as it was meant and as names are compared: for whoever knows no records."""

from core.records.compared_names import folded
from core.records.damaged_text import cleaned
from core.records.pasted_text import QUOTATION_MARKS, bare, bare_path, without_unseen

__all__ = ["QUOTATION_MARKS", "bare", "bare_path", "cleaned", "folded", "without_unseen"]
