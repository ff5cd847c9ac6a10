"""What Delivery Partners plan reaches everybody whom it concerns, whoever asks: one person, everybody, or the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from core.database.database import reading
from core.database.tables import Staff
from core.derived import fact_queries, following, progress_store
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.records import participant_rows
from core.reminders.occasions import Occasion
from core.rules.facts import PlannedSession
from core.rules.folding import Fold, Rows
from core.rules.programme import NOTHING_PLANNED
from core.services.everybody import sweep
from core.services.imports import import_files
from core.services.staff.actors import Actor
from reference.criteria import CriteriaGroup, Criterion
from reference.pack import Pack
from tests.derived.test_people_index import ahead, kept
from tests.loading import loading

NOW = datetime(2022, 6, 1, 9, tzinfo=UTC)
CONSOLE = Actor.console("Sam")
PEOPLE = """participant_id,full_name,course,cohort,delivery_partner
p-1,Jane Doe,NPQLTD,1,North Star
p-2,Ada Byron,NPQSL,1,North Star
p-3,Eve Moss,NPQLTD,2,North Star
p-4,Omar Haddad,NPQLTD,1,Beacon
"""
PLAN = "event_id,delivery_partner,course,cohort,event_type,event_date,hours,title\n"
REGISTER = "event_id,event_type,event_date,participant_id,status\n"


class House:
    """An installation, and what files are brought into it."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self.folder = installation, folder

    def bring(self, *contents: str) -> None:
        paths = []
        for number, content in enumerate(contents):
            paths.append(self.folder / f"{number}.csv")
            paths[-1].write_text(content, encoding="utf-8")
        assert import_files(self.installation, CONSOLE, paths, now=NOW).problems == ()

    def judged_anew(self, *contents: str) -> list[str]:
        """Who is judged anew after these files."""
        with reading(self.installation.engine) as session:
            before = following.now(session)
        self.bring(*contents)
        with reading(self.installation.engine) as session:
            found = following.changed(session, before, following.now(session)) or []
            return sorted(person.id for person in participant_rows.people_named(session, found))


@pytest.fixture
def house(installation: Installation, tmp_path: Path) -> House:
    """On each kind of database."""
    known = House(installation, tmp_path)
    known.bring(PEOPLE)
    return known


WHOM = [
    (
        "for one course and cohort",
        "e-9,North Star,NPQLTD,1,f2f,2022-07-01,,",
        ["p-1", "p-3"],
    ),  # or they may come back into it
    ("for a course", "e-9,North Star,NPQSL,,f2f,2022-07-01,,", ["p-2"]),
    ("for every course", "e-9,North Star,,2,f2f,2022-07-01,,", ["p-1", "p-2", "p-3"]),
    ("of another Delivery Partner", "e-9,Beacon,,,f2f,2022-07-01,,", ["p-4"]),
    ("moved", "e-1,,,,,2022-03-05,,", ["p-1", "p-3"]),
    ("of another kind", "e-1,,,,live_webinar,,,", ["p-1", "p-3"]),
    ("of another title", "e-1,,,,,,,Conference", ["p-1", "p-3"]),
    ("longer, with somebody else's people on its register", "e-1,,,,,,2.5,", ["p-1", "p-3", "p-4"]),
    ("for another course than before", "e-1,,NPQSL,,,,,", ["p-1", "p-2", "p-3"]),
    ("by another Delivery Partner than before", "e-1,Beacon,,,,,,", ["p-1", "p-3", "p-4"]),
    ("as it is", "e-1,North Star,NPQLTD,1,f2f,2022-03-01,,", []),
]


@pytest.mark.parametrize(("row", "whom"), [case[1:] for case in WHOM], ids=[case[0] for case in WHOM])
def test_a_plan_alone_has_everybody_judged_anew_whom_it_is_for(house: House, row: str, whom: list[str]) -> None:
    house.bring(
        f"{PLAN}e-1,North Star,NPQLTD,1,f2f,2022-03-01,,\n",
        f"{REGISTER}e-1,f2f,2022-03-01,p-1,attended\ne-1,f2f,2022-03-01,p-4,attended\n",
    )
    moves = "live_webinar" in row or "2022-03-05" in row
    assert house.judged_anew(f"{PLAN}{row}\n") == sorted({*whom, *(["p-4"] if moves else [])})


