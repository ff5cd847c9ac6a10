"""What others send us as JSON, before anything in it is believed."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 100  # how deep a request may be nested; the deepest of Slack's and Teams' own has some twenty levels
TOO_DEEP = f"nested more than {DEEPEST} deep"


def read_json(given: str | bytes) -> Any:
    """The JSON in a request. Raises `ValueError` for what is none, or is nested deeper than any request is.

    Python's own parsers give up at some depth, each version at another.
    """
    try:
        found = json.loads(given)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    level = [found]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return found
    raise ValueError(TOO_DEEP)


def _within(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
