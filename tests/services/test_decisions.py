"""What staff decide: what is recorded, what is refused and in which words, who may do it, and what two at once get."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col

from bot.platforms import IDS
from core.database import audit
from core.database.database import DatabaseBusy, open_database, reading
from core.database.tables import (
    ActivityRow,
    AssessmentRow,
    Decision,
    DeclarationReportRow,
    DeclarationRow,
    RegisterRow,
    Staff,
    VideoRow,
)
from core.derived import following
from core.derived.installation import Installation
from core.posts.outbox import Message, Post, PostPerson
from core.records import decisions, participant_rows
from core.rules.results import OutputStanding
from core.services import enquiries
from core.services.acts import contact, deferral
from core.services.acts.recording import Deed, EventRef, Outcome
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import Actor, recognise
from reference.pack import Pack
from tests.acts import DO
from tests.loading import loading
from tests.records.made import enrolled, stored_person

# A Monday, four weeks after the first review (13 December 2021) and one week after its window closed.
NOW = datetime(2022, 1, 10, 9, 30, tzinfo=UTC)
TODAY = date(2022, 1, 10)

SAM = Actor("Sam", "coordinator", "North Star", "slack", "U0SAM", 1)
PAT = Actor("Pat", "coordinator", "North Star", "slack", "U0PAT", 2)
SUE = Actor("Sue", "coordinator", "South Star", "slack", "U0SUE", 3)
FAY = Actor("Fay", "facilitator", "North Star", "slack", "U0FAY", 4)
VERA = Actor("Vera", "viewer", "North Star", "slack", "U0VERA", 5)
LEE = Actor("Lee", "lead_provider", None, "slack", "U0LEE", 6)
ADA = Actor("Ada", "administrator", None, "slack", "U0ADA", 7)
CONSOLE = Actor.console()
EVERYBODY = {actor.role: actor for actor in (VERA, FAY, SAM, LEE, ADA)}


def day(text_: str) -> date:
    return date.fromisoformat(text_)


# Each act, with values that are accepted for Jane (p-1) today.
GOOD: Mapping[str, Mapping[str, Any]] = {
    "extend": {"output": 1, "until": day("2022-01-28"), "reason": "workload"},
    "contact": {"channel": "phone", "outcome": "no-answer"},
    "defer": {"starts_on": day("2022-01-10"), "until": day("2022-09-01"), "reason": "parental-leave"},
    "resume": {"cohort": "2"},
    "remove": {"side": "delivery_partner", "decision": "approve"},
    "declare": {"output": 1, "cutoff": day("2022-01-09")},
}


@dataclass
class Desk:
    """An installation with a small caseload, and somebody who decides there."""

    installation: Installation

    def does(
        self,
        act: str,
        who: str = "p-1",
        *,
        actor: Actor = SAM,
        on: str = "2022-01-10",
        by: str | None = None,
        revision: int | None = None,
        event_id: str | None = None,
        **values: Any,
    ) -> Outcome:
        """Does an act, dated `on` and recorded now (or on that day, when it lies later)."""
        now = max(NOW, datetime.fromisoformat(f"{on}T09:30:00+00:00"))
        ref = EventRef("slack", event_id) if event_id else None
        service: Callable[..., Outcome] = DO[act]
        return service(self.installation, actor, who, Deed(day(on), now, by, revision, ref), **(values or GOOD[act]))

    def refuses(self, act: str, who: str = "p-1", **more: Any) -> Refusal:
        """Asks for an act that is refused, and checks that nothing has changed by it."""
        before = self.stored()
        with pytest.raises(Refusal) as refused:
            self.does(act, who, **more)
        assert self.stored() == before, "a refusal changes nothing"
        return refused.value

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the database."""
        with self.installation.engine.connect() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in SQLModel.metadata.sorted_tables
            }

    def decided(self, who: str = "p-1") -> list[dict[str, Any]]:
        """The decisions about somebody, as stored: the columns that are filled."""
        with reading(self.installation.engine) as session:
            rows = session.scalars(
                select(Decision).where(col(Decision.enrolment_id) == enrolled(who)).order_by(col(Decision.id))
            ).all()
            return [{k: v for k, v in row.model_dump().items() if v is not None and k != "id"} for row in rows]

    def revision(self, who: str = "p-1") -> int:
        with reading(self.installation.engine) as session:
            return participant_rows.participant_revision(session, who)

    def caseload_revision(self) -> int:
        with reading(self.installation.engine) as session:
            return following.now(session).number

    def trail(self, who: str | None = "p-1") -> list[tuple[str, int | None, str, dict[str, Any]]]:
        """The audit entries about somebody, newest first."""
        with reading(self.installation.engine) as session:
            assert audit.verify(session) is None
            return [(e.actor, e.actor_id, e.act, e.detail) for e in audit.entries(session, who)]

    def stale(self) -> dict[str, int]:
        """Each post by its token, with how often it has been marked for redrawing."""
        with reading(self.installation.engine) as session:
            return {post.token: post.needs_update for post in session.scalars(select(Post)).all()}

    def course(self, who: str) -> str:
        return enquiries.case_of(self.installation, CONSOLE, who, as_of=TODAY).standing.course

    def output(self, who: str = "p-1", number: int = 1, on: str = "2022-01-10") -> OutputStanding:
        return enquiries.output_of(enquiries.case_of(self.installation, CONSOLE, who, as_of=day(on)).standing, number)


def fill(installation: Installation) -> None:
    """Ten people with two Delivery Partners; every kind of file has been imported for NPQLTD, cohort 1, of North Star."""
    with loading(installation) as session:
        session.add_all(
            Staff(
                id=actor.staff_id,
                platform="slack",
                platform_id=actor.platform_id or "",
                name=actor.name,
                role=actor.role,
                partner=actor.partner,
            )
            for actor in (SAM, PAT, SUE, FAY, VERA, LEE, ADA)
        )
        session.add_all(
            [
                stored_person("p-1", full_name="Jane Doe"),
                stored_person("p-met", full_name="Max Met"),
                stored_person("p-dec", full_name="Dora Declared"),
                stored_person("p-wd", full_name="Will Withdrawn", training_status="withdrawn"),
                stored_person("p-def", full_name="Dee Deferred", training_status="deferred"),
                stored_person("p-ehco", full_name="Eve Ehco", course="EHCO"),
                stored_person("p-all", full_name="Alan Alldone"),
                stored_person("p-south", full_name="Zoe Southern", delivery_partner="South Star"),
            ]
        )
        session.flush()
        session.add_all(
            [
                ActivityRow(
                    enrolment_id=enrolled("p-met"),
                    block=1,
                    component="Self-study",
                    title="Diagnostic Assessment for Block 1",
                    credits=2,
                    completed_on=day("2021-12-01"),
                ),
                DeclarationReportRow(
                    enrolment_id=enrolled("p-met"),
                    period_start=day("2021-11-01"),
                    period_end=day("2021-12-13"),
                    credits=2,
                ),
                RegisterRow(
                    event_id="e-1",
                    enrolment_id=enrolled("p-met"),
                    event_type="f2f",
                    event_date=day("2021-12-02"),
                    status="absent",
                ),
                VideoRow(
                    enrolment_id=enrolled("p-met"), block=1, percent_viewed=Decimal(50), viewed_on=day("2021-12-02")
                ),
                AssessmentRow(enrolment_id=enrolled("p-met")),
                DeclarationRow(
                    enrolment_id=enrolled("p-dec"), output=1, declared_on=day("2021-12-20"), state="payable"
                ),
                *(
                    DeclarationRow(enrolment_id=enrolled("p-all"), output=n, declared_on=day(f"2021-12-2{n}"))
                    for n in (1, 2, 3)
                ),
            ]
        )
        _posted(session, "jane and max", "p-1", "p-met")
        _posted(session, "max alone", "p-met")
        _posted(session, "jane once more", "p-1")