def test_a_length_that_a_register_gives_is_that_of_everybody_on_it(house: House) -> None:
    house.bring(f"{REGISTER}e-1,f2f,2022-03-01,p-1,attended\ne-1,f2f,2022-03-01,p-2,absent\n")
    longer = f"{REGISTER.rstrip()},hours\ne-1,f2f,2022-03-01,p-4,attended,1.5\n"
    assert house.judged_anew(longer) == ["p-1", "p-2", "p-4"]
    assert house.judged_anew(longer) == []


def enrolments(session: Session, *people: str) -> list[int]:
    return list(participant_rows.enrolments_of(session, people).values())


def verdicts(house: House, day: date) -> tuple[str | None, str | None]:
    """Jane's verdict on her current output, by what everybody's records say, and by what one question about her does."""
    installation = house.installation
    swept = {one.participant_id: one for one in sweep(installation, day)}["p-1"]
    with reading(installation.engine) as session:
        [jane] = enrolments(session, "p-1")
        standing = installation.people_index.known(session).standing(session, installation.pack, jane, day)
    one = next(o for o in standing.outputs if o.output == standing.current_output)
    assert swept.position is not None
    return swept.position.verdict, one.verdict


def test_after_a_plan_alone_everybody_and_one_person_are_told_the_same(house: House) -> None:
    """An attended session makes Output 1 met; on that day, as the plan says by now, it had yet to come."""
    day = date(2021, 12, 14)
    house.bring(f"{PLAN}e-1,North Star,,,f2f,2021-11-21,,\n", f"{REGISTER}e-1,f2f,2021-11-21,p-1,attended\n")
    before = verdicts(house, day)
    assert before[0] == before[1]
    house.bring(f"{PLAN}e-1,,,,,2022-01-20,,\n")
    after = verdicts(house, day)
    assert after[0] == after[1] != before[0]
    house.bring(f"{PLAN}e-1,,,,,2021-11-21,,\n")
    assert verdicts(house, day) == before


def test_finished_answers_are_given_up_with_their_plan(house: House) -> None:
    """That of somebody with another Delivery Partner is kept."""
    with loading(house.installation) as session:
        session.add(Staff(platform="slack", platform_id="U1", name="Una", role="coordinator"))
    assert ahead(house.installation, date(2022, 6, 1)) == 4
    house.bring(f"{PLAN}e-1,North Star,NPQLTD,1,f2f,2022-07-01,,\n")
    with reading(house.installation.engine) as session:
        house.installation.people_index.known(session)
    answered = {
        who: kept(house.installation, "U1", who, date(2022, 6, 1)) is not None for who in ("p-1", "p-2", "p-3", "p-4")
    }
    assert answered == {"p-1": False, "p-2": True, "p-3": False, "p-4": True}


# ---- what records and participants hold of it

PLANNED = (
    f"{PLAN}e-1,North Star,NPQLTD,1,f2f,2022-03-01,,Conference\ne-2,North Star,,,live_webinar,2022-01-10,,\n"
    "e-3,North Star,NPQSL,,f2f,2022-02-01,,\ne-4,Beacon,,,f2f,2022-02-02,,\n"
)
WEBINAR = PlannedSession("live_webinar", date(2022, 1, 10))
CONFERENCE = PlannedSession("f2f", date(2022, 3, 1), "1", "Conference")
THEIRS = {
    "p-1": (WEBINAR, CONFERENCE),
    "p-2": (WEBINAR, PlannedSession("f2f", date(2022, 2, 1))),
    "p-3": (WEBINAR, CONFERENCE),
    "p-4": (PlannedSession("f2f", date(2022, 2, 2)),),
}


def counting(pack: Pack, criterion: Criterion) -> Pack:
    """The same pack, in which one criterion is another."""
    (key, first), *_ = pack.criteria.items()
    return replace(pack, criteria={**pack.criteria, key: replace(first, tree=CriteriaGroup("any", (criterion,)))})


