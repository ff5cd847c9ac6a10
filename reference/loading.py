"""Loads a policy pack from its folder and refuses one that contradicts itself, saying where.

A pack is a folder with `pack.toml`, `schedule.csv`, `blocks.csv` and `activities.csv`; `packs/edt-v18` shows every entry.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from reference import old_format
from reference.consistency import Entries, contradictions
from reference.pack import (
    Activity,
    AssessmentWindow,
    Block,
    Cohort,
    Course,
    CriteriaSet,
    Criterion,
    Erratum,
    External,
    OutputSpec,
    Pack,
    PackSettings,
    Paper,
    Saying,
    ScheduleRow,
)
from reference.problems import PackError, PackProblem
from reference.schedule import dates_of, each_that_differs, in_order

PACKS = Path(__file__).parent / "packs"
FILES = ("pack.toml", "schedule.csv", "blocks.csv", "activities.csv")
TABLES = (
    "course",
    "group_names",
    "output",
    "criteria",
    "cohort",
    "papers",
    "assessment_window",
    "settings",
    "saying",
    "erratum",
    "external",
)
TO_BE_CONFIRMED = "TBC"
LONGEST_SHOWN = 80  # characters of a wrong value

# What would be right, by the start of pydantic's name for a fault.
_RIGHT = {
    "date": "give a date such as 2026-11-24",
    "int": "give a whole number",
    "decimal": "give a number",
    "string": "give words in quotation marks",
    "frozen_set": "give a list in square brackets",
    "tuple": "give a list in square brackets",
}

Entry = TypeVar("Entry")


def load_pack(name_or_path: str) -> Pack:
    """The pack of this name (`"edt-v18"`) or in this folder. Raises `PackError` with every problem found."""
    pack, problems = _read(folder_of(name_or_path))
    if pack is None or problems:
        raise PackError(problems)
    return pack


def check_pack(name_or_path: str) -> list[PackProblem]:
    """Everything that is wrong with a pack; empty when it can be used."""
    try:
        return _read(folder_of(name_or_path))[1]
    except PackError as error:
        return list(error.problems)


def folder_of(name_or_path: str) -> Path:
    """The folder of the pack of this name, or this folder itself. Raises `PackError` where there is none."""
    shipped = {path.name: path for path in PACKS.iterdir() if path.is_dir()}
    folder = shipped.get(name_or_path, Path(name_or_path))
    if not name_or_path or not os.path.isdir(folder):  # never raises, whatever the name
        known = ", ".join(sorted(shipped))
        said = f"there is no such pack: give a folder, or the name of a pack that is shipped ({known})"
        raise PackError([PackProblem(name_or_path or "NPQ_PACK", said)])
    return folder


def hash_of(files: Mapping[str, bytes]) -> str:
    """A pack's hash, by what its files hold; one that is missing counts as such."""
    whole = hashlib.sha256()
    for name in FILES:
        if name in files:
            whole.update(name.encode() + b"\0" + files[name])
    return whole.hexdigest()


def _read(folder: Path) -> tuple[Pack | None, list[PackProblem]]:
    reader = _Reader(folder)
    said = _all_said(reader)
    if said is None:
        return None, reader.problems
    problems = contradictions(said.entries)
    return (None, problems) if problems else (_pack(said, reader.digest()), [])


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    version: str
    title: str
    lead_provider: str


@dataclass(frozen=True, slots=True)
class _BlockRow:
    course: str
    block: int
    credits: int | None
    source: str


class _Said(NamedTuple):
    """What the files of a pack say."""

    head: _Head
    entries: Entries
    group_names: Mapping[str, str]
    errata: Sequence[Erratum]
    external: Sequence[External]
    setting_sources: Mapping[str, str]


def _all_said(reader: _Reader) -> _Said | None:
    """Reads every file; None when anything in them is wrong, which the reader has noted in the order of the files."""
    top = reader.toml("pack.toml")
    if old_format.is_old(top):
        top = old_format.brought_up_to_date(top)
    reader.only_known_tables(top)
    courses = reader.entries(Course, "pack.toml", top.get("course"), "course")
    outputs = reader.entries(OutputSpec, "pack.toml", top.get("output"), "output")
    cohorts = reader.entries(Cohort, "pack.toml", top.get("cohort"), "cohort")
    windows = reader.entries(AssessmentWindow, "pack.toml", top.get("assessment_window", []), "assessment_window")
    sayings = reader.entries(Saying, "pack.toml", top.get("saying", []), "saying")
    errata = reader.entries(Erratum, "pack.toml", top.get("erratum", []), "erratum")
    external = reader.entries(External, "pack.toml", top.get("external", []), "external")
    papers = reader.entries(Paper, "pack.toml", top.get("papers"), "papers")
    criteria = reader.criteria(top.get("criteria"), outputs)
    settings, setting_sources = reader.settings(top.get("settings"))
    schedule = reader.table(ScheduleRow, "schedule.csv")
    block_rows = reader.table(_BlockRow, "blocks.csv")
    activities = reader.table(Activity, "activities.csv")
    group_names = reader.words("group_names", top.get("group_names", {}))
    head = reader.entry(
        _Head, "pack.toml", {key: value for key, value in top.items() if not isinstance(value, list | dict)}
    )
    if reader.problems or settings is None or head is None:
        return None
    entries = Entries(
        courses=courses,
        outputs=outputs,
        cohorts=in_order(cohorts),
        criteria=criteria,
        papers=papers,
        schedule=schedule,
        blocks=[_block(row, activities) for row in block_rows],
        activities=activities,
        windows=windows,
        sayings=sayings,
        settings=settings,
    )
    return _Said(head, entries, group_names, errata, external, setting_sources)


