"""Taking rows in many at a time comes to the same as one after another, which a small model does here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.database.database import migrate, open_database, reading
from core.database.tables import ActivityRow
from core.derived.installation import Installation
from core.imports.checks.duplicate_keys import KeyHashes
from core.imports.checks.import_context import ImportContext
from core.imports.checks.stored_rows import stored_people, table_of
from core.imports.headers.mapping_files import NOTHING_MAPPED
from core.imports.kinds import KINDS
from core.imports.taking_in import Intake, TakeInAgain, open_sources, take_in
from core.records.participant_rows import people_named
from core.rules.calendar import london_day
from core.services.imports import ImportReport, import_files
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.histories import HISTORIES
from tests.loading import loading_rows

NOW = datetime(2022, 6, 1, tzinfo=UTC)
COURSES = {"p-1": "NPQLTD", "p-2": "NPQH", "p-3": "EHCO"}
PEOPLE = (
    "participant_id,full_name,course,cohort,delivery_partner\n"
    "p-1,Jane,NPQLTD,1,Acme\np-2,Ada,NPQH,1,Acme\np-3,Eve,EHCO,1,Acme\n"
)
WITHOUT_BLOCKS = "p-3"  # whose course has none in the pack: any block and title is right
LISTED = "Diagnostic Assessment for Block 1"  # in Block 1 of either course
HEADER = tuple(name for name in KINDS["activities"].by_name if name != "course")
CELLS = (
    ("p-1", "p-1", "p-2", " p-1 ", "p-3", "p-3", "p-0", ""),
    ("1", "1", "1", "01", "2", "9", "x"),
    ("Self-study", "self-STUDY", "Walks"),
    (LISTED, LISTED.upper(), "Our own", "OUR OWN", "Another"),
    ("2", "2", "3", "", "-1"),
    ("2022-01-01", "01/01/2022", "2022-01-02", "", "soon"),
    ("auto", "self_report", "", "", "robot"),
)
FILES = st.lists(st.lists(st.tuples(*map(st.sampled_from, CELLS)), max_size=12), min_size=1, max_size=3)
Cells = tuple[str, ...]


class Stored(NamedTuple):
    credits: int
    completed_on: date
    logged_by: str


Key = tuple[str, int, str, str]


class Model:
    """What is stored, and what becomes of each row when they are looked at one after another."""

    def __init__(self) -> None:
        self.rows: dict[Key, Stored] = {}
        self.spelt: dict[Key, Key] = {}  # by the key in lower case

    def take(self, rows: list[Cells]) -> tuple[list[int], set[int], set[str]]:
        """Added, changed and unchanged; the numbers of wrong rows; whose rows changed."""
        seen: set[tuple[object, ...]] = set()
        counts, wrong, touched = [0, 0, 0], set[int](), set[str]()
        before = dict(self.rows)
        for number, cells in enumerate(rows, 2):
            key, values = self._read(cells, before)
            folds = None if key is None else tuple(one.casefold() if isinstance(one, str) else one for one in key)
            repeated = folds in seen
            if folds is not None:
                seen.add(folds)
            if key is None or values is None or repeated:
                wrong.add(number)
                continue
            key = self._spelt(key, before)
            held = before.get(key)
            new = Stored(values[0], values[1], values[2] or (held.logged_by if held else "auto"))
            what = 0 if held is None else 1 if held != new else 2
            counts[what] += 1
            self.rows[key] = new
            if what < 2:
                touched.add(key[0])
        return counts, wrong, touched

    def _read(self, cells: Cells, before: dict[Key, Stored]) -> tuple[Key | None, tuple[int, date, str] | None]:
        who, block, component, title, credits, day, logged_by = (cell.strip() for cell in cells)
        if not who or not block.isdigit():
            return None, None
        key = (who, int(block), component, title)
        days = {"2022-01-01": 1, "01/01/2022": 1, "2022-01-02": 2}
        held = before.get(key)
        if credits == "-1" or day == "soon" or logged_by == "robot" or ("" in (credits, day) and held is None):
            return key, None
        if who not in COURSES or (int(block) == 9 and who != WITHOUT_BLOCKS):
            return key, None
        return key, (
            int(credits) if credits else held.credits if held else 0,
            date(2022, 1, days[day]) if day else held.completed_on if held else date.min,
            logged_by,
        )

    def _spelt(self, key: Key, before: dict[Key, Stored]) -> Key:
        who, block, component, title = key
        component = "Self-study" if component.casefold() == "self-study" else component
        if block == 1 and title.casefold() == LISTED.casefold() and who != WITHOUT_BLOCKS:
            return who, block, component, LISTED
        folds = (who, block, component.casefold(), title.casefold())
        if folds in self.spelt:
            return self.spelt[folds]
        self.spelt[folds] = (who, block, component, title)
        return who, block, component, title


@pytest.fixture
def people(installation: Installation, tmp_path: Path) -> Installation:
    """An installation that knows two participants, on each kind of database."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    assert import_files(installation, Actor.console(), [path], now=NOW).written
    return installation


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("row-by-row")
    engine = open_database(f"sqlite:///{folder / 'npq.db'}")
    migrate(engine)
    installation = Installation(engine, pack)
    (folder / "people.csv").write_text(PEOPLE)
    import_files(installation, Actor.console(), [folder / "people.csv"], now=NOW)
    yield installation
    engine.dispose()