SHARE = Criterion("share", "share", "R", "Sessions", "S", metric="sessions", of="planned")
HOURS = Criterion("hours", "count", "R", "Hours", "S", metric="hours")


@pytest.fixture
def measuring(house: House, pack: Pack) -> House:
    """By a pack that measures sessions against those that are planned."""
    house.bring(PLANNED)
    return House(house.installation.on(counting(pack, SHARE)), house.folder)


def test_a_participant_holds_what_is_planned_for_their_course(house: House) -> None:
    house.bring(PLANNED)
    with reading(house.installation.engine) as session:
        people = participant_rows.load_participants(session)
        assert participant_rows.load_participants(session, ids=enrolments(session, "p-3"))[0].planned == THEIRS["p-3"]
    assert {who.id: who.planned for who in people} == THEIRS
    assert people[0].planned is people[2].planned, "one for all who take the course"


def test_everybodys_records_hold_it_where_the_pack_measures_against_it(measuring: House) -> None:
    fold = measuring.installation.fold
    assert fold.counts_planned
    with reading(measuring.installation.engine) as session:
        everybody = {one.id: one for one in progress_store.iterate(session, fold)}
        some = {one.id: one for one in progress_store.load_some(session, fold, enrolments(session, *THEIRS))}
        north = {one.id: one for one in progress_store.load(session, fold, partner="North Star")}
    assert {who: one.programme.sessions for who, one in everybody.items()} == THEIRS
    assert {who: one.programme.sessions for who, one in some.items()} == THEIRS
    assert {who: one.programme.sessions for who, one in north.items()} == {
        who: THEIRS[who] for who in ("p-1", "p-2", "p-3")
    }
    assert everybody["p-1"].programme is everybody["p-3"].programme, "one for all who take the course"


def test_nobodys_record_does_where_the_pack_asks_nothing_of_it(house: House) -> None:
    house.bring(PLANNED)
    fold = house.installation.fold
    assert not fold.counts_planned
    assert not fold.counts_hours
    with reading(house.installation.engine) as session:
        assert {one.programme for one in progress_store.iterate(session, fold)} == {NOTHING_PLANNED}


def test_a_planner_goes_by_the_new_plan(measuring: House) -> None:
    caseloads = Caseloads(measuring.installation)
    of_all = Occasion("meeting_pack", date(2022, 6, 9), date(2022, 6, 16), "North Star", None, None, None, lead=-7)

    def janes() -> Sequence[PlannedSession]:
        with reading(measuring.installation.engine) as session:
            return {one.id: one for one in caseloads.people(session, of_all)}["p-1"].programme.sessions

    assert janes() == THEIRS["p-1"]
    measuring.bring(f"{PLAN}e-5,North Star,NPQLTD,,f2f,2022-09-01,,\n")
    assert janes() == (*THEIRS["p-1"], PlannedSession("f2f", date(2022, 9, 1)))


def test_the_fold_is_told_planned_hours_where_the_pack_counts_hours(house: House, pack: Pack) -> None:
    class Told(Fold):
        """Notes what it is given."""

        def record(self, course: str, rows: Rows) -> bytes:
            told.append(dict(rows.planned_hours))
            return super().record(course, rows)

    told: list[dict[str, str]] = []
    house.bring(
        f"{PLAN}e-1,North Star,,,f2f,2022-03-01,1.5,\ne-2,North Star,,,f2f,2022-03-02,,\n",
        f"{REGISTER}e-1,f2f,2022-03-01,p-1,attended\ne-2,f2f,2022-03-02,p-1,attended\n",
    )
    with reading(house.installation.engine) as session:
        [jane] = participant_rows.load_participants(session, ids=enrolments(session, "p-1"))
        for by in (pack, counting(pack, HOURS)):
            fact_queries.fold_all(session, Told(by), [jane.enrolment_id], lambda some: None)
    assert told == [{}, {"e-1": "1.5"}]
    assert {entry.event_id: str(entry.planned_hours) for entry in jane.register} == {"e-1": "1.5", "e-2": "None"}