def _posted(session: Session, token: str, *people: str) -> None:
    """A post that stands in a channel and names these people."""
    message = Message(
        identity=token,
        series=token,
        key="window_open",
        about=day("2021-12-13"),
        due_on=day("2021-12-14"),
        due_at=NOW,
        delivery_partner="North Star",
        occasion={},
        platform="slack",
        channel="C1",
        state="sent",
        planned_at=NOW,
    )
    session.add(message)
    session.flush()
    post = Post(message_id=message.id or 0, page=1, pages=1, token=token, state="sent", channel="C1", ts=token)
    session.add(post)
    session.flush()
    session.add_all(
        PostPerson(
            post_id=post.id or 0,
            participant_id=who,
            enrolment_id=participant_rows.person(session, who)[0].enrolment_id,
            position=n,
        )
        for n, who in enumerate(people)
    )


@pytest.fixture
def desk(installation: Installation) -> Desk:
    """On each kind of database in turn."""
    fill(installation)
    return Desk(installation)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pack: Pack) -> Path:
    path = tmp_path_factory.mktemp("decisions") / "npq.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    fill(Installation(engine, pack, platforms=IDS))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def small(tmp_path: Path, filled: Path, pack: Pack) -> Iterator[Desk]:
    """On SQLite alone, for tables in which the kind of database makes no difference."""
    (tmp_path / "npq.db").write_bytes(filled.read_bytes())
    engine = open_database(f"sqlite:///{tmp_path}/npq.db")
    yield Desk(Installation(engine, pack, platforms=IDS))
    engine.dispose()


# ---- what is recorded

RECORDED: list[tuple[str, Actor, Mapping[str, Any], str, Mapping[str, Any], str, str]] = [
    # act, by whom, the decision's own columns, the audit entry's act and detail, what is said, the stage afterwards
    (
        "extend",
        SAM,
        {
            "kind": "extension",
            "told": "Output 1 extended to 28 January 2022",
            "output": 1,
            "until": day("2022-01-28"),
            "reason": "workload",
        },
        "extend",
        {"output": 1, "until": "2022-01-28"},
        "Jane Doe: the deadline for Output 1 is now 28 January 2022.",
        "extended",
    ),
    (
        "contact",
        FAY,
        {
            "kind": "contact",
            "told": "Contact tried by phone (no answer), logged",
            "channel": "phone",
            "outcome": "no-answer",
        },
        "contact",
        {"channel": "phone", "outcome": "no-answer"},
        "Jane Doe: contact by phone on 10 January 2022 logged, no answer.",
        "contact",
    ),
    (
        "defer",
        SAM,
        {
            "kind": "deferral",
            "told": "Deferred from 10 January 2022, agreed return 1 September 2022",
            "starts_on": day("2022-01-10"),
            "until": day("2022-09-01"),
            "reason": "parental-leave",
        },
        "defer",
        {"from": "2022-01-10", "until": "2022-09-01"},
        "Jane Doe: on deferral from 10 January 2022, agreed return 1 September 2022.",
        "deferred",
    ),
    (
        "remove",
        SAM,
        {
            "kind": "removal_vote",
            "told": "Delivery Partner: removal approved",
            "side": "delivery_partner",
            "decision": "approve",
            "staff_id": 1,
        },
        "propose_removal",
        {"side": "delivery_partner", "decision": "approve"},
        "Jane Doe: the Delivery Partner proposed removal; the other side has yet to decide.",
        "removal_pending",
    ),
    (
        "declare",
        LEE,
        {"kind": "declaration", "told": "Output 1 declared", "output": 1, "until": day("2022-01-09")},
        "declare",
        {"output": 1, "cutoff": "2022-01-09"},
        "Jane Doe: Output 1 declared on 10 January 2022.",
        "declared",
    ),
]


@pytest.mark.parametrize(
    ("act", "actor", "columns", "entry", "detail", "said", "stage"), RECORDED, ids=[row[0] for row in RECORDED]
)
def test_what_an_act_records(
    desk: Desk,
    act: str,
    actor: Actor,
    columns: Mapping[str, Any],
    entry: str,
    detail: Mapping[str, Any],
    said: str,
    stage: str,
) -> None:
    before = desk.caseload_revision()
    outcome = desk.does(act, actor=actor)
    assert (outcome.participant_id, outcome.said, outcome.repeated) == ("p-1", said, False)
    assert outcome.standing.outputs[0].stage == stage
    assert desk.output().stage == stage, "and so it reads from now on"
    assert desk.decided() == [
        {"enrolment_id": enrolled("p-1"), "decided_on": TODAY, "recorded_at": NOW, "by": actor.name, **columns}
    ]
    assert desk.trail() == [
        (actor.name, actor.staff_id, entry, {"on": "2022-01-10", "course": desk.course("p-1"), **detail})
    ]
    assert (desk.revision(), desk.revision("p-met")) == (1, 0)
    assert desk.caseload_revision() == before + 1
    assert desk.stale() == {"jane and max": 1, "max alone": 0, "jane once more": 1}


def test_a_return_records_the_cohort_and_moves_the_dates(desk: Desk) -> None:
    outcome = desk.does("resume", "p-def", cohort="2")
    assert outcome.said == "Dee Deferred: back from deferral on 10 January 2022 in cohort 2."
    assert outcome.standing.cohort == "2"
    assert outcome.standing.outputs[0].review_date == day("2022-03-09")
    assert desk.decided("p-def") == [
        {
            "enrolment_id": enrolled("p-def"),
            "kind": "resumption",
            "told": "Back from deferral, rejoined cohort 2",
            "decided_on": TODAY,
            "recorded_at": NOW,
            "by": "Sam",
            "cohort": "2",
        }
    ]
    assert desk.trail("p-def") == [
        ("Sam", 1, "resume", {"on": "2022-01-10", "course": desk.course("p-def"), "cohort": "2"})
    ]
    assert desk.revision("p-def") == 1


def test_a_declaration_is_a_fact_too(desk: Desk) -> None:
    desk.does("declare", "p-met", actor=LEE, on="2022-01-11", output=1, cutoff=day("2021-12-13"))
    with reading(desk.installation.engine) as session:
        [max_met] = participant_rows.load_participants(session, ids=[enrolled("p-met")])
    [declared] = max_met.declarations
    assert (declared.output, declared.declared_on, declared.evidence_cutoff, declared.state) == (
        1,
        day("2022-01-11"),
        day("2021-12-13"),
        "submitted",
    )
    assert desk.output("p-met", on="2022-01-11").declared
    assert not desk.output("p-met", on="2022-01-10").declared, "it counts from its own day on"
    assert desk.output("p-met", 2, on="2022-01-11").baseline == day("2021-12-13")


