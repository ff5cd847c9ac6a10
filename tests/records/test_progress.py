"""The progress record: kept in the transaction that changes the facts, and the same as one made anew from the raw rows."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.records import caseload, progress
from core.records.database import migrate, open_database, reading, writing
from core.rules.folding import progress_of
from core.rules.ladder import Ladder
from core.rules.position import current_output, position
from core.rules.progress import Progress
from core.rules.standing import standing
from core.services import decisions
from core.services.actors import Actor
from core.services.decisions import Deed
from core.services.imports import import_files
from core.services.office import Office
from core.services.refusals import Refusal
from core.services.sweep import sweep
from reference.loading import load_pack
from reference.pack import Pack

NOW = datetime(2024, 1, 10, 9, tzinfo=UTC)
CONSOLE = Actor.console("Sam")
HEADERS = {
    "participants": "participant_id,full_name,course,cohort,delivery_partner,application_status,contract_returned_on,"
    "sponsorship_returned_on,training_status",
    "activities": "participant_id,block,component,title,credits,completed_on,logged_by",
    "declaration_report": "participant_id,period_start,period_end,credits,self_study_credits,cumulative_credits",
    "engagement_report": "participant_id,run_on,percent_complete,cumulative_credits",
    "register": "event_id,event_type,event_date,participant_id,status,contingency,contingency_on,confirmed_by",
    "videos": "participant_id,block,percent_viewed,viewed_on",
    "assessments": "participant_id,submitted_on,marked_on,moderated_on,external_moderation,copies_held,result",
    "declarations": "participant_id,output,declared_on,evidence_cutoff,state",
}
PEOPLE = 6
HISTORIES = int(os.environ.get("NPQ_HISTORIES", "24"))  # `make torture` asks for thousands


class History:
    """A made-up history of a few participants: files of every kind in any order, corrected later, and decisions."""

    def __init__(self, pack: Pack, chance: random.Random) -> None:
        self.pack, self.chance = pack, chance
        self.courses = [chance.choice(["NPQLTD", "NPQSL", "NPQH", "EHCO", "NPQLBC"]) for _ in range(PEOPLE)]

    def day(self) -> date:
        return date(2021, 10, 1) + timedelta(days=self.chance.randrange(760))

    def maybe(self, value: object) -> object:
        return value if self.chance.random() < 0.6 else ""

    def person(self) -> int:
        return self.chance.randrange(PEOPLE)

    def row(self, kind: str, number: int) -> list[object]:
        chance, who = self.chance, self.person()
        name = f"p-{who}"
        match kind:
            case "activities":
                blocks = [b for b in self.pack.blocks.get(self.courses[who], ()) if b.activities]
                if not blocks:
                    return []
                activity = chance.choice(chance.choice(blocks).activities)
                credits = chance.choice([0, 1, 3, 8])
                by = chance.choice(["auto", "self_report"])
                return [name, activity.block, activity.component, f'"{activity.title}"', credits, self.day(), by]
            case "declaration_report":
                start = date(2021, 11, 1) + timedelta(days=30 * chance.randrange(12))
                split = self.maybe(chance.randrange(9))
                total = self.maybe(chance.randrange(200))
                return [name, start, start + timedelta(days=29), chance.randrange(20), split, total]
            case "engagement_report":
                return [
                    name,
                    self.day(),
                    chance.choice(["0", "12.5", "89.99", "90", "100"]),
                    self.maybe(chance.randrange(200)),
                ]
            case "register":
                event = chance.randrange(4)
                on = date(2021, 11, 20) + timedelta(days=200 * event)
                covered = chance.random() < 0.3
                status = chance.choice(["booked", "attended", "completed", "absent"])
                return [
                    f"e-{event}", "f2f" if event % 2 else "live_webinar", on, name, status,
                    "recording" if covered else "", on + timedelta(days=9) if covered else "",
                    self.maybe("Ann") if covered else "",
                ]  # fmt: skip
            case "videos":
                if not self.pack.blocks.get(self.courses[who]):
                    return []
                return [name, 1, chance.choice(["10", "79.9", "80", "100"]), self.day()]
            case "assessments":
                return [
                    name, self.maybe(self.day()), self.maybe(self.day()), self.maybe(self.day()),
                    self.maybe(chance.choice(["done", "not_sampled", "pending"])),
                    self.maybe(chance.choice(["yes", "no"])), self.maybe("passed"),
                ]  # fmt: skip
            case _:
                output = chance.randrange(1, len(self.pack.outputs_of(self.courses[who])) + 1)
                return [
                    name,
                    output,
                    self.day(),
                    self.maybe(self.day()),
                    chance.choice(["submitted", "voided", "paid"]),
                ]

    def write(self, folder: Path, kind: str, number: int) -> Path:
        """A file of this kind; some of its rows may be wrong, those are skipped."""
        path = folder / f"{number}-{kind}.csv"
        if kind == "participants":
            rows = [
                [
                    f"p-{who}", f"Person {who}", self.courses[who], self.chance.choice([1, 2]) if number == 0 else 1,
                    self.chance.choice(["North Star", "Beacon"]), self.maybe("accepted"), self.maybe(self.day()),
                    self.maybe(self.day()), self.chance.choice(["active", "active", "active", "deferred", "withdrawn"]),
                ]
                for who in range(PEOPLE)
            ]  # fmt: skip
        else:
            rows = [row for row in (self.row(kind, number) for _ in range(self.chance.randrange(1, 9))) if row]
        lines = [HEADERS[kind], *(",".join(str(cell) for cell in row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def decide(self, office: Office) -> None:
        """One decision about somebody, unless a rule refuses it."""
        who, on = f"p-{self.person()}", self.day()
        deed = Deed(on, NOW)
        acts = (
            lambda: decisions.contact(office, CONSOLE, who, deed, channel="phone", outcome="no-answer"),
            lambda: decisions.defer(
                office, CONSOLE, who, deed, starts_on=on, until=on + timedelta(days=60), reason="parental-leave"
            ),
            lambda: decisions.resume(office, CONSOLE, who, deed, cohort=2),
            lambda: decisions.declare(office, CONSOLE, who, deed, output=self.chance.randrange(1, 4)),
            lambda: decisions.extend(
                office,
                CONSOLE,
                who,
                deed,
                output=self.chance.randrange(1, 4),
                until=on + timedelta(days=30),
                reason="other",
            ),
        )
        try:
            self.chance.choice(acts)()
        except Refusal:
            return


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """One database for many histories, emptied between them; SQLite, for speed."""
    folder = tmp_path_factory.mktemp("progress")
    engine = open_database(f"sqlite:///{folder / 'npq.db'}")
    migrate(engine)
    yield Office(engine, load_pack("edt-v18")), folder
    engine.dispose()


def live_through(office: Office, folder: Path, seed: int, steps: int = 8) -> None:
    history = History(office.pack, random.Random(seed))
    kinds = [kind for kind in HEADERS if kind != "participants"]
    for number in range(steps):
        if number and history.chance.random() < 0.3:
            history.decide(office)
            continue
        kind = "participants" if number == 0 else history.chance.choice([*kinds, "participants"])
        import_files(office, CONSOLE, [history.write(folder, kind, number)], skip_bad_rows=True, now=NOW)


def stored(office: Office) -> dict[str, tuple[object, ...]]:
    """Every record as it is kept, but for when it was written."""
    with reading(office.engine) as session:
        found = session.execute(
            text("SELECT participant_id, delivery_partner, course, cohort, kinds, facts FROM progress ORDER BY 1")
        )
        return {row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row[1:]) for row in found}


def made_anew(office: Office) -> dict[str, tuple[object, ...]]:
    """Every record as a rebuild from the raw rows gives it; nothing of it is kept."""
    with reading(office.engine) as session:
        progress.rebuild(session, office.fold)
        found = session.execute(
            text("SELECT participant_id, delivery_partner, course, cohort, kinds, facts FROM progress ORDER BY 1")
        ).all()
        session.rollback()
        return {row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row[1:]) for row in found}


def empty(office: Office) -> None:
    tables = ("decision", "participant_revision", "progress", "register", "activities", "videos", "assessments")
    reports = ("declarations", "declaration_report", "engagement_report", "participants")
    with writing(office.engine) as session:
        for table in (*tables, *reports):
            session.execute(text(f"DELETE FROM {table}"))


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_whatever_happened_the_record_is_what_the_raw_rows_say(house: tuple[Office, Path], seed: int) -> None:
    office, folder = house
    empty(office)
    live_through(office, folder, seed)
    kept = stored(office)
    assert len(kept) == PEOPLE
    assert kept == made_anew(office)


@settings(
    max_examples=max(HISTORIES // 3, 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**9), days=st.lists(st.integers(0, 800), min_size=2, max_size=4))
def test_a_sweep_says_what_the_whole_standing_says(house: tuple[Office, Path], seed: int, days: list[int]) -> None:
    """On any day, past ones too: the verdict and stage of the current output, and of every other."""
    office, folder = house
    empty(office)
    live_through(office, folder, seed)
    with reading(office.engine) as session:
        people = {person.id: person for person in caseload.iterate_participants(session)}
        records = {record.id: record for some in progress.load_by_partner(session) for record in some}
    for offset in days:
        day = date(2021, 10, 1) + timedelta(days=offset)
        swept = {one.participant_id: one for one in sweep(office, day)}
        for who, person in people.items():
            whole = standing(office.pack, person, day)
            assert swept[who].current_output == whole.current_output
            assert positions(office.pack, records[who], day) == [
                (o.verdict, o.stage, o.deadline) for o in whole.outputs
            ]


def positions(pack: Pack, record: Progress, day: date) -> list[tuple[object, ...]]:
    ladder = Ladder(pack, record)
    current = current_output(ladder, day)
    found = [position(ladder, output.number, day, current) for output in ladder.outputs]
    return [(at.verdict, at.stage, at.deadline) for at in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_each_database_a_record_is_the_loaded_participants_own(office: Office, tmp_path: Path, seed: int) -> None:
    office = Office(office.engine, load_pack("edt-v18"))
    live_through(office, tmp_path, seed, steps=14)
    assert stored(office) == made_anew(office)
    with reading(office.engine) as session:
        records = {record.id: record for some in progress.load_by_partner(session) for record in some}
        for person in caseload.iterate_participants(session):
            loaded = progress_of(office.pack, person)
            assert bytes(records[person.id].facts) == bytes(loaded.facts)
            assert records[person.id].imported == loaded.imported
            assert records[person.id].decided == loaded.decided


def test_another_packs_words_make_every_record_anew(office: Office, tmp_path: Path) -> None:
    """Self-study goes by another name there: what was folded by the old name is not used."""
    office = Office(office.engine, load_pack("edt-v18"))
    live_through(office, tmp_path, 4)
    with writing(office.engine) as session:
        session.execute(text("UPDATE progress_basis SET basis = 'of another pack'"))
        session.execute(text("UPDATE progress SET course = 'EHCO'"))
    assert len(list(sweep(office, NOW.date()))) == PEOPLE
    with reading(office.engine) as session:
        assert progress.is_current(session, office.fold)
    assert stored(office) == made_anew(office)


@pytest.mark.parametrize("mark", ["\x1f", "\x1e"])
def test_words_with_what_joins_them_are_told_apart(office: Office, tmp_path: Path, mark: str) -> None:
    """No import lets such a control code in, but a database may hold one."""
    office = Office(office.engine, load_pack("edt-v18"))
    live_through(office, tmp_path, 5, steps=14)
    with writing(office.engine) as session:
        assert session.execute(text("SELECT count(*) FROM activities")).scalar_one()
        session.execute(text("UPDATE activities SET title = :mark || title"), {"mark": mark})
        progress.rebuild(session, office.fold)
    with reading(office.engine) as session:
        records = {record.id: record for some in progress.load_by_partner(session) for record in some}
        for person in caseload.iterate_participants(session):
            assert bytes(records[person.id].facts) == bytes(progress_of(office.pack, person).facts)
