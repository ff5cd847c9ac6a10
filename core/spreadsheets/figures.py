"""Numbers as people and spreadsheets write them: which one is meant, written plainly, so that a refusal can say so.

Nothing is taken this way: "1,000" is a thousand in one country and one in another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

_LONGEST = 40  # characters; of a longer one there is nothing plain to be said
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_PLAIN = re.compile(_NUMBER, re.ASCII)
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3}(?:([, '’_])\d{3})(?:\2\d{3})*)(?![\d'’_]|,\d)", re.ASCII)
_THOUSAND = re.compile(r"\d,000(?!\d)", re.ASCII)  # where there are fractions, nobody knows what that means
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d.,])", re.ASCII)
_NO_ZERO = re.compile(r"(?<![\d.,])\.(\d+)(?![\d.,])", re.ASCII)
_POWER = re.compile(r"([+-]?\d+(?:\.\d+)?)e([+-]?\d{1,2})", re.ASCII | re.IGNORECASE)
_WITH_WORDS = re.compile(
    rf"(?:[^\d.,+-]*[^\w.,+-])?({_NUMBER})(?![\w½¼¾-]|[.,]\d)[^\d]*", re.ASCII
)  # "£5", "5 credits"


def plainly(raw: str, *, fractions: bool) -> str | None:
    """The one number that a text means, as it is to be written; None where it means none, several, or is plain already.

    Where there are `fractions`, a comma stands before them; else it parts thousands, and a share of a hundred is no number.
    """
    text = "".join(_western(raw[:_LONGEST]))
    if len(raw) > _LONGEST or (not fractions and "%" in text) or (fractions and _THOUSAND.search(text)):
        return None
    if not fractions:
        text = _GROUPED.sub(lambda found: re.sub(r"\D", "", found[1]), text)
    text = _NO_ZERO.sub(r"0.\1", _COMMA.sub(r"\1.\2", text))
    if found := _POWER.fullmatch(text):
        return f"{Decimal(found[1]).scaleb(int(found[2])):f}"
    found = _WITH_WORDS.fullmatch(text)
    return found[1] if found is not None and found[1] != raw else None


def _western(raw: str) -> Iterator[str]:
    """Its characters with the digits 0 to 9, one kind of blank and one minus sign."""
    for character in raw:
        if character.isdecimal():
            yield str(unicodedata.decimal(character))
        elif character.isspace():
            yield " "
        else:
            yield {"\N{MINUS SIGN}": "-", "٫": ".", "٬": ",", "٪": "%"}.get(character, character)