def test_a_declaration_takes_the_place_of_a_voided_one_of_the_same_day(desk: Desk) -> None:
    with loading(desk.installation) as session:
        session.add(DeclarationRow(enrolment_id=enrolled("p-1"), output=1, declared_on=TODAY, state="voided"))
    assert desk.does("declare", actor=LEE, output=1).standing.outputs[0].declared


def test_the_audit_trail_and_the_history_hold_no_reason(small: Desk) -> None:
    """Reasons for deferral touch special-category data: they stand in the decision alone."""
    small.does("extend", output=1, until=day("2022-01-28"), reason="illness-or-absence")
    small.does("defer", starts_on=day("2022-01-10"), until=day("2022-09-01"), reason="bereavement")
    assert "bereavement" not in str(small.trail())
    assert "illness" not in str(small.trail())
    history = enquiries.case(small.installation, SAM, "p-1", as_of=TODAY).history
    assert [(line.kind, line.on, line.by, line.text) for line in history] == [
        ("extension", TODAY, "Sam", "Output 1 extended to 28 January 2022"),
        ("deferral", TODAY, "Sam", "Deferred from 10 January 2022, agreed return 1 September 2022"),
    ]


def test_by_says_who_decided_when_somebody_else_types(small: Desk) -> None:
    small.does("contact", actor=CONSOLE, by="Fay Facilitator")
    assert [row["by"] for row in small.decided()] == ["Fay Facilitator"]
    assert small.trail()[0][:2] == ("Fay Facilitator", None)


def test_an_earlier_day_counts_from_that_day(small: Desk) -> None:
    for on in ("2022-01-04", "2022-01-06", "2022-01-08"):
        small.does("contact", on=on)
    assert (small.output().stage, small.output().unanswered_contacts) == ("removal_review", 3)
    assert small.output(on="2022-01-07").unanswered_contacts == 2
    assert {row["recorded_at"] for row in small.decided()} == {NOW}


WARNED: list[tuple[str, str, str, Actor, Mapping[str, Any], str]] = [
    (
        "an extension beyond the next review",
        "extend",
        "p-1",
        SAM,
        {"output": 1, "until": day("2022-06-24"), "reason": "other"},
        "24 June 2022 lies beyond the review date of Output 2, 23 June 2022.",
    ),
    (
        "a return that has passed",
        "defer",
        "p-dec",
        SAM,
        {"starts_on": day("2021-12-22"), "until": day("2022-01-08"), "reason": "other"},
        "The agreed return, 8 January 2022, has passed already: record their return too.",
    ),
    (
        "a deferral of somebody on deferral",
        "defer",
        "p-def",
        SAM,
        {"starts_on": day("2022-01-10"), "until": day("2022-09-01"), "reason": "other"},
        "Dee Deferred was on deferral already; the agreed return is now 1 September 2022.",
    ),
    (
        "a return without a cohort",
        "resume",
        "p-def",
        SAM,
        {"cohort": None},
        "Until a cohort to rejoin is recorded, their review dates are not known (rescheduling needed).",
    ),
    (
        "removal before its stage",
        "remove",
        "p-1",
        SAM,
        {"side": "delivery_partner", "decision": "approve"},
        "They had not reached the stage at which removal may be considered.",
    ),
    (
        "a declaration without evidence",
        "declare",
        "p-1",
        LEE,
        {"output": 1},
        "The evidence held here does not show this output as met.",
    ),
    (
        "a declaration out of order",
        "declare",
        "p-1",
        LEE,
        {"output": 2},
        "Output 1 is neither declared nor met: please check the order.",
    ),
]


@pytest.mark.parametrize(
    ("what", "act", "who", "actor", "values", "warning"), WARNED, ids=[row[0].replace(" ", "-") for row in WARNED]
)
def test_what_is_recorded_with_a_warning(
    small: Desk, what: str, act: str, who: str, actor: Actor, values: Mapping[str, Any], warning: str
) -> None:
    assert warning in small.does(act, who, actor=actor, **values).warnings
    assert len(small.decided(who)) == 1


def test_what_is_recorded_without_a_warning(small: Desk) -> None:
    """What everything asks for: nothing to be told beyond what was recorded."""
    assert small.does("extend").warnings == ()
    assert small.does("contact").warnings == ()
    assert small.does("defer", "p-dec").warnings == ()
    assert small.does("resume", "p-def").warnings == ()
    assert small.does("declare", "p-met", actor=LEE).warnings == ()
    assert small.does("declare", "p-ehco", actor=LEE, output=1).warnings == ()


def test_the_second_extension_is_warned_of_and_the_third_lapsed_leads_to_removal_review(small: Desk) -> None:
    """R39, R42: no cap, but every extension counts."""
    warnings = [
        small.does("extend", on=on, output=1, until=day(until), reason="workload").warnings
        for on, until in [("2022-01-10", "2022-01-14"), ("2022-01-14", "2022-01-21"), ("2022-01-21", "2022-01-28")]
    ]
    assert warnings == [
        (),
        ("This is extension number 2 for this output.",),
        ("This is extension number 3 for this output.",),
    ]
    assert small.output(on="2022-01-28").stage == "extended"
    assert small.output(on="2022-01-29").stage == "removal_review"
    assert small.does("remove", on="2022-01-29").warnings == ()


def test_a_blocked_output_can_be_extended(small: Desk) -> None:
    """Reading 16: Output 2 waits for Output 1, and may be extended all the same."""
    outcome = small.does("extend", on="2022-06-16", output=2, until=day("2022-07-29"), reason="event-missed")
    assert outcome.standing.outputs[1].deadline == day("2022-07-29")
    assert outcome.standing.outputs[1].blocked_by == 1


def test_an_extension_is_possible_from_four_weeks_before_the_review(small: Desk) -> None:
    """R39: 23 June 2022 less 28 days is 26 May."""
    values: Mapping[str, Any] = {"output": 2, "until": day("2022-07-15"), "reason": "workload"}
    assert small.refuses("extend", on="2022-05-25", **values).code == "too_early"
    assert small.does("extend", on="2022-05-26", **values).standing.outputs[1].extensions == 1


def test_a_deferral_with_no_declaration_yet_says_the_way_out(desk: Desk) -> None:
    """R41: DfE refuses to defer somebody without a declaration; it is recorded, and the way out is said."""
    way_out = (
        "DfE will refuse this deferral, because nothing has been declared for them yet. The way out: ask "
        "Education Development Trust to move them to a later cohort or schedule instead."
    )
    assert desk.does("defer", "p-1").warnings == (way_out,)
    assert desk.does("defer", "p-dec").warnings == ()
    assert desk.output("p-1").stage == desk.output("p-dec", 2).stage == "deferred"


# ---- what is refused

