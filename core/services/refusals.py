"""How a service says no: a code for scripts, one plain sentence for people."""

from __future__ import annotations


class Refusal(Exception):
    """Something the user can mend.

    `code` is stable snake_case; `message` is one sentence that says how to mend it; `field` is the form field it concerns
    (`"until"`, `"reason"`, …) or None; `matches` are the sorted participant ids of an ambiguous question; `advice` is a line
    to hand on to somebody else, who can mend it.
    """

    def __init__(
        self, code: str, message: str, *, field: str | None = None, matches: tuple[str, ...] = (), advice: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.matches = matches
        self.advice = advice
