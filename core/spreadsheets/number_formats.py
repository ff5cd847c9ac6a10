"""Number formats: what Excel shows of a cell whose format says more than the number itself.

A number is read to the last digit that Excel keeps, however many its format shows: rounding could make 89.96 the 90 that is
needed. What a format adds is read as shown: the percent sign, the zeros and letters of an id. What it hides or scales is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from xml.etree import ElementTree

from core.spreadsheets.cells import NotRight

CUT = "Excel has cut this number to 15 digits: format the column as text and enter it again."
DAY_ZERO = "The cell holds the day zero, which Excel shows as 00/01/1900: clear it or give a day."
ONLY_A_TIME = "The cell shows a time and no day: give the day."
_HIDDEN = "The cell holds {}, which its number format does not show: clear it, or give it the format General."
_SCALED = "The cell holds {} and its number format shows another number: give it the format General."

_DIGITS = 15  # that Excel keeps; what a file has behind them is the noise of binary fractions
_MOST_DIGITS = 10**_DIGITS  # from here on Excel has no room for the last digit
_BUILT_IN = {
    9: "0%",
    10: "0.00%",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    45: "mm:ss",
    47: "mm:ss",
}

Shown = str | float | date | time | timedelta  # a typed cell, but for yes and no


def as_stored(value: Shown) -> str:
    """A typed cell as the text a CSV would hold: dates ISO, whole numbers bare, others to the last digit that Excel keeps."""
    if isinstance(value, float):
        if abs(value) >= _MOST_DIGITS:
            raise NotRight(CUT)
        return decimal(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, time | timedelta):
        raise NotRight(DAY_ZERO if value in (time(), timedelta()) else ONLY_A_TIME)
    return value.isoformat() if isinstance(value, date) else str(value)


def decimal(value: float) -> str:
    """A number without an exponent, to the last digit that Excel keeps."""
    value = _kept(value)
    if value.is_integer():
        return str(int(value))
    short = repr(value)
    return short if "e" not in short else f"{value:.20f}".rstrip("0")


def _kept(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<gap>[_*].)|\[\$(?P<currency>[^\]]*)\]|\[(?P<condition>[<>=]+[^\]]*)\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|(?P<colour>\[[^\]]*\])|(?P<general>general)|(?P<noon>am/pm|a/p)|(?P<exponent>e[+-])"
    r"|(?P<digit>[0#?])|(?P<moment>[ymdhsbge]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_COMPARED = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_SILENT = frozenset("-+() £$€¥")  # characters that say nothing a number does not say itself


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four parts of a format: what it shows, token by token as (kind, characters)."""

    tokens: tuple[tuple[str, str], ...]
    condition: str | None

    def has(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.tokens)

    @property
    def words(self) -> str:
        """What it shows beside the number."""
        return "".join(text for kind, text in self.tokens if kind == "literal")

    @property
    def _within(self) -> str:
        """What it shows between two digits, where those are not of a fraction."""
        places = [index for index, (kind, _) in enumerate(self.tokens) if kind == "digit"]
        if not places or self.has("slash"):
            return ""
        return "".join(text for kind, text in self.tokens[places[0] : places[-1]] if kind == "literal")

    @property
    def adds_nothing(self) -> bool:
        """Whether what it shows beside the number says nothing more."""
        return (
            not set(self.words) - _SILENT
            and not self._within.strip()
            and not self.has("percent")
            and (self.zeros < 2 or self.has("exponent", "slash"))
        )

    @property
    def _before_point(self) -> str:
        kinds = [kind for kind, _ in self.tokens]
        end = kinds.index("point") if "point" in kinds else len(kinds)
        return "".join(text for kind, text in self.tokens[:end] if kind == "digit")

    @property
    def places(self) -> int:
        """How many digits before the point it has places for."""
        return len(self._before_point)

    @property
    def zeros(self) -> int:
        """How many digits stand before the point at least."""
        return self._before_point.count("0")

    @property
    def hides_zero(self) -> bool:
        """Whether a zero leaves no digit: “#,###”."""
        return self.has("digit") and not any(kind == "digit" and text in "0?" for kind, text in self.tokens)

    @property
    def is_scaled(self) -> bool:
        """Whether a comma behind the digits divides by a thousand."""
        kinds = [kind for kind, _ in self.tokens if kind in ("digit", "comma", "point")]
        before = kinds[: kinds.index("point")] if "point" in kinds else kinds
        return "digit" in before and (before[-1] == "comma" or kinds[-1] == "comma")

    @property
    def is_plain(self) -> bool:
        """Whether the number as stored is all it shows."""
        return (
            self.has("digit", "general", "moment", "text")
            and self.adds_nothing
            and not self.is_scaled
            and not self.hides_zero
        )