EXTENSIONS: list[tuple[str, str, str, Mapping[str, Any], str, str, str]] = [
    # why, whom, on which day, what differs from a good extension, code, field and sentence
    (
        "withdrawn",
        "p-wd",
        "2022-01-10",
        {},
        "withdrawn",
        "output",
        "Will Withdrawn has been withdrawn, so there is nothing to extend.",
    ),
    (
        "declared",
        "p-dec",
        "2022-01-10",
        {},
        "already_declared",
        "output",
        "Output 1 has been declared for Dora Declared; no extension is needed.",
    ),
    (
        "no review date",
        "p-ehco",
        "2022-01-10",
        {},
        "not_defined",
        "output",
        "Output 1 has no review date yet, so it can't be extended.",
    ),
    (
        "met",
        "p-met",
        "2022-01-10",
        {},
        "already_met",
        "output",
        "Max Met has met Output 1; no extension is needed.",
    ),
    (
        "on deferral",
        "p-def",
        "2022-01-10",
        {},
        "on_deferral",
        "output",
        "Dee Deferred is on deferral; an extension is for people who are not.",
    ),
    (
        "too early",
        "p-1",
        "2022-01-10",
        {"output": 2, "until": day("2022-07-29")},
        "too_early",
        "until",
        "An extension can be agreed from 26 May 2022 on, 28 days before the review date.",
    ),
    (
        "today is not later",
        "p-1",
        "2022-01-10",
        {"until": day("2022-01-10")},
        "not_later",
        "until",
        "The new deadline must be later than 10 January 2022; please choose 11 January 2022 or a later day.",
    ),
    (
        "in the window, its last day is not later",
        "p-1",
        "2021-12-20",
        {"until": day("2022-01-03")},
        "not_later",
        "until",
        "The new deadline must be later than 3 January 2022; please choose 4 January 2022 or a later day.",
    ),
    (
        "a mistyped year",
        "p-1",
        "2022-01-10",
        {"until": day("2202-01-28")},
        "implausible_date",
        "until",
        "The year 2202 cannot be meant: give a date from 2000 to 2099.",
    ),
    (
        "no such output",
        "p-1",
        "2022-01-10",
        {"output": 4},
        "no_such_output",
        "output",
        "NPQLTD has outputs 1 to 3; there is no output 4.",
    ),
    (
        "output zero",
        "p-1",
        "2022-01-10",
        {"output": 0},
        "no_such_output",
        "output",
        "NPQLTD has outputs 1 to 3; there is no output 0.",
    ),
    (
        "a deferral's reason",
        "p-1",
        "2022-01-10",
        {"reason": "bereavement"},
        "unknown_reason",
        "reason",
        "“bereavement” is not a reason I know; choose one of workload, illness-or-absence, school-circumstances, "
        "technical-access, event-missed, other.",
    ),
]


@pytest.mark.parametrize(
    ("why", "who", "on", "differs", "code", "field", "sentence"),
    EXTENSIONS,
    ids=[row[0].replace(" ", "-") for row in EXTENSIONS],
)
def test_what_an_extension_is_refused_for(
    small: Desk, why: str, who: str, on: str, differs: Mapping[str, Any], code: str, field: str, sentence: str
) -> None:
    refusal = small.refuses("extend", who, on=on, **{**GOOD["extend"], **differs})
    assert (refusal.code, refusal.field, refusal.message) == (code, field, sentence)


def test_an_extension_must_be_later_than_the_one_agreed_before(small: Desk) -> None:
    small.does("extend")
    refusal = small.refuses("extend")
    assert (refusal.code, refusal.field) == ("not_later", "until")
    assert refusal.message == (
        "The new deadline must be later than 28 January 2022; please choose 29 January 2022 or a later day."
    )
    assert small.does("extend", output=1, until=day("2022-01-29"), reason="other").standing.outputs[0].extensions == 2


REFUSED: list[tuple[str, str, str, Actor, Mapping[str, Any], str, str | None, str]] = [
    # why, act, whom, by whom, with what; code, field and sentence
    (
        "a channel nobody knows",
        "contact",
        "p-1",
        SAM,
        {"channel": "pigeon", "outcome": "reached"},
        "unknown_channel",
        "channel",
        "“pigeon” is not a channel I know; choose one of phone, email, text, in-person.",
    ),
    (
        "an outcome nobody knows",
        "contact",
        "p-1",
        SAM,
        {"channel": "phone", "outcome": "perhaps"},
        "unknown_outcome",
        "outcome",
        "“perhaps” is not an outcome I know; choose one of no-answer, reached.",
    ),
    (
        "a deferral of somebody withdrawn",
        "defer",
        "p-wd",
        SAM,
        GOOD["defer"],
        "withdrawn",
        "starts_on",
        "Will Withdrawn has been withdrawn and can't be deferred.",
    ),
    (
        "a deferral that ends on its first day",
        "defer",
        "p-1",
        SAM,
        {"starts_on": day("2022-02-01"), "until": day("2022-02-01"), "reason": "other"},
        "until_not_after_from",
        "until",
        "The agreed return must be later than the first day of the deferral.",
    ),
    (
        "an extension's reason",
        "defer",
        "p-1",
        SAM,
        {**GOOD["defer"], "reason": "workload"},
        "unknown_reason",
        "reason",
        "“workload” is not a reason I know; choose one of bereavement, long-term-sickness, parental-leave, "
        "career-break, other.",
    ),
    (
        "a return of somebody who is there",
        "resume",
        "p-1",
        SAM,
        {"cohort": "2"},
        "not_deferred",
        None,
        "Jane Doe is not on deferral on 10 January 2022.",
    ),
    (
        "a return of somebody withdrawn",
        "resume",
        "p-wd",
        SAM,
        {"cohort": "2"},
        "withdrawn",
        None,
        "Will Withdrawn has been withdrawn and can't be brought back here.",
    ),
    (
        "a cohort that does not exist",
        "resume",
        "p-def",
        SAM,
        {"cohort": "9"},
        "unknown_cohort",
        "cohort",
        "There is no cohort 9; the cohorts are 1, 2, 3, 4.",
    ),
    (
        "a rejection without a proposal",
        "remove",
        "p-1",
        LEE,
        {"side": "lead_provider", "decision": "reject"},
        "no_open_proposal",
        "decision",
        "There is no open proposal to remove Jane Doe.",
    ),
    (
        "removal of somebody withdrawn",
        "remove",
        "p-wd",
        SAM,
        GOOD["remove"],
        "already_withdrawn",
        None,
        "Will Withdrawn has been withdrawn already.",
    ),
    (
        "removal of somebody who has met it",
        "remove",
        "p-met",
        SAM,
        GOOD["remove"],
        "already_met",
        None,
        "Max Met has met Output 1 since; removal no longer applies.",
    ),
    (
        "removal of somebody whose outputs are all declared",
        "remove",
        "p-all",
        SAM,
        GOOD["remove"],
        "all_declared",
        "decision",
        "Every output of Alan Alldone has been declared.",
    ),
    (
        "a side nobody knows",
        "remove",
        "p-1",
        SAM,
        {"side": "school", "decision": "approve"},
        "unknown_side",
        "side",
        "“school” is not a side I know; choose one of delivery_partner, lead_provider.",
    ),
    (
        "a vote nobody knows",
        "remove",
        "p-1",
        SAM,
        {"side": "delivery_partner", "decision": "abstain"},
        "unknown_decision",
        "decision",
        "“abstain” is not a decision I know; choose one of approve, reject.",
    ),
    (
        "a second declaration, on another day",
        "declare",
        "p-dec",
        LEE,
        {"output": 1},
        "already_declared",
        "output",
        "Output 1 of Dora Declared was declared on 20 December 2021 already.",
    ),
    (
        "a cut-off after the declaration",
        "declare",
        "p-1",
        LEE,
        {"output": 1, "cutoff": day("2022-01-11")},
        "cutoff_after_declaration",
        "cutoff",
        "The evidence cut-off can't lie after the declaration.",
    ),
    (
        "a declaration of an output that the course does not have",
        "declare",
        "p-1",
        LEE,
        {"output": 4},
        "no_such_output",
        "output",
        "NPQLTD has outputs 1 to 3; there is no output 4.",
    ),
]


