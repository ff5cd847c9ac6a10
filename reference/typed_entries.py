"""Makes a typed entry of what a file gives for it, and says of each value that is none what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from reference.pack import ScheduleRow
from reference.pack_files import meant, shortened, unknown
from reference.problems import Place

Entry = TypeVar("Entry")
Wrong = Callable[[Place, str], None]

TO_BE_CONFIRMED = "TBC"
MAY_BE_CONFIRMED_LATER = ("credits", "total")  # besides every date that may be missing
# What would be right, by the start of a type or of pydantic's name for a fault.
_RIGHT = {
    "date": "give a date such as 2026-11-24",
    "int": "give a whole number",
    "decimal": "give a number",
    "finite": "give a number",
    "bool": "give true or false",
    "string": "give words in quotation marks",
    "str": "give words in quotation marks",
    "frozen_set": "give a list in square brackets",
    "frozenset": "give a list in square brackets",
    "tuple": "give a list in square brackets",
}
_NO_FILE_SAYS = {ScheduleRow: ("review_computed",)}
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_OTHER_DATE = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})")


class Wording(NamedTuple):
    """How names are spoken of where the file has others than the entry."""

    renamed: Mapping[str, str] = {}  # the entry's name: the file's
    hints: Mapping[str, str] = {}  # what to say of a name that is not known
    instead: Mapping[str, str] = {}  # of a name that is not known: which one is to be written for it

    def also(self, hints: Mapping[str, str], instead: Mapping[str, str]) -> Wording:
        """The same with further hints."""
        return self._replace(hints={**self.hints, **hints}, instead=instead)


class Given(NamedTuple, Generic[Entry]):
    """What was made of an entry: the entry itself where nothing is wrong, and the values that are sound in any case."""

    entry: Entry | None
    sound: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """What an entry of one kind may say."""

    types: Mapping[str, str]
    needed: tuple[str, ...]
    adapter: TypeAdapter[Any] | None  # None: words alone, for which making one takes longer than all else


def form_of(kind: type[Any]) -> _Form:
    """What an entry of this kind may say and must say."""
    return _form_of(kind)


@cache
def _form_of(kind: Any) -> _Form:
    named = [f for f in fields(kind) if f.name not in _NO_FILE_SAYS.get(kind, ())]
    needed = tuple(f.name for f in named if f.default is MISSING and f.default_factory is MISSING)
    words = all(f.type == "str" for f in named)
    return _Form({f.name: str(f.type) for f in named}, needed, None if words else TypeAdapter(kind))


def typed(kind: type[Entry], given: object, at: Place, wrong: Wrong, wording: Wording | None = None) -> Given[Entry]:
    """One entry of a file, typed. What is wrong with it is told to `wrong`, each value by itself."""
    if not isinstance(given, Mapping):
        wrong(at, "this must be a table with names and values")
        return Given(None, {})
    form, (renamed, hints, instead) = form_of(kind), wording or Wording()
    faulty: set[str] = set()

    def amiss(key: str, message: str) -> None:
        faulty.add(key)
        wrong(at.of(key), message)

    known = [renamed.get(key, key) for key in form.types]
    for key in given:
        if key not in form.types:
            amiss(key, hints.get(key) or unknown(str(key), known))
    values = {}
    for key, value in given.items():
        if key in form.types:
            values[key] = value = _confirmed(key, value, form.types[key])
            if said := _amiss(value, form.types[key], needed=key in form.needed):
                amiss(key, f"“{renamed.get(key, key)}”: {said}")
    misspelt = {instead[key] for key in given if key in instead}
    misspelt |= {likely for key in given if key not in form.types for likely in meant(str(key), known)}
    for key in form.needed:
        if key not in given and renamed.get(key, key) in misspelt:
            faulty.add(key)
        elif key not in given:
            amiss(key, f"“{renamed.get(key, key)}” is missing{_RIGHT_SOURCE if key == 'source' else ''}")
    entry = None if faulty and form.adapter is None else _validated(kind, form, values, faulty, amiss, renamed)
    return Given(None if faulty else entry, {key: value for key, value in values.items() if key not in faulty})


def _validated(
    kind: type[Entry],
    form: _Form,
    values: Mapping[str, Any],
    faulty: Collection[str],
    amiss: Callable[[str, str], None],
    renamed: Mapping[str, str],
) -> Entry | None:
    """The entry with the types that it asks for; what can't be one is told to `amiss`, unless it was."""
    if form.adapter is None:
        return kind(**values)
    try:
        return form.adapter.validate_python(values)  # type: ignore[no-any-return]
    except ValidationError as error:
        for fault in error.errors():
            key = str(fault["loc"][0]) if fault["loc"] else ""
            if key not in faulty and not fault["type"].startswith("missing"):
                amiss(key, f"“{renamed.get(key, key)}”: {_right(fault)}{_given(fault['input'])}")
    return None


_RIGHT_SOURCE = ": say which line or document this comes from"


def _confirmed(key: str, value: object, wanted: str) -> object:
    """A value that is still to be confirmed is None, where it may be."""
    later = key in MAY_BE_CONFIRMED_LATER or wanted.startswith("date |")
    if later and "None" in wanted and isinstance(value, str) and value.strip().upper() == TO_BE_CONFIRMED:
        return None
    return value


def _amiss(value: object, wanted: str, *, needed: bool) -> str | None:
    """What is wrong with a value although pydantic might take it for something; None: nothing that is seen here."""
    if isinstance(value, str):
        if "\0" in value:
            return "give readable words"
        if wanted.startswith("bool"):
            return f"{_RIGHT['bool']}{_given(value)}"
        if needed and wanted == "str" and not value.strip():
            return "it is blank; give words"
        if wanted.startswith("date"):
            return None if _ISO.fullmatch(value) else f"{_RIGHT['date']}{_year_first(value)}{_given(value)}"
    elif wanted == "str":
        return f"{_RIGHT['str']}{_given(value)}"
    elif wanted.startswith("frozenset") and isinstance(value, list):
        twice = [one for number, one in enumerate(value) if one in value[:number]]
        return f"{shortened(str(twice[0]))} is there twice; leave one of them out" if twice else None
    elif isinstance(value, bool) != wanted.startswith("bool"):
        return f"{_right_of(wanted)}{_given(value)}"
    elif (
        wanted.startswith("date") and value is not None and (not isinstance(value, date) or isinstance(value, datetime))
    ):
        return f"{_RIGHT['date']}{_given(value)}"
    return None


def _year_first(text: str) -> str:
    """How a date that was written in another order would be written; where it could be two, both."""
    found = _OTHER_DATE.fullmatch(text)
    if found is None:
        return ", the year first"
    first, second, year = map(int, found.groups())
    meant: list[date] = []
    for day, month in ((first, second), (second, first)):
        with suppress(ValueError):
            meant.append(date(year, month, day))
    written = " or ".join(dict.fromkeys(f"{day} for {day.day} {day:%B}" for day in meant))
    return f", the year first: here {written}" if written else ", the year first"


def _given(value: object) -> str:
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f" (given: {shortened(shown)})"


def _right(fault: Any) -> str:
    """What would be right, in place of the library's own words."""
    if fault["type"] == "literal_error":
        return f"give one of {fault['ctx']['expected']}"
    return next((right for kind, right in _RIGHT.items() if fault["type"].startswith(kind)), str(fault["msg"]))


def _right_of(wanted: str) -> str:
    return next((right for kind, right in _RIGHT.items() if wanted.casefold().startswith(kind)), "give words")