def saved(path: Path, rows: list[Cells]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def stored(installation: Installation) -> dict[Key, Stored]:
    table = table_of(KINDS["activities"]).c
    with installation.engine.connect() as connection:
        rows = connection.execute(select(*(table[name] for name in HEADER)))
        return {(row[0], row[1], row[2], row[3]): Stored(row[4], row[5], row[6]) for row in rows}


class Enough(Exception):
    """Undoes what was written."""


def touched_by(installation: Installation, path: Path) -> set[str]:
    """Of whom a file changes anything, all of it undone."""
    intake = looked_at(installation, path)
    with reading(installation.engine) as session:
        return {person.id for person in people_named(session, intake.touched)}


def looked_at(installation: Installation, path: Path) -> Intake:
    """What a file comes to, all of it undone."""
    sources, faults = open_sources([path], kind=None, mapping=NOTHING_MAPPED)
    assert not faults
    suspects: dict[int, frozenset[int]] = {}
    for _ in range(2):
        intake = None
        try:
            with loading_rows(installation.engine) as session:
                people, enrolments, _ = stored_people(session)
                known = ImportContext(installation.pack, people, london_day(NOW), enrolments=enrolments)
                intake = take_in(session, sources, known, mapping=NOTHING_MAPPED, suspects=suspects)
                raise Enough
        except TakeInAgain as found:
            suspects = dict(found.suspects)
        except Enough:
            break
    assert intake is not None
    return intake


def come_to(report: ImportReport) -> tuple[list[int], set[int | None]]:
    [file] = report.files
    return [file.added, file.changed, file.unchanged], {problem.row for problem in report.problems}


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
def test_files_come_to_what_their_rows_come_to_one_by_one(
    desk: Installation, tmp_path: Path, files: list[list[Cells]]
) -> None:
    with loading_rows(desk.engine) as session:
        session.execute(delete(ActivityRow))
    model = Model()
    for rows in files:
        path = saved(tmp_path / "activities.csv", rows)
        touched = touched_by(desk, path)
        report = import_files(desk, Actor.console(), [path], skip_bad_rows=True, now=NOW)
        counts, wrong, theirs = model.take(rows)
        assert come_to(report) == (counts, wrong)
        assert touched == theirs
        assert stored(desk) == model.rows


def test_a_long_file_on_each_database(people: Installation, tmp_path: Path) -> None:
    """Over many pages, with some rows wrong, some blank, and keys that repeat far apart."""
    model = Model()
    plain = [("p-1", "1", "Self-study", f"Our {number}", "2", "2022-01-01", "auto") for number in range(2_300)]
    first = [row if number % 3 else (*row[:6], "") for number, row in enumerate(plain)]
    for number in (1_000, 2_221):
        first[number] = (*plain[number - 900][:3], plain[number - 900][3].upper(), *plain[number][4:])
    first[2_000], first[2_200] = ("p-0", *plain[2_000][1:]), plain[7]
    second = [(*row[:4], "3" if number % 500 == 0 else "2", *row[5:]) for number, row in enumerate(first)]
    for rows in (first, second, second):
        path = saved(tmp_path / "activities.csv", rows)
        report = import_files(people, Actor.console(), [path], skip_bad_rows=True, now=NOW)
        counts, wrong, _ = model.take(rows)
        assert come_to(report) == (counts, wrong)
        assert wrong == {1_002, 2_002, 2_202, 2_223}
        assert stored(people) == model.rows


def test_who_is_touched_on_each_database(people: Installation, tmp_path: Path) -> None:
    rows: list[Cells] = [(who, "1", "Self-study", "Own", "2", "2022-01-01", "auto") for who in ("p-1", "p-2")]
    path = saved(tmp_path / "activities.csv", rows)
    assert touched_by(people, path) == {"p-1", "p-2"}
    import_files(people, Actor.console(), [path], now=NOW)
    assert touched_by(people, path) == set()
    changed: list[Cells] = [rows[0], (*rows[1][:4], "3", *rows[1][5:])]
    assert touched_by(people, saved(tmp_path / "changed.csv", changed)) == {"p-2"}
    more: list[Cells] = [*rows, ("p-1", "2", "Self-study", "Own", "2", "2022-01-01", "auto")]
    assert touched_by(people, saved(tmp_path / "more.csv", more)) == {"p-1"}
    meetings = tmp_path / "meetings.csv"
    meetings.write_text("delivery_partner,meeting_on\nAcme,2022-06-16\n")
    found = looked_at(people, meetings)
    assert (found.files[0].added, found.touched) == (1, set())


def test_a_person_changed_by_their_own_row_is_touched(people: Installation, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE.replace("Ada", "Ada Byron"))
    assert touched_by(people, path) == {"p-2"}


@settings(max_examples=3, deadline=None)
@given(
    rest=st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=400, unique=True),
    twice=st.sets(st.integers(-(1 << 63), (1 << 63) - 1), max_size=5),
)
def test_hashes_that_come_twice_are_found_however_many_there_are(rest: list[int], twice: set[int]) -> None:
    def in_any_order(numbers: list[int]) -> tuple[list[int], list[int]]:
        return [number % 3 for number in numbers], numbers

    with closing(KeyHashes("file.csv")) as hashes:
        hashes.add(*in_any_order(sorted(twice)))
        hashes.mark()
        for start in range(0, 1_200_000, 100_000):  # more than are kept in memory
            hashes.add(*in_any_order([number for number in range(start, start + 100_000) if number not in twice]))
            hashes.mark()
        others = [one for one in rest if one not in twice and not 0 <= one < 1_200_000]
        assert not hashes.add(*in_any_order(others))
        hashes.mark()
        hashes.add(*in_any_order(sorted(twice)))
        assert hashes.repeated() == twice


@given(
    people=st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 8), max_size=6)), max_size=12),
    page=st.integers(1, 4),
    pages=st.integers(1, 4),
)
def test_hashes_that_come_twice_are_found_wherever_a_persons_rows_stand(
    people: list[tuple[int, list[int]]], page: int, pages: int
) -> None:
    rows = [(who, who * 10 + what) for who, numbers in people for what in numbers]
    everybody = [number for _, number in rows]
    with closing(KeyHashes("file.csv")) as hashes:
        for turn, start in enumerate(range(0, len(rows), page), 1):
            some = rows[start : start + page]
            hashes.add([who for who, _ in some], [number for _, number in some])
            if turn % pages == 0:
                hashes.mark()
        assert hashes.repeated() == {number for number in everybody if everybody.count(number) > 1}