@pytest.mark.parametrize(
    ("why", "act", "who", "actor", "values", "code", "field", "sentence"),
    REFUSED,
    ids=[row[0].replace(" ", "-") for row in REFUSED],
)
def test_what_the_other_acts_are_refused_for(
    small: Desk,
    why: str,
    act: str,
    who: str,
    actor: Actor,
    values: Mapping[str, Any],
    code: str,
    field: str | None,
    sentence: str,
) -> None:
    refusal = small.refuses(act, who, actor=actor, **values)
    assert (refusal.code, refusal.field, refusal.message) == (code, field, sentence)


def test_a_cohort_that_does_not_offer_the_course(small: Desk) -> None:
    """R49: NPQLL starts at cohort 3."""
    with loading(small.installation) as session:
        session.add(stored_person("p-ll", full_name="Lil", course="NPQLL", cohort="3", training_status="deferred"))
    refusal = small.refuses("resume", "p-ll", cohort="2")
    assert (refusal.code, refusal.field) == ("not_offered", "cohort")
    assert refusal.message == "NPQLL is not offered in cohort 2."


def test_while_a_new_cohort_is_needed_it_is_agreed_before_anything_is_extended(small: Desk) -> None:
    """R37: without one there are no review dates; a return asks for just that, and then there are."""
    small.does("resume", "p-def", cohort=None)
    refusal = small.refuses("extend", "p-def")
    assert (refusal.code, refusal.field) == ("rescheduling_needed", "output")
    assert refusal.message == (
        "Dee Deferred is back from deferral and needs a new cohort: agree the cohort first and record it with Record return; "
        "then their deadline can be extended."
    )
    assert small.refuses("extend", "p-def", on="2022-01-05").code == "on_deferral", "as they were on that day"
    refusal = small.refuses("resume", "p-def", cohort=None)
    assert (refusal.code, refusal.field) == ("cohort_needed", "cohort")
    assert refusal.message == "Dee Deferred is back from deferral already; please choose the cohort they rejoin."
    refusal = small.refuses("resume", "p-def", cohort=None, on="2022-01-05")
    assert (refusal.code, refusal.field) == ("cohort_needed", "cohort"), "also dated back to a day on deferral"
    refusal = small.refuses("resume", "p-def", cohort="1", on="2022-01-05")
    assert (refusal.code, refusal.field) == ("before_return", "on"), "it would not end the need"
    assert "Dee Deferred has been back since" in refusal.message
    assert not small.does("resume", "p-def", cohort="1").standing.rescheduling_needed
    assert small.does("extend", "p-def").standing.outputs[0].extensions == 1


def test_an_extension_dated_back_into_the_time_without_a_cohort_is_taken_once_there_is_one(small: Desk) -> None:
    small.does("resume", "p-def", cohort=None, on="2022-01-06")
    small.does("resume", "p-def", cohort="1")
    assert small.does("extend", "p-def", on="2022-01-07").standing.outputs[0].extensions == 1


@pytest.mark.parametrize("act", ["defer", "resume", "extend"])
def test_nothing_is_dated_back_on_somebody_who_has_been_removed_since(small: Desk, act: str) -> None:
    small.does("remove", "p-def", **PARTNER)
    small.does("remove", "p-def", actor=LEE, **PROVIDER)
    assert small.refuses(act, "p-def", on="2022-01-05").code == "withdrawn"


@pytest.mark.parametrize("act", GOOD)
def test_no_decision_is_dated_in_the_future(small: Desk, act: str) -> None:
    """Reading 16, for every act, whoever asks."""
    with pytest.raises(Refusal) as refused:
        DO[act](small.installation, ADA, "p-1", Deed(day("2022-01-11"), NOW), **GOOD[act])
    assert (refused.value.code, refused.value.field) == ("in_the_future", "on")
    what = "A contact" if act == "contact" else "A decision"
    assert refused.value.message == f"{what} can't be dated in the future; please use today or an earlier day."
    assert small.decided() == []


def test_today_is_londons_today(small: Desk) -> None:
    """At half past eleven at night UTC in June it is tomorrow in London."""
    late = datetime(2022, 6, 15, 23, 30, tzinfo=UTC)
    values = GOOD["contact"]
    assert contact.log_contact(small.installation, SAM, "p-1", Deed(day("2022-06-16"), late), **values).said
    with pytest.raises(Refusal, match="future"):
        contact.log_contact(small.installation, SAM, "p-1", Deed(day("2022-06-17"), late), **values)


# ---- who may do what

MAY: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "facilitator": frozenset({"contact"}),
    "coordinator": frozenset({"contact", "extend", "defer", "resume", "remove for the Delivery Partner"}),
    "lead_provider": frozenset({"contact", "extend", "defer", "resume", "remove for the lead provider", "declare"}),
    "administrator": frozenset(
        {
            "contact",
            "extend",
            "defer",
            "resume",
            "remove for the Delivery Partner",
            "remove for the lead provider",
            "declare",
        }
    ),
}
ACTS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "contact": ("contact", "p-1", GOOD["contact"]),
    "extend": ("extend", "p-1", GOOD["extend"]),
    "defer": ("defer", "p-1", GOOD["defer"]),
    "resume": ("resume", "p-def", GOOD["resume"]),
    "remove for the Delivery Partner": ("remove", "p-1", {"side": "delivery_partner", "decision": "approve"}),
    "remove for the lead provider": ("remove", "p-1", {"side": "lead_provider", "decision": "approve"}),
    "declare": ("declare", "p-1", GOOD["declare"]),
}


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("what", ACTS)
def test_who_may_do_what(small: Desk, what: str, role: str) -> None:
    act, who, values = ACTS[what]
    if what in MAY[role]:
        assert small.does(act, who, actor=EVERYBODY[role], **values).said
        return
    refusal = small.refuses(act, who, actor=EVERYBODY[role], **values)
    assert refusal.code == "not_permitted"
    assert f"Your role here ({role.replace('_', ' ')}) cannot" in refusal.message
    whom = (
        "the lead provider"
        if what in ("declare", "remove for the lead provider")
        else "a coordinator or your administrator"
    )
    assert refusal.message.endswith(f"; ask {whom}.")


def test_a_role_that_nobody_knows_may_do_nothing(small: Desk) -> None:
    assert small.refuses("contact", actor=replace(SAM, role="owner")).code == "not_permitted"


@pytest.mark.parametrize("what", [what for what in ACTS if what in MAY["coordinator"]])
def test_someone_of_another_delivery_partner_is_answered_as_if_absent(small: Desk, what: str) -> None:
    """Sue is South Star's coordinator. What she is told of Jane is what she is told of nobody, word for word."""
    act, who, values = ACTS[what]
    unseen = small.refuses(act, who, actor=SUE, **values)
    absent = small.refuses(act, "p-nobody", actor=SUE, **values)
    assert (unseen.code, unseen.field, unseen.matches) == (absent.code, absent.field, absent.matches)
    assert unseen.message.replace(who, "ID") == absent.message.replace("p-nobody", "ID")
    assert "Jane" not in unseen.message