class Format:
    """One number format, as far as what it shows differs from what is stored."""

    def __init__(self, code: str) -> None:
        self._sections = _sections(code)
        self._numbers = self._sections[:3]
        self._of_text = next((one for one in self._sections if one.has("text")), None)
        if len(self._sections) == 4:
            self._of_text = self._sections[3]
        moments = "".join(text for one in self._sections for kind, text in one.tokens if kind == "moment").casefold()
        self._is_time = bool(set(moments) & set("hs")) and not set(moments) & set("yd")

    @property
    def is_plain(self) -> bool:
        """Whether every cell reads as stored."""
        return not self._is_time and all(one.is_plain for one in self._sections)

    def read(self, value: Shown) -> str:
        """What a cell of this format says. Raises `NotRight` where it shows something else than it holds."""
        stored = as_stored(value)
        if isinstance(value, str):
            return self._word(value)
        if isinstance(value, date):
            if self._is_time:
                raise NotRight(ONLY_A_TIME)
            return stored
        return self._number(_kept(value), stored) if isinstance(value, float) else stored

    def _word(self, text: str) -> str:
        if self._of_text is None or not text.strip():
            return text
        shown = "".join(
            text if kind == "text" else own for kind, own in self._of_text.tokens if kind in ("text", "literal")
        )
        if not shown.strip():
            raise NotRight(_HIDDEN.format(f"“{text}”"))
        return shown

    def _number(self, value: float, stored: str) -> str:
        section = self._section(value)
        if section.has("moment"):
            return stored
        if not section.has("digit", "general", "text") or (value == 0 and section.hides_zero):
            return _only_words(section, stored)
        if section.is_scaled:
            raise NotRight(_SCALED.format(stored))
        if value < 0 or section.adds_nothing:
            return stored
        return _filled(section, Decimal(stored) * 100 ** sum(kind == "percent" for kind, _ in section.tokens))

    def _section(self, value: float) -> _Section:
        numbers = self._numbers
        if any(one.condition for one in numbers):
            return next((one for one in numbers if one.condition is None or _holds(one.condition, value)), numbers[-1])
        if value < 0 and len(numbers) > 1:
            return numbers[1]
        return numbers[2] if value == 0 and len(numbers) > 2 else numbers[0]


def _only_words(section: _Section, stored: str) -> str:
    words = section.words.strip()
    if not words:
        raise NotRight(_HIDDEN.format(stored))
    return stored if words == "-" and stored == "0" else words


def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[list[tuple[str, str]]] = [[]]
    conditions: list[str | None] = [None]
    for found in _TOKEN.finditer(code):
        kind, text = found.lastgroup or "other", found[found.lastgroup or 0]
        if kind == "condition":
            conditions[-1] = text
        elif kind == "other" and text == ";":
            sections.append([])
            conditions.append(None)
        elif (token := _token(kind, text)) is not None:
            sections[-1].append(token)
    return tuple(_Section(tuple(tokens), condition) for tokens, condition in zip(sections, conditions, strict=True))[:4]


def _token(kind: str, text: str) -> tuple[str, str] | None:
    if kind == "currency":
        return "literal", text.partition("-")[0]
    if kind in ("quoted", "escaped"):
        return "literal", text
    if kind in ("elapsed", "noon"):
        return "moment", "h"
    if kind != "other":
        return None if kind in ("gap", "colour") else (kind, text)
    return {".": "point", ",": "comma", "%": "percent", "@": "text", "/": "slash"}.get(text, "literal"), text


def _holds(condition: str, value: float) -> bool:
    found = re.fullmatch(r"([<>=]+)\s*(-?[\d.]+)", condition)
    return found is not None and found[1] in _COMPARED and bool(_COMPARED[found[1]](value, float(found[2])))


def _filled(section: _Section, number: Decimal) -> str:
    """A number among the words of a format, to its last digit: 12 as “p-0012”, 0.95 as “95%”."""
    whole, _, fraction = f"{number:f}".partition(".")
    places = [index for index, (kind, _) in enumerate(section.tokens) if kind == "digit"][: section.places]
    digits = dict(zip(places, _dealt(whole.lstrip("0").zfill(section.zeros), len(places)), strict=True))
    if places and fraction.strip("0"):
        digits[places[-1]] += f".{fraction.rstrip('0')}"
    shown = ""
    for index, (kind, text) in enumerate(section.tokens):
        if kind in ("text", "general"):
            shown += f"{number:f}"
        elif kind in ("literal", "percent", "slash"):
            shown += text
        else:
            shown += digits.get(index, "")
    return shown.strip()


def _dealt(digits: str, places: int) -> list[str]:
    """Digits dealt to places from the right; the first place takes those that are left."""
    wide = digits.rjust(places)
    surplus = len(wide) - places + 1
    return [one.strip() for one in (wide[:surplus], *wide[surplus:])] if places else []


@lru_cache(maxsize=64)
def _format(code: str) -> Format | None:
    made = Format(code)
    return None if made.is_plain else made


def telling_formats(package: zipfile.ZipFile) -> Mapping[int, Format]:
    """The styles of a workbook whose number formats show something else than what is stored, by their number."""
    part = "xl/styles.xml"
    if part not in package.namelist():
        return {}
    codes = dict(_BUILT_IN)
    styles: list[int] = []
    for element in ElementTree.fromstring(package.read(part)):
        name = element.tag.rpartition("}")[2]
        if name == "numFmts":
            codes |= {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in element}
        elif name == "cellXfs":
            styles = [int(one.get("numFmtId", "0")) for one in element]
    formats = {style: _format(codes[number]) for style, number in enumerate(styles) if codes.get(number)}
    return {style: one for style, one in formats.items() if one is not None}
