"""What every question and act is asked of: one installation's database, pack and memory."""

from core.derived.office import Office as Office