def test_an_unseen_participants_event_and_revision_give_nothing_away(small: Desk) -> None:
    """Neither a wrong revision nor an event that was acted on tells that there is such a participant."""
    small.does("contact", event_id="Ev1")
    for more in ({"revision": 7}, {"event_id": "Ev1"}, {"revision": 7, "event_id": "Ev1"}):
        unseen = small.refuses("contact", actor=SUE, **more)
        assert unseen.message == small.refuses("contact", "p-x", actor=SUE, **more).message.replace("p-x", "p-1")


# ---- the same click twice, and late ones


def repeat(desk: Desk, act: str, who: str, values: Mapping[str, Any]) -> None:
    first = desk.does(act, who, actor=ADA, event_id="Ev1", revision=0, **values)
    after = desk.stored()
    second = desk.does(act, who, actor=ADA, event_id="Ev1", revision=0, **values)
    assert desk.stored() == after
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.participant_id, second.said) == (first.participant_id, first.said)
    assert second.standing == first.standing


@pytest.mark.parametrize("what", ACTS)
def test_the_same_event_twice_has_one_effect_and_the_same_answer(small: Desk, what: str) -> None:
    repeat(small, *ACTS[what])


def test_the_same_event_twice_on_each_database(desk: Desk) -> None:
    repeat(desk, *ACTS["declare"])


def test_two_events_are_two_acts(small: Desk) -> None:
    small.does("contact", event_id="Ev1")
    small.does("contact", event_id="Ev2")
    assert len(small.decided()) == 2


def test_an_event_that_was_refused_may_come_again(small: Desk) -> None:
    """A form that came back with a wrong value is sent again under the same id."""
    assert small.refuses("extend", event_id="Ev1", output=1, until=TODAY, reason="other").code == "not_later"
    assert small.does("extend", event_id="Ev1").repeated is False
    assert len(small.decided()) == 1


def test_a_late_press_is_told_what_happened_meanwhile_and_by_whom(desk: Desk) -> None:
    desk.does("extend", actor=PAT, revision=0)
    refusal = desk.refuses("extend", revision=0, output=1, until=day("2022-02-11"), reason="other")
    assert refusal.code == "changed_meanwhile"
    assert refusal.message == (
        "Something was recorded for Jane Doe in the meantime, so nothing has been changed. "
        "Output 1 extended to 28 January 2022 by Pat, 10 January 2022. Please look again and decide afresh."
    )
    assert desk.does("contact", revision=1).said
    assert desk.does("contact").said, "without a revision there is nothing to compare"


def test_a_decision_about_somebody_else_makes_nobody_late(small: Desk) -> None:
    small.does("contact", "p-dec")
    assert small.does("contact", revision=0).said


def test_a_repeated_event_is_not_a_late_press(small: Desk) -> None:
    """Pat's press is delivered again after Sam decided too: it was acted on, and that is the answer."""
    first = small.does("extend", actor=PAT, revision=0, event_id="Ev1")
    small.does("contact", revision=1)
    assert small.does("extend", actor=PAT, revision=0, event_id="Ev1").said == first.said


# ---- removal by two sides

PARTNER: Mapping[str, Any] = {"side": "delivery_partner", "decision": "approve"}
PROVIDER: Mapping[str, Any] = {"side": "lead_provider", "decision": "approve"}


def test_removal_takes_both_sides(desk: Desk) -> None:
    first = desk.does("remove", **PARTNER)
    assert first.standing.training_status == "active"
    assert first.standing.removal_sides_approved == ("delivery_partner",)
    second = desk.does("remove", actor=LEE, on="2022-01-12", **PROVIDER)
    assert second.said == "Jane Doe: both sides approved; they are withdrawn from the course."
    assert [output.stage for output in second.standing.outputs] == ["withdrawn"] * 3
    assert [row["by"] for row in desk.decided()] == ["Sam", "Lee"]
    assert [entry[2] for entry in desk.trail()] == ["vote_removal", "propose_removal"]


def test_the_lead_provider_may_propose_too(small: Desk) -> None:
    assert small.does("remove", actor=LEE, **PROVIDER).said == (
        "Jane Doe: the lead provider proposed removal; the other side has yet to decide."
    )
    assert small.does("remove", **PARTNER).standing.training_status == "withdrawn"


def test_a_second_approval_of_one_side_is_refused(small: Desk) -> None:
    """Reading 15: also by somebody else of that side."""
    small.does("remove", **PARTNER)
    refusal = small.refuses("remove", actor=PAT, **PARTNER)
    assert (refusal.code, refusal.field) == ("already_approved", "side")
    assert refusal.message == "The Delivery Partner has approved this already."


@pytest.mark.parametrize("second_on", ["2022-01-10", "2022-01-11"], ids=["the-same-day", "later"])
def test_nobody_is_removed_by_one_person_alone(small: Desk, second_on: str) -> None:
    """R43: two different people."""
    small.does("remove", actor=ADA, **PARTNER)
    refusal = small.refuses("remove", actor=ADA, on=second_on, **PROVIDER)
    assert (refusal.code, refusal.field) == ("same_person", "side")
    assert refusal.message == "The two sides' decisions must be made by two different people."
    assert small.output(on="2022-01-20").stage == "removal_pending"


def test_nobody_is_removed_by_one_person_who_dates_the_second_approval_back(small: Desk) -> None:
    """R43: two different people, whatever day is written on the second approval."""
    small.does("remove", actor=ADA, **PARTNER)
    assert small.refuses("remove", actor=ADA, on="2022-01-07", **PROVIDER)
    assert small.output(on="2022-01-20").stage == "removal_pending"


@pytest.mark.parametrize("second", ["Ada", "ADA"])
def test_one_name_written_twice_is_one_person(small: Desk, second: str) -> None:
    small.does("remove", actor=CONSOLE, by="Ada", **PARTNER)
    assert small.refuses("remove", actor=CONSOLE, by=second, **PROVIDER).code == "same_person"


def test_one_account_is_one_person_whatever_it_is_called_by_then(small: Desk) -> None:
    small.does("remove", actor=ADA, **PARTNER)
    renamed = replace(ADA, name="Somebody Else")
    assert small.refuses("remove", actor=renamed, **PROVIDER).code == "same_person"


def test_a_rejection_that_is_dated_back_undoes_nothing(small: Desk) -> None:
    """Reading 15: what has been decided by now counts: they are withdrawn, and no proposal is open."""
    small.does("remove", on="2022-01-03", **PARTNER)
    small.does("remove", actor=LEE, on="2022-01-07", **PROVIDER)
    refusal = small.refuses("remove", actor=LEE, on="2022-01-05", side="lead_provider", decision="reject")
    assert refusal.code == "already_withdrawn"


def test_a_proposal_is_rejected_once(small: Desk) -> None:
    small.does("remove", on="2022-01-03", **PARTNER)
    small.does("remove", actor=LEE, on="2022-01-07", side="lead_provider", decision="reject")
    refusal = small.refuses("remove", actor=LEE, on="2022-01-05", side="lead_provider", decision="reject")
    assert refusal.code == "no_open_proposal"


def test_an_extension_that_is_dated_back_comes_after_what_was_agreed_since(small: Desk) -> None:
    small.does("extend", on="2022-01-09", output=1, until=day("2022-03-01"), reason="workload")
    refusal = small.refuses("extend", on="2022-01-05", output=1, until=day("2022-01-20"), reason="workload")
    assert (refusal.code, refusal.field) == ("not_later", "until")
    assert "later than 1 March 2022" in refusal.message
    assert small.does("extend", on="2022-01-05", output=1, until=day("2022-03-02"), reason="workload").warnings


