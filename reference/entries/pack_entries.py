"""The typed entries that the files of a pack give, in today's format or in the first, and what their names are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeVar

from reference.checks.given_entries import Asking, BlockRow, CriteriaEntry, GateEntry, GivenEntries, Names
from reference.criteria import CriteriaGroup
from reference.entries import old_format
from reference.entries.criteria_entries import TreeReader
from reference.entries.price_entries import A_SHARE, AN_AMOUNT, amount_of, share_of
from reference.entries.typed_entries import Wording, form_of, is_blank, typed
from reference.pack import (
    KIND_OF,
    Activity,
    AssessmentWindow,
    Cohort,
    Course,
    DeclarationType,
    DeferralPolicy,
    Erratum,
    Escalation,
    EventKind,
    External,
    NotBetween,
    OutputSpec,
    PackSettings,
    Paper,
    PersonalLimit,
    Price,
    Saying,
    ScheduleRow,
    Start,
    bare,
)
from reference.pack_files import PackFiles, meant, shortened, unknown
from reference.problems import PackPlace

FORMAT = 2
HEAD = ("format", "name", "version", "title", "lead_provider")
TABLES = (
    "course",
    "group_names",
    "output",
    "criteria",
    "gate",
    "event_kind",
    "cohort",
    "papers",
    "price",
    "personal_limit",
    "assessment_window",
    "settings",
    "escalation",
    "deferral",
    "saying",
    "erratum",
    "external",
)
MAY_LACK = (
    "gate",
    "event_kind",
    "price",
    "personal_limit",
    "assessment_window",
    "escalation",
    "saying",
    "erratum",
    "external",
)
PACK = PackPlace("pack.toml")
EVENT_KINDS = (  # where a pack names none
    EventKind("f2f", "face-to-face event", "house"),
    EventKind("live_webinar", "live webinar", "house"),
)
Entry = TypeVar("Entry")
Number = TypeVar("Number", Decimal, Fraction)
Tree = TypeVar("Tree", bound=Asking)

_AT_THE_TOP = {
    name: f"“{name}” stands below a table here; it belongs at the top of the file, above the first square bracket"
    for name in ("format", "lead_provider", "papers")
}
_COMMON = Wording(hints=_AT_THE_TOP)
_WORDING = {
    "output": _COMMON.also({"kind": "leave “kind” out: it follows from the declaration_type"}, {}),
    "criteria": _COMMON.also(
        {"kind": 'instead of “kind” name the outputs by type, such as declarations = ["started"]'},
        {"kind": "declarations"},
    )._replace(beside=("criterion",)),
    "gate": _COMMON.also(
        {"declarations": "leave “declarations” out: a gate stands beside the output that is declared completed"}, {}
    )._replace(beside=("criterion",)),
}
_BARE_NAMES = ("code", "group", "key")
_OLD_COHORT = _COMMON._replace(renamed=old_format.RENAMED)


@dataclass(frozen=True, slots=True)
class Head:
    """What a pack.toml says of itself at its top."""

    name: str
    version: str
    title: str
    lead_provider: str


@dataclass(frozen=True, slots=True)
class _Output:
    """One [[output]] of the file, which does not say its kind."""

    group: str
    number: int
    declaration_type: DeclarationType
    title: str
    source: str
    share: str | None = None


@dataclass(frozen=True, slots=True)
class _Price:
    """One [[price]] of the file, its amount as it is written."""

    course: str
    amount: str
    source: str
    cohort: str | None = None


@dataclass(frozen=True, slots=True)
class _Cohort:
    """One [[cohort]] of the file, without its starts."""

    key: str
    name: str
    courses: frozenset[str]
    source: str
    starts_on: date | None = None
    funding: Literal["zero", "capped", "full"] | None = None


class PackEntries(NamedTuple):
    """What the files of a pack say. `head` and `settings` are None where something is wrong with them."""

    top: Mapping[str, Any]
    head: Head | None
    settings: PackSettings | None
    given: GivenEntries
    errata: Sequence[Erratum]
    external: Sequence[External]
    setting_sources: Mapping[str, str]


def read_entries(files: PackFiles) -> PackEntries:
    """Reads every file of a pack. What is wrong in them is noted in `files`, and all that is sound is given."""
    top = files.toml("pack.toml")
    return _EntryReader(files, top).read()


def label_of(top: Mapping[str, Any], at: PackPlace) -> str:
    """How people find an entry of pack.toml besides its line: "cohort 2026b"; "" for what stands in none."""
    match at.path:
        case ("settings", name):
            return f"settings.{name}"
        case ("criteria" | "gate", int(), "criterion", int(), *_):
            return _label_in_tree(top, at.path)
        case (str(table), int(n), *_):
            return f"{table} {_called(_within(top, table, n)) or n + 1}"
        case (str(table), *_) if table in TABLES:
            return table
    return ""


def _label_in_tree(top: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """How people find what stands in a tree: "criterion video", "group 1.2", "criterion weighted, part 2"."""
    depth = next((n for n in range(2, len(path), 2) if path[n] != "criterion" or path[n + 1 :] == ()), len(path))
    found = _within(top, *path[:depth])
    number = ".".join(str(int(n) + 1) for n in path[3:depth:2])
    kind = "group" if {"combine", "criterion"} & found.keys() and "shape" not in found else "criterion"
    match path[depth:]:
        case ("part" | "items" as table, int(n), *_):
            within = f", {'part' if table == 'part' else 'item'} {n + 1}"
        case _:
            within = ""
    return f"{kind} {found.get('key') or number}{within}"


def _within(top: Any, *path: str | int) -> Mapping[str, Any]:
    """What stands at a path; nothing where it is no table."""
    for key in path:
        try:
            top = top[key]
        except (LookupError, TypeError):
            return {}
    return top if isinstance(top, Mapping) else {}


def _called(entry: Mapping[str, Any]) -> str:
    """The name of an entry: the first that it has of what names one."""
    for keys in (
        ("key",),
        ("code",),
        ("group", "cohort"),
        ("group", "number"),
        ("groups", "declarations"),
        ("number",),
        ("course", "cohort"),
        ("course",),
        ("groups", "title"),
        ("groups",),
    ):
        if all(key in entry for key in keys):
            words = (entry[key] for key in keys)
            return " ".join(", ".join(map(str, w)) if isinstance(w, list) else str(w) for w in words).strip()
    return ""


class _EntryReader:
    """Reads the entries of one pack, table by table."""

    def __init__(self, files: PackFiles, top: Mapping[str, Any] | None) -> None:
        self.files = files
        self.misspelt: set[str] = set()  # tables that are there under nearly their name
        self.written = top is not None  # otherwise the file is no TOML, which says it all
        self.top: Mapping[str, Any] = top or {}
        self.old = old_format.is_old(self.top)
        self.names = Names()
        self.places: dict[int, PackPlace] = {}
        self.known_courses: list[Course] = []  # faulty, but known by code and group
        self.starts: dict[PackPlace, tuple[Start, ...]] = {}  # by their cohort's place
        self.known_cohorts: list[Cohort] = []
        self.held: list[object] = []  # an entry's identity names its place, so none of them may go
        self.trees: dict[int, CriteriaGroup] = {}
        self.tree_readers = {
            table: TreeReader(table, self._entry, self._placed, self._wrong, _COMMON) for table in ("criteria", "gate")
        }

    def read(self) -> PackEntries:
        head = self._head()
        if self.old:
            for path, message in old_format.faults(self.top):
                self._wrong(PACK.of(*path), message)
            self.top = old_format.brought_up_to_date(self.top)
        errata, external = self._entries(Erratum, "erratum"), self._entries(External, "external")
        settings, sound, sources = self._settings()
        courses, cohorts = self._entries(Course, "course"), self._cohorts()
        deferral, not_between = self._deferral()
        given = GivenEntries(
            courses=courses,
            known_courses=[*courses, *self.known_courses],
            group_names=self._group_names(),
            outputs=self._outputs(),
            cohorts=cohorts,
            known_cohorts=[*cohorts, *self.known_cohorts],
            criteria=self._criteria(),
            gates=self._gates(),
            trees=self.trees,
            partly=set().union(*(reader.partly for reader in self.tree_readers.values())),
            written={key: keys for reader in self.tree_readers.values() for key, keys in reader.written.items()},
            event_kinds=self._event_kinds(),
            papers=self._entries(Paper, "papers"),
            prices=self._prices(),
            personal_limits=self._entries(PersonalLimit, "personal_limit"),
            schedule=self._rows(ScheduleRow, "schedule.csv"),
            blocks=self._rows(BlockRow, "blocks.csv"),
            activities=self._rows(Activity, "activities.csv"),
            windows=self._entries(AssessmentWindow, "assessment_window"),
            escalations=self._entries(Escalation, "escalation"),
            sayings=self._entries(Saying, "saying"),
            settings=sound,
            deferral=deferral,
            not_between=not_between,
            names=self.names,
            places=self.places,
        )
        self._note_names()
        return PackEntries(self.top, head, settings, given, errata, external, sources)

    def _wrong(self, at: PackPlace, message: str) -> None:
        self.files.wrong(at, message)

    def _head(self) -> Head | None:
        if not self.written:
            return None
        if "format" in self.top:
            given = self.top["format"]
            if given != FORMAT or isinstance(given, bool | float):
                says = f"write format = {FORMAT}, or leave it out in a pack of the first format"
                shown = f'"{shortened(given)}"' if isinstance(given, str) else given
                self._wrong(PACK.of("format"), f"“format”: {says} (given: {shown})")
        elif old_format.is_of_today(self.top):
            says = f"“format = {FORMAT}” is missing: this pack says what only that format has; write it at the top"
            self._wrong(PACK._replace(line=1), says)
        for key, value in self.top.items():
            if isinstance(value, list | dict) and key not in TABLES:
                self._wrong(PACK.of(key), unknown(key, TABLES))
                self.misspelt.update(meant(key, TABLES))
        head = {
            k: v for k, v in self.top.items() if k != "format" and k not in TABLES and not isinstance(v, list | dict)
        }
        return typed(Head, head, PACK, self._wrong).entry

    def _list(self, table: str) -> list[Any]:
        """The entries of an array of tables; a table that must be there and is not is a fault."""
        given = self.top.get(table)
        if given is None and (table in (*MAY_LACK, *self.misspelt) or not self.written):
            return []
        if table == "papers" and given is None:
            self._wrong(
                PACK,
                "there is no [[papers]] entry: which signed papers are wanted? Write papers = [] at the top for none",
            )
        elif not isinstance(given, list):
            at = PACK if given is None else PACK.of(table)
            self._wrong(
                at, f"there is no [[{table}]] entry" if given is None else f"write each of them under [[{table}]]"
            )
        elif not given and table not in ("papers", *MAY_LACK):
            self._wrong(PACK.of(table), f"there is no [[{table}]] entry")
        else:
            self.names.complete.add(table)
            return given
        return []

    def _entries(self, kind: type[Entry], table: str, wording: Wording | None = None) -> list[Entry]:
        """The sound entries of an array of tables."""
        found = []
        for number, given in enumerate(self._list(table)):
            made = self._entry(kind, table, given, PACK.of(table, number), wording)
            found += [] if made is None else [made]
        return found

    def _entry(
        self, kind: type[Entry], table: str, given: object, at: PackPlace, wording: Wording | None = None
    ) -> Entry | None:
        """One entry with its place; None where it is faulty, which is noted."""
        as_text = self.old or at.line is not None
        entry, sound = typed(kind, given, at, self._wrong, wording or _WORDING.get(table, _COMMON), as_text=as_text)
        if entry is None:
            self.names.faulty.setdefault(table, []).append(given if isinstance(given, Mapping) else {})
            if table == "course" and {"code", "group"} <= sound.keys():
                self.known_courses.append(Course(sound["code"], "", "", sound["group"], None, ""))
            if table == "cohort" and {"key", "courses"} <= sound.keys():
                self._known(sound, at)
        else:
            self._placed(entry, at)
        return entry

    def _known(self, sound: Mapping[str, Any], at: PackPlace) -> None:
        """Notes a faulty cohort of which enough is sound for its dates to be looked at."""
        day, starts = sound.get("starts_on"), self.starts.get(at, ())
        begins = day if isinstance(day, date) else None
        self.known_cohorts.append(Cohort(sound["key"], "", frozenset(sound["courses"]), "", begins, None, starts))

    def _placed(self, entry: object, at: PackPlace) -> None:
        self.places[id(entry)] = at
        self.held.append(entry)

    def _outputs(self) -> list[OutputSpec]:
        found = []
        for given in self._entries(_Output, "output"):
            kind = KIND_OF[given.declaration_type]
            share = None if given.share is None else self._exactly("output", given, "share", share_of, A_SHARE)
            output = OutputSpec(
                given.group, given.number, kind, given.declaration_type, given.title, given.source, share
            )
            self._placed(output, self.places[id(given)])
            found.append(output)
        return found

    def _prices(self) -> list[Price]:
        found = []
        for given in self._entries(_Price, "price"):
            amount = self._exactly("price", given, "amount", amount_of, AN_AMOUNT)
            if amount is not None:
                price = Price(given.course, amount, given.source, given.cohort)
                self._placed(price, self.places[id(given)])
                found.append(price)
        return found

    def _exactly(
        self, table: str, given: object, key: str, exact: Callable[[str], Number | None], right: str
    ) -> Number | None:
        """The number that an entry's words stand for; where they stand for none, that is noted."""
        written = getattr(given, key)
        number = exact(written)
        if number is None:
            self._wrong(self.places[id(given)].of(key), f"“{key}”: {right} (given: {shortened(written)})")
            self.names.faulty.setdefault(table, []).append(asdict(given))  # type: ignore[call-overload]
        return number

    def _cohorts(self) -> list[Cohort]:
        found = []
        for number, written in enumerate(self._list("cohort")):
            at = PACK.of("cohort", number)
            rest: object = written
            starts: tuple[Start, ...] = ()
            if isinstance(written, Mapping):
                rest = {key: value for key, value in written.items() if key != "starts"}
                starts = self.starts[at] = self._starts(written.get("starts", []), at.of("starts"))
            wording = _OLD_COHORT if self.old else _wording_of_cohort(written)._replace(beside=("starts",))
            given = self._entry(_Cohort, "cohort", rest, at, wording)
            if given is not None:
                cohort = Cohort(
                    given.key, given.name, given.courses, given.source, given.starts_on, given.funding, starts
                )
                self._placed(cohort, at)
                found.append(cohort)
        return found

    def _event_kinds(self) -> Sequence[EventKind]:
        """The pack's own, or the two that there are where it names none."""
        found = self._entries(EventKind, "event_kind")
        if "event_kind" in self.misspelt or "event_kind" in self.top.keys() - self.names.complete:
            self.names.faulty.setdefault("event_kind", []).append({})  # which there are can't be said
        return found or EVENT_KINDS

    def _starts(self, given: object, at: PackPlace) -> tuple[Start, ...]:
        if not isinstance(given, list):
            self._wrong(at, 'write a list: starts = [{ group = "ehco", identifier = "npq-ehco-november" }]')
            return ()
        made = (self._entry(Start, "starts", start, at.of(number)) for number, start in enumerate(given))
        return tuple(start for start in made if start is not None)

    def _criteria(self) -> list[CriteriaEntry]:
        found = []
        for number, written in enumerate(self._list("criteria")):
            at = PACK.of("criteria", number)
            if not isinstance(written, Mapping):
                self._entry(CriteriaEntry, "criteria", written, at)
                continue
            rest = {key: value for key, value in written.items() if key != "criterion"}
            if self.old and not rest.get("declarations"):  # what is wrong with its kind was noted
                self.tree_readers["criteria"].nodes(written, at)
                rest["declarations"] = ["started"]
                typed(CriteriaEntry, rest, at, self._wrong, as_text=True)
                self.names.faulty.setdefault("criteria", []).append(rest)
                continue
            found += self._with_tree(CriteriaEntry, "criteria", written, at)
        return found

    def _gates(self) -> list[GateEntry]:
        found = []
        for number, written in enumerate(self._list("gate")):
            at = PACK.of("gate", number)
            if isinstance(written, Mapping):
                found += self._with_tree(GateEntry, "gate", written, at)
            else:
                self._entry(GateEntry, "gate", written, at)
        return found

    def _with_tree(self, kind: type[Tree], table: str, written: Mapping[str, Any], at: PackPlace) -> list[Tree]:
        """One entry, where it is sound, with the tree below it."""
        reader = self.tree_readers[table]
        nodes, whole = reader.nodes(written, at)
        entry = self._entry(kind, table, {key: value for key, value in written.items() if key != "criterion"}, at)
        if entry is None:
            return []
        self.trees[id(entry)] = reader.tree(entry, nodes, at, whole=whole)
        return [entry]

    def _settings(self) -> tuple[PackSettings | None, Mapping[str, Any], dict[str, str]]:
        """The settings, those of them that are sound with the defaults of the others, and where each comes from."""
        given = self.top.get("settings")
        defaults = {f.name: f.default for f in fields(PackSettings) if f.default is not MISSING}
        if not isinstance(given, Mapping):
            if self.written and "settings" not in self.misspelt:
                self._wrong(PACK, "there is no [settings] table")
            return None, defaults, {}
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        shapeless = set()
        for key, entry in given.items():
            if isinstance(entry, dict) and set(entry) == {"value", "source"} and not is_blank(str(entry["source"])):
                values[key], sources[key] = entry["value"], str(entry["source"])
            else:
                shapeless.add(key)
                known = form_of(PackSettings).types
                says = _AT_THE_TOP.get(key) or unknown(key, [*known])
                says = "write { value = …, source = … }, both filled in" if key in known else says
                self._wrong(PACK.of("settings", key), says)
        at = PACK.of("settings")
        settings, sound = typed(PackSettings, values, at, self._wrong, _COMMON, told=shapeless, as_text=self.old)
        without = {key: value for key, value in defaults.items() if key not in given}
        return settings, {**without, **sound}, sources

    def _deferral(self) -> tuple[DeferralPolicy | None, list[tuple[int, NotBetween]]]:
        """What the table of deferrals says, where there is one, and those of its spans that are sound."""
        at, written = PACK.of("deferral"), self.top.get("deferral")
        if written is None:
            return None, []
        if not isinstance(written, Mapping):
            self._wrong(at, "write a table [deferral]")
            return None, []
        spans: object = written.get("not_between", [])
        found = []
        if not isinstance(spans, list):
            self._wrong(at.of("not_between"), "write each of these spans under [[deferral.not_between]]")
            spans = []
        for number, given in enumerate(spans):
            span = self._entry(NotBetween, "not_between", given, at.of("not_between", number))
            found += [] if span is None else [(number, span)]
        rest = {key: value for key, value in written.items() if key != "not_between"}
        policy = self._entry(DeferralPolicy, "deferral", rest, at, _COMMON._replace(beside=("not_between",)))
        return policy and replace(policy, not_between=tuple(span for _, span in found)), found

    def _group_names(self) -> dict[str, str]:
        given = self.top.get("group_names", {})
        if not isinstance(given, dict):
            self._wrong(
                PACK.of("group_names"), "write a table [group_names] of groups and their names in quotation marks"
            )
            return {}
        found = {}
        for group, name in given.items():
            if isinstance(name, str) and name.strip():
                found[group] = name
            else:
                hint = _AT_THE_TOP.get(group, "give the group's name in quotation marks")
                self._wrong(PACK.of("group_names", group), hint)
        return found

    def _rows(self, kind: type[Entry], file: str) -> list[Entry]:
        """The sound rows of a table."""
        form = form_of(kind)
        rows = self.files.rows(file, tuple(form.types), form.needed)
        if rows is None:
            return []
        self.names.complete.add(file)
        found = []
        for line, cells in rows:
            if cells is None:
                self.names.faulty.setdefault(file, []).append({})
                continue
            if self.old and "cohort" in cells:
                cells["cohort"] = old_format.key_of_today(cells["cohort"])
            made = self._entry(kind, file, cells, PackPlace(file, line=line))
            found += [] if made is None else [made]
        return found

    def _note_names(self) -> None:
        """Names as they are written, in faulty entries as well."""
        names = self.names
        unclear = set()
        for course in self._named("course", "code", "group"):
            if names.courses.setdefault(course["code"], course["group"]) != course["group"]:
                unclear.add(course["code"])  # which of its groups is meant
        for code in unclear:
            del names.courses[code]
        for cohort in self._named("cohort", "key"):
            courses = cohort.get("courses")
            sound = isinstance(courses, list) and all(isinstance(code, str) for code in courses)
            certain = sound and cohort["key"] not in names.offered
            names.offered[cohort["key"]] = frozenset(map(str, courses)) if certain and courses is not None else None
        for output in self._named("output", "group", "number"):
            names.outputs.add((output["group"], output["number"]))

    def _named(self, table: str, *keys: str) -> list[Mapping[str, Any]]:
        """The entries of a table whose names can be read; without all of them it is not complete."""
        entries = self.top.get(table)
        named = [
            entry if self.old else {**entry, **{key: entry[key].strip() for key in keys if key in _BARE_NAMES}}
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, Mapping) and all(_readable(key, entry.get(key)) for key in keys)
        ]
        names = {bare(str(entry[keys[0]])) for entry in named}
        twice = table in ("course", "cohort") and len(names) < len(named)  # one of them may have another's name
        if table in self.names.complete and (twice or len(named) < len(entries or ())):
            self.names.complete.discard(table)
        return named


def _wording_of_cohort(written: object) -> Wording:
    """What is said of a cohort's number, as the first format had it: how this one's is written today."""
    number = written.get("number") if isinstance(written, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int | str):
        return _COMMON
    key = json.dumps(str(number), ensure_ascii=False)
    shown = json.dumps(number, ensure_ascii=False)
    return _COMMON.also({"number": f"write key = {key} instead of number = {shown}"}, {"number": "key"})


def _readable(key: str, value: object) -> bool:
    """Whether an entry can be known by this name. A cohort's key that has to be mended is not the one that is meant."""
    if key == "number":
        return isinstance(value, int)
    return isinstance(value, str) and (key != "key" or value.isalnum())