def _block(row: _BlockRow, activities: Sequence[Activity]) -> Block:
    """A block with its activities."""
    held = tuple(a for a in activities if (a.course, a.block) == (row.course, row.block))
    return Block(row.course, row.block, row.credits, held, row.source)


def _pack(said: _Said, digest: str) -> Pack:
    """The pack, each of its entries found by what it is asked for."""
    head, given = said.head, said.entries
    before = given.settings.review_days_before_cut_off
    dates = dates_of(given.courses, given.cohorts, given.schedule, before)
    return Pack(
        name=head.name,
        version=head.version,
        title=head.title,
        lead_provider=head.lead_provider,
        hash=digest,
        courses={course.code: course for course in given.courses},
        cohorts={cohort.key: cohort for cohort in given.cohorts},
        group_names=said.group_names,
        outputs=_grouped(given.outputs, lambda o: o.group, lambda o: o.number),
        criteria={(c.group, c.output): c for c in given.criteria},
        papers=tuple(given.papers),
        given_dates=tuple(given.schedule),
        dates=dates,
        schedule=each_that_differs(dates),
        blocks=_grouped(given.blocks, lambda b: b.course, lambda b: b.number),
        totals={course.code: course.total for course in given.courses},
        assessment_windows={(w.group, w.cohort): w for w in given.windows},
        settings=given.settings,
        errata=tuple(said.errata),
        sayings={saying.key: saying for saying in given.sayings},
        external_documents=tuple(said.external),
        setting_sources=said.setting_sources,
    )


