"""Lets those who answer people go first: an import and the worker have time, a question in the chat has three seconds."""

from __future__ import annotations

import contextlib
import os

LEAST = (
    19  # of POSIX's niceness: what runs at it makes room as soon as anybody else wakes up, not some milliseconds later
)


def give_way() -> None:
    """Puts this process, and those that it starts, behind the others of this machine; for good. Where the system can't, nothing.

    It gets all the time that the others leave.
    """
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(LEAST)
