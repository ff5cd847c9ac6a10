"""Another system's names and words become ours: a small TOML file.

kind = "register"            # where the header alone does not tell; may be left out

[columns]                    # their header -> our column, for every kind
"Learner ID" = "participant_id"

[columns.register]           # the same, for one kind only
"Outcome" = "status"

[words.status]               # their word -> ours, in one of our columns
"Present" = "attended"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from core.imports.kinds import KINDS, Kind, kind_named
from core.spreadsheets import cells
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.reading import header_name

_ALL_COLUMNS = {name for kind in KINDS.values() for name in kind.by_name}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping file, checked. Header names as `reading.header_name` gives them; words casefolded."""

    kind: Kind | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    columns_by_kind: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    words: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def columns_for(self, kind: str) -> Mapping[str, str]:
        """Their header names -> our columns for one kind."""
        return {**self.columns, **self.columns_by_kind.get(kind, {})}

    def their_names(self) -> set[str]:
        """Every header name that it translates."""
        return set(self.columns).union(*self.columns_by_kind.values())


NOTHING_MAPPED = ColumnMapping()


def read_mapping(path: Path) -> ColumnMapping:
    """Reads and checks a mapping file. Raises `FileFault` with one sentence that says what to mend."""
    file = str(path)
    try:
        content = path.read_bytes().decode("utf-8-sig")
        tree = tomllib.loads(content)
    except (OSError, ValueError, RecursionError) as trouble:
        if isinstance(trouble, UnicodeDecodeError):
            raise FileFault(file, "The mapping file is not UTF-8 text: save it again as UTF-8.") from None
        if isinstance(trouble, tomllib.TOMLDecodeError | RecursionError):  # the latter: nested without end
            raise FileFault(file, f"The mapping file is not proper TOML: {trouble}.") from None
        why = getattr(trouble, "strerror", None) or "its name is not allowed"
        raise FileFault(file, f"The mapping file cannot be read ({why}): check its name.") from None
    for name in tree:
        if name not in ("kind", "columns", "words"):
            raise FileFault(file, f"The mapping file may hold kind, [columns] and [words.…], not “{name}”.")
    columns, by_kind = _columns(file, tree.get("columns", {}))
    return ColumnMapping(_kind(file, tree.get("kind")), columns, by_kind, _words(file, tree.get("words", {})))


def _kind(file: str, name: object) -> Kind | None:
    if name is None:
        return None
    if not isinstance(name, str) or (kind := kind_named(name)) is None:
        raise FileFault(file, f"The mapping file's kind must be {cells.listed(tuple(KINDS))}, not “{name}”.")
    return kind


def _columns(file: str, table: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    if not isinstance(table, dict):
        raise FileFault(file, "The mapping file's [columns] must be a table: their header = our column.")
    general: dict[str, str] = {}
    by_kind: dict[str, dict[str, str]] = {}
    for theirs, ours in table.items():
        if isinstance(ours, dict):
            kind = kind_named(theirs)
            if kind is None:
                raise FileFault(
                    file, f"The mapping file's [columns.{theirs}] names no kind: {cells.listed(tuple(KINDS))}."
                )
            by_kind[kind.name] = {
                header_name(one): _column(file, one, name, set(kind.by_name), f"a column of {kind.name}")
                for one, name in ours.items()
            }
        else:
            general[header_name(theirs)] = _column(file, theirs, ours, _ALL_COLUMNS, "a column of any kind")
    return general, by_kind


def _column(file: str, theirs: str, ours: object, allowed: set[str], what: str) -> str:
    name = header_name(ours) if isinstance(ours, str) else ""
    if name not in allowed:
        raise FileFault(file, f"The mapping file translates the column “{theirs}” to “{ours}”, which is not {what}.")
    return name


def _words(file: str, table: object) -> dict[str, dict[str, str]]:
    if not isinstance(table, dict):
        raise FileFault(file, "The mapping file's [words.…] must be tables: their word = our word.")
    answer: dict[str, dict[str, str]] = {}
    for column, words in table.items():
        name = header_name(column)
        if name not in _ALL_COLUMNS:
            raise FileFault(file, f"The mapping file's [words.{column}] names no column that we read.")
        if not isinstance(words, dict):
            raise FileFault(file, f"The mapping file's [words.{column}] must be a table: their word = our word.")
        answer[name] = {}
        for theirs, ours in words.items():
            if not isinstance(ours, str):
                raise FileFault(
                    file, f"The mapping file's [words.{column}] must give “{theirs}” a word in quotation marks."
                )
            answer[name][cells.trimmed(theirs).casefold()] = _word(file, name, theirs, cells.trimmed(ours))
    return answer


def _word(file: str, column: str, theirs: str, ours: str) -> str:
    """Our word, which some kind with this column has to understand; an empty one stands for a blank cell."""
    troubles = []
    for kind in KINDS.values():
        if ours and column in kind.by_name:
            try:
                kind.by_name[column].parse(ours)
                return ours
            except cells.NotRight as trouble:
                troubles.append(trouble.message)
    if troubles:
        raise FileFault(file, f"The mapping file's [words.{column}] translates “{theirs}” to “{ours}”: {troubles[0]}")
    return ours