def test_what_has_been_declared_since_is_not_extended_before(small: Desk) -> None:
    small.does("declare", actor=LEE, on="2022-01-09", output=1)
    refusal = small.refuses("extend", on="2022-01-05", output=1, until=day("2022-01-28"), reason="workload")
    assert refusal.code == "already_declared"


def test_a_contact_in_person_is_said_in_words(small: Desk) -> None:
    said = small.does("contact", channel="in-person", outcome="reached").said
    assert said == "Jane Doe: contact in person on 10 January 2022 logged, reached them."


def test_a_second_approval_of_one_side_is_refused_also_when_dated_back(small: Desk) -> None:
    small.does("remove", **PARTNER)
    assert small.refuses("remove", actor=PAT, on="2022-01-07", **PARTNER)


def test_the_second_approval_is_said_to_remove_also_when_dated_back(small: Desk) -> None:
    """Lee approves on the 12th what Sam proposed on the 10th, and dates it the 7th: whatever is said must be so."""
    small.does("remove", **PARTNER)
    try:
        said = small.does("remove", actor=LEE, on="2022-01-07", **PROVIDER).said
    except Refusal:
        return
    withdrawn = small.output(on="2022-01-12").stage == "withdrawn"
    assert ("both sides approved" in said) == withdrawn, said


def test_a_rejection_closes_the_proposal_and_resets_nothing(desk: Desk) -> None:
    """Reading 15: the stage is what the other lines then give, and it can be proposed anew."""
    for on in ("2022-01-05", "2022-01-06", "2022-01-07"):
        desk.does("contact", on=on)
    desk.does("remove", **PARTNER)
    assert desk.output().stage == "removal_pending"
    rejected = desk.does("remove", actor=LEE, side="lead_provider", decision="reject")
    assert rejected.said == "Jane Doe: the lead provider rejected removal; they stay on the course."
    assert (desk.output().stage, desk.output().unanswered_contacts) == ("removal_review", 3)
    again = desk.does("remove", on="2022-01-11", **PARTNER)
    assert again.standing.removal_proposed_on == day("2022-01-11")
    assert again.standing.removal_sides_approved == ("delivery_partner",)


def test_approval_on_a_stale_card_after_they_met_it_is_refused(small: Desk) -> None:
    """R43."""
    small.does("remove", **PARTNER)
    with loading(small.installation) as session:
        session.add(
            ActivityRow(
                enrolment_id=enrolled("p-1"),
                block=1,
                component="Self-study",
                title="Case Studies",
                credits=3,
                completed_on=day("2022-01-11"),
            )
        )
    assert small.refuses("remove", actor=LEE, on="2022-01-12", **PROVIDER).code == "already_met"


@pytest.mark.parametrize(
    "since", [None, {"role": "viewer"}, {"partner": "South Star"}], ids=["gone", "a-viewer", "elsewhere"]
)
def test_an_approver_who_lost_the_role_since_has_no_vote(small: Desk, since: Mapping[str, str] | None) -> None:
    """R43: "approver loses role between votes ⇒ vote void"."""
    assert recognise(small.installation, "slack", "U0SAM") == SAM
    small.does("remove", **PARTNER)
    one: dict[str, Any] = {"platform": "slack", "platform_id": "U0SAM", "now": NOW}
    if since is None:
        staffing.remove_staff(small.installation, CONSOLE, **one)
    else:
        given: dict[str, Any] = {"name": "Sam", "role": "coordinator", "partner": "North Star", **since}
        staffing.add_staff(small.installation, CONSOLE, **one, **given)
    with suppress(Refusal):
        small.does("remove", actor=LEE, on="2022-01-12", **PROVIDER)
    assert small.output(on="2022-01-12").stage != "withdrawn"


def test_an_approver_who_is_still_there_has_one(small: Desk) -> None:
    small.does("remove", **PARTNER)
    one: dict[str, Any] = {"platform": "slack", "platform_id": "U0SAM", "now": NOW}
    staffing.add_staff(small.installation, CONSOLE, **one, name="Samuel", role="administrator", partner=None)
    small.does("remove", actor=LEE, on="2022-01-12", **PROVIDER)
    assert small.output(on="2022-01-12").stage == "withdrawn"


# ---- a crash in the middle

WRITES = [
    "INSERT INTO inbound_event",
    "INSERT INTO decision",
    "UPDATE caseload_revision",
    "INSERT INTO revision_mark",
    "INSERT INTO participant_revision",
    "UPDATE progress",
    "UPDATE post",
    "INSERT INTO audit",
    "UPDATE inbound_event",
]


class Crash(Exception):
    """The process is gone."""


@contextmanager
def crashing_at(engine: Engine, statement: str) -> Iterator[None]:
    """Everything stops right after this statement (or, for COMMIT, right before it)."""

    def after(_connection: Any, _cursor: Any, said: str, *_: Any) -> None:
        if said.lstrip().startswith(statement):
            raise Crash

    def before_commit(_connection: Any) -> None:
        if statement == "COMMIT":
            raise Crash

    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "commit", before_commit)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", after)
        event.remove(engine, "commit", before_commit)


def test_a_crash_in_the_middle_leaves_nothing_half_done(desk: Desk) -> None:
    """Wherever it happens; and the same click, delivered again, is then acted on."""
    before = desk.stored()
    for statement in (*WRITES, "COMMIT"):
        with crashing_at(desk.installation.engine, statement), pytest.raises(Crash):
            desk.does("extend", event_id="Ev1", revision=0)
        assert desk.stored() == before, statement
    assert desk.does("extend", event_id="Ev1", revision=0).repeated is False
    assert len(desk.decided()) == len(desk.trail()) == 1


def test_a_crash_in_the_middle_of_a_declaration_leaves_no_declaration(small: Desk) -> None:
    before = small.stored()
    with crashing_at(small.installation.engine, "INSERT INTO declarations"), pytest.raises(Crash):
        small.does("declare", actor=LEE)
    assert small.stored() == before


# ---- the audit trail of all this


def test_every_act_stands_in_an_audit_trail_that_can_only_grow(desk: Desk) -> None:
    desk.does("contact", "p-dec")
    desk.does("extend")
    desk.does("defer", "p-dec")
    desk.does("resume", "p-dec", on="2022-01-11", cohort=None)
    desk.does("remove")
    desk.does("declare", "p-met", actor=LEE)
    desk.refuses("extend", "p-wd")
    assert [entry[2] for entry in desk.trail(None)] == [
        "declare",
        "propose_removal",
        "resume",
        "defer",
        "extend",
        "contact",
    ]
    for statement in (
        "UPDATE audit SET actor = 'Eve' WHERE id = 1",
        "DELETE FROM audit WHERE id = 6",
        "DELETE FROM audit",
    ):
        with pytest.raises(DBAPIError, match="only ever added to"), desk.installation.engine.begin() as connection:
            connection.execute(text(statement))
    assert len(desk.trail(None)) == 6


