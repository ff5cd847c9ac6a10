"""Amounts and shares as packs write them, in quotation marks: what they stand for is exact."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

AN_AMOUNT = 'give pounds over 0 in quotation marks, such as "1,130.00" or "1130"'
A_SHARE = 'give a share over 0, up to all of it, in quotation marks, such as "20%" or "1/3"'
_AMOUNT = re.compile(r"£?([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(\.[0-9]{2})?")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%")
_PARTS = re.compile(r"([0-9]{1,6}) ?/ ?([0-9]{1,6})")


def amount_of(written: str) -> Decimal | None:
    """The pounds that are written, to the penny; None where that is no amount over 0."""
    found = _AMOUNT.fullmatch(written.strip())
    amount = Decimal(found[1].replace(",", "") + (found[2] or ".00")) if found else Decimal(0)
    return amount or None


def share_of(written: str) -> Fraction | None:
    """The share of a whole that is written, as a fraction or a percentage; None where it is none over 0, up to 1."""
    written = written.strip()
    if found := _PERCENT.fullmatch(written):
        share = Fraction(found[1]) / 100
    elif (found := _PARTS.fullmatch(written)) and int(found[2]):
        share = Fraction(int(found[1]), int(found[2]))
    else:
        return None
    return share if 0 < share <= 1 else None