class _Reader:
    """Reads the files of one folder and collects what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[PackProblem] = []
        self._bytes: dict[str, bytes] = {}
        self._adapters: dict[type[Any], TypeAdapter[Any]] = {}

    def digest(self) -> str:
        """A hash over all files, so that a verdict can say which pack it rests on."""
        return hash_of(self._bytes)

    def text(self, name: str) -> str:
        """A file's text; a missing or badly encoded one is a problem and reads as empty."""
        try:
            self._bytes[name] = (self.folder / name).read_bytes()
            return self._bytes[name].decode("utf-8-sig")
        except OSError:
            self.wrong(name, "this file is missing or can't be read")
        except UnicodeDecodeError:
            self.wrong(name, "this file is not UTF-8; save it as UTF-8")
        return ""

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML file as a table."""
        try:
            return tomllib.loads(self.text(name))
        except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter: nested without end
            self.wrong(name, f"this is not valid TOML: {error}")
            return {}

    def table(self, kind: type[Entry], name: str) -> list[Entry]:
        """The rows of a CSV file; blank cells take the entry's default, TBC is None."""
        try:
            header, *rows = csv.reader(io.StringIO(self.text(name))) or [[]]
        except ValueError:
            return []  # an empty file, which `text` may have complained of already
        except csv.Error as error:
            self.wrong(name, f"this file can't be read as CSV: {error}")
            return []
        if not self._header(kind, name, header):
            return []
        found = []
        for number, row in enumerate(rows, start=2):
            if len(row) > len(header):
                self.wrong(f"{name}:{number}", "this row has more cells than the header")
            elif any(cell.strip() for cell in row):
                given = {key: cell for key, cell in zip(header, row, strict=False) if cell != ""}
                entry = self.entry(kind, f"{name}:{number}", given)
                found += [] if entry is None else [entry]
        return found

    def _header(self, kind: type[Entry], name: str, header: list[str]) -> bool:
        """Whether every column is known and there once: said once for the file, not for each row."""
        if len(header) == 1 and ";" in header[0]:
            self.wrong(name, "the cells are separated by semicolons; save it with commas")
            return False
        names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
        strange = [column for column in header if column not in names]
        for column in strange:
            self.wrong(f"{name}:1", f"“{_shortened(column)}” is not known here; known are {', '.join(names)}")
        twice = sorted({column for column in header if header.count(column) > 1})
        for column in twice:
            self.wrong(f"{name}:1", f"the column “{column}” is there twice")
        return not strange and not twice

    def entries(self, kind: type[Entry], name: str, given: object, title: str) -> list[Entry]:
        """The entries of an array of tables."""
        if not isinstance(given, list):
            self.wrong(name, f"there is no [[{title}]] entry")
            return []
        numbered = ((f"{name}: {title} {number}", entry) for number, entry in enumerate(given, start=1))
        return [made for where, entry in numbered if (made := self.entry(kind, where, entry)) is not None]

    def entry(self, kind: type[Entry], where: str, given: object) -> Entry | None:
        """One entry, typed; None (and a problem each) when it can't be."""
        if not isinstance(given, Mapping):
            self.wrong(where, "this must be a table with names and values")
            return None
        names = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
        unknown = [key for key in given if key not in names]
        missing = [
            n for n, f in names.items() if n not in given and f.default is MISSING and f.default_factory is MISSING
        ]
        for key in unknown:
            self.wrong(where, f"“{key}” is not known here; known are {', '.join(names)}")
        for key in missing:
            self.wrong(where, f"“{key}” is missing")
        if unknown or missing:
            return None
        confirmed = {
            key: None if value == TO_BE_CONFIRMED and _may_be_none(names[key].type) else value
            for key, value in given.items()
        }
        if not str(confirmed.get("source", "given")).strip():
            self.wrong(where, "“source” is blank: say which line or document this comes from")
        for key, value in confirmed.items():
            if isinstance(value, str) and (
                "\0" in value or (key in ("name", "version", "title", "key") and not value.strip())
            ):
                self.wrong(where, f"“{key}” must be readable words")
        try:
            return self._adapter(kind).validate_python(confirmed)
        except ValidationError as error:
            for fault in error.errors():
                name = ".".join(map(str, fault["loc"]))
                self.wrong(where, f"“{name}”: {_right(fault)} (given: {_shortened(str(fault['input']))})")
            return None

    def _adapter(self, kind: type[Entry]) -> TypeAdapter[Entry]:
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        return self._adapters[kind]

    def criteria(self, given: object, outputs: Sequence[OutputSpec]) -> list[CriteriaSet]:
        """One set for each output that an entry names by its group and its declaration."""
        found: list[CriteriaSet] = []
        if not isinstance(given, list):
            self.wrong("pack.toml", "there is no [[criteria]] entry")
            return found
        for number, entry in enumerate(given, start=1):
            where = f"pack.toml: criteria {number}"
            if not isinstance(entry, Mapping):
                self.wrong(where, "this must be a table with names and values")
                continue
            criteria = self.entries(Criterion, "pack.toml", entry.get("criterion"), f"criteria {number}, criterion")
            rest = {key: value for key, value in entry.items() if key not in ("criterion", "groups", "declarations")}
            groups = entry.get("groups")
            if not isinstance(groups, list) or not groups or not all(isinstance(group, str) for group in groups):
                self.wrong(where, '“groups” is needed: the course groups that it is for, e.g. ["specialist"]')
                groups = [""]  # so that the rest is looked at too
            named = [o for o in outputs if o.group in groups and o.declaration_type in entry.get("declarations", ())]
            for output in named:
                made = self.entry(
                    CriteriaSet, where, {**rest, "group": output.group, "output": output.number, "criteria": ()}
                )
                if made is not None:
                    found.append(CriteriaSet(made.group, made.output, made.combine, tuple(criteria), made.source))
        return found

    def settings(self, given: object) -> tuple[PackSettings | None, dict[str, str]]:
        """The settings and where each comes from."""
        if not isinstance(given, dict):
            self.wrong("pack.toml", "there is no [settings] table")
            return None, {}
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for key, entry in given.items():
            if not isinstance(entry, dict) or set(entry) != {"value", "source"} or not str(entry["source"]).strip():
                self.wrong(f"pack.toml: settings.{key}", "write { value = …, source = … }, both filled in")
                continue
            values[key], sources[key] = entry["value"], entry["source"]
        return self.entry(PackSettings, "pack.toml: settings", values), sources

    def words(self, title: str, given: object) -> dict[str, str]:
        """A table of names and words."""
        if not isinstance(given, dict) or not all(isinstance(word, str) and word.strip() for word in given.values()):
            self.wrong(f"pack.toml: {title}", "write a table of names and words in quotation marks")
            return {}
        return given

    def only_known_tables(self, top: Mapping[str, Any]) -> None:
        """A table with a misspelt name would silently count for nothing."""
        for key, value in top.items():
            if isinstance(value, list | dict) and key not in TABLES:
                self.wrong("pack.toml", f"“{key}” is not known here; known tables are {', '.join(TABLES)}")

    def wrong(self, where: str, message: str) -> None:
        """Notes a problem."""
        self.problems.append(PackProblem(where, message))


def _right(fault: Any) -> str:
    """What would be right, in place of the library's own words."""
    if fault["type"] == "literal_error":
        return f"give one of {fault['ctx']['expected']}"
    return next((right for kind, right in _RIGHT.items() if fault["type"].startswith(kind)), str(fault["msg"]))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _may_be_none(annotation: object) -> bool:
    return "None" in str(annotation)


def _grouped(
    entries: Iterable[Entry], key: Callable[[Entry], str], order: Callable[[Entry], int]
) -> dict[str, tuple[Entry, ...]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return {name: tuple(sorted(members, key=order)) for name, members in groups.items()}