# ---- two at once


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Runs the jobs in threads that start together; what each returned or raised."""
    barrier = threading.Barrier(len(jobs))
    results: list[object] = [None] * len(jobs)

    def run(place: int, job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = job()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def test_of_two_who_decide_at_once_exactly_one_succeeds_per_revision(desk: Desk) -> None:
    """Both have seen the same state. Whoever comes second is told what the first one did."""
    rounds = 10
    for revision in range(rounds):
        results = at_once(
            partial(desk.does, "contact", actor=SAM, revision=revision),
            partial(desk.does, "contact", actor=PAT, revision=revision),
        )
        done = [result for result in results if isinstance(result, Outcome)]
        refused = [result for result in results if isinstance(result, Refusal)]
        assert (len(done), [r.code for r in refused]) == (1, ["changed_meanwhile"]), (revision, results)
        assert f"by {desk.decided()[-1]['by']}," in refused[0].message
    assert len(desk.decided()) == desk.revision() == len(desk.trail()) == rounds
    assert desk.stale()["jane once more"] == rounds


def test_the_same_event_delivered_twice_at_once_has_one_effect(desk: Desk) -> None:
    for number in range(5):
        press = partial(desk.does, "contact", event_id=f"Ev{number}")
        results = at_once(press, press)
        assert all(isinstance(result, Outcome) for result in results), results
        assert sorted(r.repeated for r in results if isinstance(r, Outcome)) == [False, True]
        assert len({r.said for r in results if isinstance(r, Outcome)}) == 1
    assert len(desk.decided()) == desk.revision() == 5


def test_two_declarations_of_one_output_at_once_leave_one_live(desk: Desk) -> None:
    """Reading 17: two live ones for one output are refused."""
    people = [f"p-x{number}" for number in range(5)]
    with loading(desk.installation) as session:
        session.add_all(stored_person(who) for who in people)
    for who in people:
        at_once(
            partial(desk.does, "declare", who, actor=LEE, on="2022-01-09", output=1),
            partial(desk.does, "declare", who, actor=ADA, on="2022-01-10", output=1),
        )
        with reading(desk.installation.engine) as session:
            [record] = participant_rows.load_participants(session, ids=[enrolled(who)])
            assert len(record.declarations) == 1
            assert decisions.live_declaration(session, enrolled(who), 1) is not None


def test_decisions_about_many_people_at_once_all_count_and_the_chain_holds(desk: Desk) -> None:
    def several(who: str) -> Callable[[], object]:
        return lambda: [in_turn(who) for _ in range(5)]

    def in_turn(who: str) -> Outcome:
        while True:  # SQLite serves who waits in no order: on a slow machine one may be asked to try again, and does
            with suppress(DatabaseBusy):
                return desk.does("contact", who)

    results = at_once(*(several(who) for who in ("p-1", "p-met", "p-dec", "p-def")))
    assert [result for result in results if not isinstance(result, list)] == []
    assert len(desk.trail(None)) == 20
    assert [desk.revision(who) for who in ("p-1", "p-met", "p-dec", "p-def")] == [5, 5, 5, 5]


# ---- days outside the course

OUTSIDE: list[tuple[str, Mapping[str, Any], str, str, str]] = [
    # act, its values, its day, the field in doubt, what is said of it
    (
        "extend",
        {"output": 1, "until": day("2036-06-30"), "reason": "other"},
        "2022-01-10",
        "until",
        "30 June 2036 lies after the last date of NPQLTD in cohort 1 (24 April 2023).",
    ),
    (
        "defer",
        {"starts_on": day("2016-01-10"), "until": day("2022-09-01"), "reason": "other"},
        "2022-01-10",
        "starts_on",
        "10 January 2016 lies before cohort 1 began (1 November 2021).",
    ),
    (
        "defer",
        {"starts_on": day("2062-01-10"), "until": day("2062-09-01"), "reason": "other"},
        "2022-01-10",
        "starts_on",
        "10 January 2062 lies after the last date of NPQLTD in cohort 1 (24 April 2023).",
    ),
    (
        "defer",
        {"starts_on": day("2022-01-10"), "until": day("2099-09-01"), "reason": "other"},
        "2022-01-10",
        "until",
        "1 September 2099 lies after the last date of NPQLTD in cohort 4 (23 July 2024).",
    ),
    ("contact", GOOD["contact"], "2016-01-10", "on", "10 January 2016 lies before cohort 1 began (1 November 2021)."),
    ("declare", {"output": 1}, "2016-12-08", "on", "8 December 2016 lies before cohort 1 began (1 November 2021)."),
    (
        "declare",
        {"output": 1, "cutoff": day("2016-12-08")},
        "2022-01-10",
        "cutoff",
        "8 December 2016 lies before cohort 1 began (1 November 2021).",
    ),
]


@pytest.mark.parametrize(("act", "values", "on", "field", "said"), OUTSIDE)
def test_a_day_outside_the_course_is_asked_about_where_somebody_can_answer(
    small: Desk, act: str, values: Mapping[str, Any], on: str, field: str, said: str
) -> None:
    service: Callable[..., Outcome] = DO[act]
    before, asks = small.stored(), Deed(day(on), NOW, meant={})
    with pytest.raises(Refusal) as refused:
        service(small.installation, ADA, "p-1", asks, **values)
    assert (refused.value.code, refused.value.field, refused.value.message) == ("confirm_date", field, said)
    assert small.stored() == before
    every = {"on": day(on)} | {name: value for name, value in values.items() if isinstance(value, date)}
    elsewhere = {name: value for name, value in every.items() if name != field} | {"reason": every[field]}
    with pytest.raises(Refusal, match=re.escape(said)):  # a yes is for the field that it stands below
        service(small.installation, ADA, "p-1", replace(asks, meant=elsewhere), **values)
    assert said in service(small.installation, ADA, "p-1", replace(asks, meant=every), **values).warnings


@pytest.mark.parametrize(("act", "values", "on", "field", "said"), OUTSIDE)
def test_elsewhere_it_is_recorded_with_a_warning(
    small: Desk, act: str, values: Mapping[str, Any], on: str, field: str, said: str
) -> None:
    assert said in small.does(act, actor=ADA, on=on, **values).warnings
    assert len(small.decided()) == 1


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("extend", {"output": 1, "until": day("2023-04-24"), "reason": "other"}),
        ("defer", {"starts_on": day("2021-11-01"), "until": day("2022-09-01"), "reason": "other"}),
        ("defer", {"starts_on": day("2022-01-10"), "until": day("2024-07-23"), "reason": "other"}),
        ("contact", GOOD["contact"]),
    ],
)
def test_nothing_is_asked_about_a_day_within_the_course(small: Desk, act: str, values: Mapping[str, Any]) -> None:
    service: Callable[..., Outcome] = DO[act]
    said = service(small.installation, SAM, "p-1", Deed(TODAY, NOW, meant={}), **values).warnings
    assert not [each for each in said if "lies before" in each or "last date" in each]


def test_today_is_not_asked_about_although_the_cohort_has_not_begun(small: Desk) -> None:
    """People are deferred before they begin."""
    now = datetime(2021, 10, 4, 9, 30, tzinfo=UTC)
    deed = Deed(now.date(), now, meant={})
    assert contact.log_contact(small.installation, SAM, "p-1", deed, **GOOD["contact"]).warnings == ()
    yesterday = replace(deed, on=day("2021-10-03"))
    assert contact.log_contact(small.installation, SAM, "p-1", yesterday, **GOOD["contact"]).warnings == ()
    until, reason = day("2022-09-01"), "other"
    said = deferral.defer(
        small.installation, SAM, "p-1", deed, starts_on=now.date(), until=until, reason=reason
    ).warnings
    assert not [each for each in said if "lies" in each]
