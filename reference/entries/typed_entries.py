"""Makes a typed entry of what a file gives for it, and says of each value that is none what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from reference.criteria import Criterion
from reference.pack import DeferralPolicy, PackSettings, ScheduleRow
from reference.pack_files import meant, shortened, unknown
from reference.problems import PackPlace

Entry = TypeVar("Entry")
Wrong = Callable[[PackPlace, str], None]

TO_BE_CONFIRMED = "TBC"
MOST_STRANGE = 3  # names of one entry that are told one by one
MAY_BE_CONFIRMED_LATER = ("credits", "total")  # besides every date that may be missing
# What would be right, by the start of a type or of pydantic's name for a fault.
_RIGHT = {
    "date": "give a date such as 2026-11-24",
    "int | literal['planned']": 'give a whole number, or "planned"',
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
_NO_FILE_SAYS = {
    ScheduleRow: ("review_computed",),
    Criterion: ("parts", "items"),
    PackSettings: ("window", "extensions", "removal"),  # an escalation says them
    DeferralPolicy: ("not_between",),
}
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*")
_NAMES = ("code", "identifier", "group", "key")  # that other entries name this one by
_WHOLE: dict[str, TypeAdapter[Any]] = {"int": TypeAdapter(int), "tuple": TypeAdapter(tuple[int, ...])}
_WORD = re.compile(r"'([^']+)'")
_OTHER_DATE = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})")


class Wording(NamedTuple):
    """How names are spoken of where the file has others than the entry."""

    renamed: Mapping[str, str] = {}  # the entry's name: the file's
    hints: Mapping[str, str] = {}  # what to say of a name that is not known
    instead: Mapping[str, str] = {}  # of a name that is not known: which one is to be written for it
    beside: tuple[str, ...] = ()  # names that the file has there and that are read apart

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
    later: frozenset[str]  # what may be still to be confirmed
    words: frozenset[str]  # what is words, or one of some words
    adapter: TypeAdapter[Any] | None  # None: words alone, for which making one takes longer than all else


_FORMS: dict[type[Any], _Form] = {}  # made once: for pydantic it takes longer than to read a pack


def form_of(kind: type[Any]) -> _Form:
    """What an entry of this kind may say and must say."""
    if kind not in _FORMS:
        _FORMS[kind] = _made(kind)
    return _FORMS[kind]


def _made(kind: type[Any]) -> _Form:
    named = [f for f in fields(kind) if f.name not in _NO_FILE_SAYS.get(kind, ())]
    needed = tuple(f.name for f in named if f.default is MISSING and f.default_factory is MISSING)
    types = {f.name: str(f.type) for f in named}
    later = {name for name, wanted in types.items() if name in MAY_BE_CONFIRMED_LATER or wanted.startswith("date |")}
    words = {name for name, wanted in types.items() if wanted in ("str", "str | None") or wanted.startswith("Literal")}
    alone = all(wanted == "str" for wanted in types.values())
    return _Form(types, needed, frozenset(later), frozenset(words), None if alone else TypeAdapter(kind))


def typed(
    kind: type[Entry],
    given: object,
    at: PackPlace,
    wrong: Wrong,
    wording: Wording | None = None,
    *,
    told: Collection[str] = (),
    as_text: bool = False,
) -> Given[Entry]:
    """One entry of a file, typed. What is wrong with it is told to `wrong`, each value by itself; of `told` it was.

    `as_text`: numbers and dates may stand as words, as in a table's cells and in the first format.
    """
    if not isinstance(given, Mapping):
        wrong(at, "this must be a table with names and values")
        return Given(None, {})
    form, (renamed, hints, instead, beside) = form_of(kind), wording or Wording()
    faulty: set[str] = set()
    called = _no_name if kind is PackSettings else partial(_named, renamed)  # of a setting the place names it

    def amiss(key: str, message: str) -> None:
        faulty.add(key)
        wrong(at.of(key), message)

    strange = [key for key in given if key not in form.types]
    known = [*(renamed.get(name, name) for name in form.types), *beside] if strange else []
    misspelt = {instead[key] for key in strange if key in instead}
    misspelt |= {likely for key in strange if key not in instead for likely in meant(str(key), known)}
    for key in strange[:MOST_STRANGE]:
        amiss(key, hints.get(key) or unknown(str(key), known))
    if len(strange) > MOST_STRANGE:  # as where the name of a table is lost, and its entries fall to the one before
        amiss(strange[MOST_STRANGE], f"{len(strange) - MOST_STRANGE} more names from here on are not known here")
    values = {}
    for key, value in given.items():
        if key not in form.types:
            continue
        values[key] = value = _confirmed(value) if key in form.later else value
        said = _amiss(value, form.types[key], words=key in form.words, needed=key in form.needed)
        if said := said or (None if as_text else _not_as_written(key, value, form.types[key])):
            amiss(key, f"{called(key)}{said}")
        elif as_text:
            values[key] = _counted(value, form.types[key])
    lacking = [key for key in form.needed if key not in given]
    faulty.update(lacking)
    if missing := [name for name in (renamed.get(key, key) for key in lacking) if name not in (*misspelt, *told)]:
        wrong(at if len(missing) > 1 else at.of(missing[0]), _missing(missing))
    entry = None if faulty and form.adapter is None else _validated(kind, form, values, faulty, amiss, called)
    return Given(None if faulty else entry, {key: value for key, value in values.items() if key not in faulty})


def _validated(
    kind: type[Entry],
    form: _Form,
    values: Mapping[str, Any],
    faulty: Collection[str],
    amiss: Callable[[str, str], None],
    called: Callable[[str], str],
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
                amiss(key, f"{called(key)}{_right(fault)}{_given(fault['input'])}")
    return None


def _named(renamed: Mapping[str, str], key: str) -> str:
    return f"“{renamed.get(key, key)}”: "


def _no_name(key: str) -> str:
    return ""


def _missing(names: Sequence[str]) -> str:
    if names == ["source"]:
        return "“source” is missing: say which line or document this comes from"
    return f"{', '.join(f'“{name}”' for name in names)} {'is' if len(names) == 1 else 'are'} missing"


def _confirmed(value: object) -> object:
    """A value that is still to be confirmed is None."""
    return None if isinstance(value, str) and value.strip().upper() == TO_BE_CONFIRMED else value


def _amiss(value: object, wanted: str, *, words: bool, needed: bool) -> str | None:
    """What is wrong with a value although pydantic might take it for something; None: nothing that is seen here."""
    if isinstance(value, str):
        if "\0" in value:
            return "give readable words"
        if words:
            return "it is blank; give words" if needed and wanted == "str" and is_blank(value) else None
        if wanted.startswith("bool"):
            return f"{_RIGHT['bool']}{_given(value)}"
        if wanted.startswith("date"):
            return None if _ISO.fullmatch(value) else f"{_RIGHT['date']}{_year_first(value)}{_given(value)}"
        return None
    return _amiss_besides_words(value, wanted)


def is_blank(words: str) -> bool:
    """Whether nothing was written, or what stands in an example for what is to be written."""
    return not words.strip().strip("…")


def _not_as_written(key: str, value: object, wanted: str) -> str | None:
    """What is wrong with a value that is not written as pack.toml writes it; None: nothing."""
    if wanted.startswith("tuple[int") and isinstance(value, list):
        return next((said for one in value if (said := _not_as_written(key, one, "int"))), None)
    if isinstance(value, str):
        if key in _NAMES and value != value.strip():
            return f"leave out the blank before or after it (given: “{shortened(value)}”)"
        if wanted.startswith("date"):
            return f'write the date without quotation marks (given: "{value}")' if _is_day(value) else None
        if wanted.startswith(("int", "Decimal")) and f"'{value}'" not in wanted:
            if _NUMBER.fullmatch(value):
                return f'write the number without quotation marks (given: "{shortened(value)}")'
            return f"{_right_of(wanted)}{_given(value)}"
    if wanted.startswith("int") and isinstance(value, bool | float):
        return f"{_right_of(wanted)}{_given(value)}"
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _counted(value: object, wanted: str) -> object:
    """A whole number, or a list of them, that stands as words: as the number that it is taken for, where it can be."""
    adapter = next((adapter for kind, adapter in _WHOLE.items() if wanted.startswith(kind)), None)
    if adapter is None or value is None or (wanted.startswith("tuple") and "int" not in wanted):
        return value
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return value


def _amiss_besides_words(value: object, wanted: str) -> str | None:
    if wanted == "str":
        return f"{_RIGHT['str']}{_given(value)}"
    if wanted.startswith("frozenset") and isinstance(value, list):
        twice = [one for number, one in enumerate(value) if one in value[:number]]
        return f"{shortened(str(twice[0]))} is there twice; leave one of them out" if twice else None
    if isinstance(value, bool) != wanted.startswith("bool"):
        return f"{_right_of(wanted)}{_given(value)}"
    a_day = isinstance(value, date) and not isinstance(value, datetime)
    return f"{_RIGHT['date']}{_given(value)}" if wanted.startswith("date") and value is not None and not a_day else None


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
        expected = fault["ctx"]["expected"]
        is_meant = "".join(f"; is “{likely}” meant?" for likely in meant(str(fault["input"]), _WORD.findall(expected)))
        return f"give one of {expected}{is_meant}"
    return next((right for kind, right in _RIGHT.items() if fault["type"].startswith(kind)), str(fault["msg"]))


def _right_of(wanted: str) -> str:
    return next((right for kind, right in _RIGHT.items() if wanted.casefold().startswith(kind)), "give words")
