"""Why a message is not to go out after all: the codes that stand with a superseded or failed one."""

NEWER = "newer"  # a newer one of its series is due
TOO_LATE = "too_late"  # older than the pack's catch-up, or no longer true
NOBODY_CONCERNED = "nobody_concerned"
NO_LONGER_DUE = "no_longer_due"  # its date has moved, another of that day stands for it, or its partner has no channel
ELSEWHERE = "elsewhere"  # another channel gets it now
NOT_IN_PACK = "not_in_pack"  # waits: the pack in use lacks what it tells of, or somebody whom it names
LOOKING = "unknown"  # why a lane waits while a post or an edit may still arrive
CANCELLED = "cancelled"  # by somebody of the staff: the message has failed for that reason
