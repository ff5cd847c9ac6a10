"""What is written down, and what is said, when something of our own breaks."""

from __future__ import annotations

import logging
import re
import time
import traceback

OUR_FAULT = (
    "Something went wrong on our side, and nothing was recorded. Please try again; if it stays, tell your administrator"
)

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,60}")

log = logging.getLogger(__name__)


def note(error: Exception) -> str:
    """Writes down where it broke, without what it was about, under a short mark that a person can pass on."""
    mark = f"{time.time_ns() // 1_000_000 % 10**8:08d}"
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s: %s at %s", mark, type(error).__name__, where)
    return mark


def word(given: object) -> str:
    """A platform's own word for a thing, fit for the log; of what somebody may have written, nothing."""
    return given if isinstance(given, str) and _WORD.fullmatch(given) else "something without a proper name"
