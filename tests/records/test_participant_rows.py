"""What the rules read: whole participants, exactly as stored, in a handful of questions to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from core.database.database import open_database, reading
from core.database.key_batches import AT_ONCE
from core.database.tables import (
    ActivityRow,
    AssessmentRow,
    Decision,
    DeclarationReportRow,
    DeclarationRow,
    EngagementReportRow,
    MeetingRow,
    RegisterRow,
    VideoRow,
)
from core.records import decisions, participant_rows
from core.rules.facts import (
    FACTS,
    ActivityDone,
    Assessment,
    Contact,
    Declaration,
    DeclarationReport,
    Deferral,
    EngagementReport,
    Extension,
    Participant,
    RegisterEntry,
    RemovalVote,
    Resumption,
    VideoView,
)
from tests.loading import loading_rows
from tests.records.made import NOW, enrolled, stored_person


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Engine]:
    """SQLite alone, where the kind of database makes no difference."""
    opened = open_database(sqlite_url)
    yield opened
    opened.dispose()


def put(engine: Engine, *rows: Any) -> None:
    with loading_rows(engine) as session:
        for row in rows:
            session.add(row)
            session.flush()


def load(engine: Engine, *ids: str, partner: str | None = None) -> list[Participant]:
    with reading(engine) as session:
        return participant_rows.load_participants(session, ids=[enrolled(who) for who in ids] or None, partner=partner)


def only(found: Sequence[Participant]) -> Participant:
    assert len(found) == 1
    return found[0]


# One row of each kind of file, for anybody.
def a_row(kind: str, who: str) -> Any:
    match kind:
        case "activities":
            return ActivityRow(
                enrolment_id=enrolled(who),
                block=1,
                component="Self-study",
                title="S 1.1a",
                credits=0,
                completed_on=day("2021-12-01"),
            )
        case "declaration_report":
            return DeclarationReportRow(
                enrolment_id=enrolled(who), period_start=day("2021-11-01"), period_end=day("2021-12-13"), credits=0
            )
        case "engagement_report":
            return EngagementReportRow(
                enrolment_id=enrolled(who), run_on=day("2021-12-13"), percent_complete=Decimal(0)
            )
        case "register":
            return RegisterRow(
                event_id=f"e-{who}",
                enrolment_id=enrolled(who),
                event_type="f2f",
                event_date=day("2021-12-01"),
                status="booked",
            )
        case "videos":
            return VideoRow(enrolment_id=enrolled(who), block=1, percent_viewed=Decimal(0), viewed_on=day("2021-12-01"))
        case _:
            return AssessmentRow(enrolment_id=enrolled(who))


# Those that count as imported (reading 5), said once more: not taken from what is tested.
KINDS = ("activities", "declaration_report", "engagement_report", "register", "videos", "assessments")


def test_a_kind_counts_as_imported_for_the_whole_group(engine: Engine) -> None:
    """Reading 5: any row stored for anybody of the same partner, course and cohort; nobody beyond."""
    put(
        engine,
        stored_person("same group"),
        stored_person("has it"),
        stored_person("another partner", delivery_partner="South Star"),
        stored_person("another course", course="NPQLT"),
        stored_person("another cohort", cohort="2"),
    )
    expected: set[str] = set()
    for kind in KINDS:
        put(engine, a_row(kind, "has it"))
        expected.add(kind)
        assert {person.id: set(person.imported) for person in load(engine)} == {
            "same group": expected,
            "has it": expected,
            "another partner": set(),
            "another course": set(),
            "another cohort": set(),
        }


def test_somebody_who_moves_leaves_and_joins_what_counts_as_imported(engine: Engine) -> None:
    """Reading 29: a resumption into a cohort moves nobody for this purpose; only the file does."""
    put(engine, stored_person("mover"), stored_person("stays", cohort="2"), a_row("videos", "stays"))
    with loading_rows(engine) as session:
        decided(session, "mover", "resumption", "2022-02-01", cohort="2")
    assert only(load(engine, "mover")).imported == frozenset()
    with loading_rows(engine) as session:
        session.merge(stored_person("mover", cohort="2"))
    assert only(load(engine, "mover")).imported == {"videos"}


def test_declarations_and_meetings_are_no_evidence(engine: Engine) -> None:
    put(
        engine,
        stored_person("p-1"),
        DeclarationRow(enrolment_id=enrolled("p-1"), output=1, declared_on=day("2021-12-20")),
        MeetingRow(delivery_partner="North Star", meeting_on=day("2022-02-01")),
    )
    assert only(load(engine)).imported == frozenset()


# ---- facts come back as they went in

WHOLE = Participant(
    id="p-1",
    name="Zoë “Łucja” O'Connor; DROP TABLE",
    course="NPQSL",
    cohort="2",
    delivery_partner="North Star & Co",
    email="Zoe@Example.org",
    trn="0012345",
    school="St Mary's",
    facilitator="Fay",
    application_status="accepted",
    contract_returned_on=day("2022-02-28"),
    sponsorship_returned_on=day("2024-02-29"),
    training_status="deferred",
    schedule="npq-leadership-spring",
    enrolment_id=enrolled("p-1"),
    imported=frozenset(KINDS),
    activities=(
        ActivityDone(1, "Self-study", "S 1.1a", 3, day("2022-02-20"), "auto"),
        ActivityDone(1, "Training event", "NPQSL F2F Training Session", 15, day("2022-03-01"), "self_report"),
        ActivityDone(2, "Self-study", "S 1.1a", 0, day("2022-02-20"), "auto"),
    ),
    declaration_reports=(
        DeclarationReport(day("2022-02-01"), day("2022-03-09"), 18, 3, 18),
        DeclarationReport(day("2022-03-10"), day("2022-09-23"), 0, None, None),
    ),
    engagement_reports=(
        EngagementReport(day("2022-03-09"), Decimal("89.9"), None),
        EngagementReport(day("2022-03-10"), Decimal("89.95000000000000000001"), 18),
        EngagementReport(day("2022-03-11"), Decimal("100"), 18),
        EngagementReport(day("2022-03-12"), Decimal("0"), 0),
    ),
    register=(
        RegisterEntry("e-1", "f2f", day("2022-03-01"), "attended", day("2022-03-02"), event_marked=True),
        RegisterEntry(
            "e-2",
            "live_webinar",
            day("2022-03-05"),
            "completed",
            None,
            "mop_up",
            day("2022-03-08"),
            "Fay",
            event_marked=True,
        ),
        RegisterEntry("e-3", "live_webinar", day("2022-03-09"), "absent", event_marked=True),
        RegisterEntry("e-4", "f2f", day("2022-03-20"), "booked", event_marked=False),
    ),
    videos=(
        VideoView(1, Decimal("89.9"), day("2022-03-01")),
        VideoView(1, Decimal("90"), day("2022-03-02")),
        VideoView(2, Decimal("33.333"), day("2022-03-02")),
    ),
    assessments=(
        Assessment(day("2023-10-01"), day("2023-10-10"), day("2023-10-20"), "not_sampled", True, "failed", 2),
    ),
    declarations=(
        Declaration(1, day("2022-03-15"), day("2022-03-09"), "voided"),
        Declaration(1, day("2022-04-15"), None, "paid"),
    ),
    extensions=(Extension(2, day("2022-10-30"), "workload", day("2022-09-30")),),
    contacts=(
        Contact(day("2022-10-20"), "phone", "no-answer"),
        Contact(day("2022-10-19"), "in-person", "reached"),
    ),
    deferrals=(Deferral(day("2022-11-01"), day("2023-04-01"), "parental-leave", day("2022-10-25"), 4),),
    resumptions=(Resumption(day("2022-12-01"), "3", 5, "november"), Resumption(day("2022-12-02"), None, 6)),
    removal_votes=(
        RemovalVote(day("2022-12-10"), "delivery_partner", "approve"),
        RemovalVote(day("2022-12-09"), "lead_provider", "reject"),
    ),
)


def store(engine: Engine, whole: Participant) -> None:
    """Puts a record into the tables, field by field, decisions in the order of this very function."""
    own = {"enrolment_id": enrolled(whole.id)}
    put(
        engine,
        stored_person(
            whole.id,
            full_name=whole.name,
            course=whole.course,
            cohort=whole.cohort,
            delivery_partner=whole.delivery_partner,
            email=whole.email,
            trn=whole.trn,
            school=whole.school,
            facilitator=whole.facilitator,
            application_status=whole.application_status,
            contract_returned_on=whole.contract_returned_on,
            sponsorship_returned_on=whole.sponsorship_returned_on,
            training_status=whole.training_status,
            schedule=whole.schedule,
        ),
        *(
            ActivityRow(
                **own,
                block=a.block,
                component=a.component,
                title=a.title,
                credits=a.credits,
                completed_on=a.completed_on,
                logged_by=a.logged_by,
            )
            for a in whole.activities
        ),
        *(
            DeclarationReportRow(
                **own,
                period_start=r.period_start,
                period_end=r.period_end,
                credits=r.credits,
                self_study_credits=r.self_study_credits,
                cumulative_credits=r.cumulative_credits,
            )
            for r in whole.declaration_reports
        ),
        *(
            EngagementReportRow(
                **own, run_on=r.run_on, percent_complete=r.percent_complete, cumulative_credits=r.cumulative_credits
            )
            for r in whole.engagement_reports
        ),
        *(
            RegisterRow(
                **own,
                event_id=e.event_id,
                event_type=e.event_type,
                event_date=e.event_date,
                status=e.status,
                marked_on=e.marked_on,
                contingency=e.contingency,
                contingency_on=e.contingency_on,
                confirmed_by=e.confirmed_by,
            )
            for e in whole.register
        ),
        *(VideoRow(**own, block=v.block, percent_viewed=v.percent_viewed, viewed_on=v.viewed_on) for v in whole.videos),
        *(
            DeclarationRow(
                **own, output=d.output, declared_on=d.declared_on, evidence_cutoff=d.evidence_cutoff, state=d.state
            )
            for d in whole.declarations
        ),
    )
    (done,) = whole.assessments
    put(
        engine,
        AssessmentRow(
            **own,
            submitted_on=done.submitted_on,
            marked_on=done.marked_on,
            moderated_on=done.moderated_on,
            external_moderation=done.external_moderation,
            copies_held=done.copies_held,
            result=done.result,
            try_=done.try_,
        ),
    )
    with loading_rows(engine) as session:
        for e in whole.extensions:
            decided(session, whole.id, "extension", e.decided_on, output=e.output, until=e.until, reason=e.reason)
        for c in whole.contacts:
            decided(session, whole.id, "contact", c.contacted_on, channel=c.channel, outcome=c.outcome)
        for d in whole.deferrals:
            decided(session, whole.id, "deferral", d.decided_on, starts_on=d.starts_on, until=d.until, reason=d.reason)
        for r in whole.resumptions:
            decided(session, whole.id, "resumption", r.resumed_on, cohort=r.cohort, schedule=r.schedule)
        for v in whole.removal_votes:
            decided(session, whole.id, "removal_vote", v.decided_on, side=v.side, decision=v.decision)


def decided(session: Session, who: str, kind: str, on: date | str, **columns: Any) -> None:
    """Writes a decision of a day down."""
    decided_on = day(on) if isinstance(on, str) else on
    decisions.add(
        session,
        Decision(enrolment_id=enrolled(who), kind=kind, decided_on=decided_on, recorded_at=NOW, by="Sam", **columns),
    )


def sorted_facts(found: Participant) -> Participant:
    """Facts of files have no order of their own; decisions have."""
    files = ("activities", "declaration_reports", "engagement_reports", "register", "videos", "declarations")
    in_order: dict[str, Any] = {name: tuple(sorted(getattr(found, name), key=repr)) for name in files}
    return replace(found, **in_order)


def test_a_whole_record_comes_back_as_it_was_stored(engine: Engine) -> None:
    """Every field, decisions in the order they were recorded, percentages to the last digit."""
    store(engine, WHOLE)
    assert sorted_facts(only(load(engine))) == sorted_facts(WHOLE)


def test_somebody_of_whom_nothing_is_known(engine: Engine) -> None:
    put(engine, stored_person("p-1"))
    assert only(load(engine)) == Participant(
        "p-1", "Person p-1", "NPQLTD", "1", "North Star", enrolment_id=enrolled("p-1")
    )


def test_a_percentage_is_never_rounded(engine: Engine) -> None:
    given = ["0", "0.1", "89.9", "89.90", "89.99999999999999999999999", "90", "100", "1E+1", "0.0000001"]
    put(
        engine,
        stored_person("p-1"),
        *(
            VideoRow(
                enrolment_id=enrolled("p-1"), block=block, percent_viewed=Decimal(text), viewed_on=day("2021-12-01")
            )
            for block, text in enumerate(given)
        ),
    )
    found = {video.block: video.percent_viewed for video in only(load(engine)).videos}
    assert found == {block: Decimal(text) for block, text in enumerate(given)}


REGISTERS: list[tuple[str, str, str, bool]] = [
    # the status of one's own line, of somebody else's on the same event, and whether the register counts as marked
    ("booked", "booked", "nobody is marked", False),
    ("booked", "attended", "somebody else is marked", True),
    ("booked", "absent", "somebody else is absent", True),
    ("attended", "booked", "one's own line is marked", True),
]


@pytest.mark.parametrize(
    ("own", "other", "what", "marked"), REGISTERS, ids=[row[2].replace(" ", "-") for row in REGISTERS]
)
def test_a_register_counts_as_marked_once_anybody_on_it_is(
    small: Engine, own: str, other: str, what: str, marked: bool
) -> None:
    """R9, also when the one who is marked is not asked for, or is with another Delivery Partner."""
    event_: dict[str, Any] = {"event_id": "e-1", "event_type": "f2f", "event_date": day("2021-12-01")}
    put(
        small,
        stored_person("p-1"),
        stored_person("p-2", delivery_partner="South Star"),
        RegisterRow(**event_, enrolment_id=enrolled("p-1"), status=own),
        RegisterRow(**event_, enrolment_id=enrolled("p-2"), status=other),
        RegisterRow(
            event_id="e-2",
            event_type="f2f",
            event_date=day("2021-12-02"),
            enrolment_id=enrolled("p-2"),
            status="absent",
        ),
    )
    assert [entry.event_marked for entry in only(load(small, "p-1")).register] == [marked]


# ---- whom one asks for


def test_records_come_ordered_by_id_and_unknown_ids_are_left_out(engine: Engine) -> None:
    put(engine, *(stored_person(who) for who in ("p-10", "p-2", "p-1")), stored_person("s", delivery_partner="South"))
    assert [person.id for person in load(engine)] == ["p-1", "p-10", "p-2", "s"]
    assert [person.id for person in load(engine, "p-2", "nobody", "p-1")] == ["p-1", "p-2"]
    assert [person.id for person in load(engine, partner="North Star")] == ["p-1", "p-10", "p-2"]
    assert load(engine, partner="north star") == []
    with reading(engine) as session:
        assert participant_rows.load_participants(session, ids=[]) == []
        assert participant_rows.partners(session) == ["North Star", "South"]


def test_names_and_meetings(engine: Engine) -> None:
    put(
        engine,
        stored_person("p-2", full_name="Bo", email="bo@example.org", trn="01", school="Hill", facilitator="Fay"),
        stored_person("p-1", full_name="Al", course="EHCO", cohort="3", delivery_partner="South Star"),
        MeetingRow(delivery_partner="North Star", meeting_on=day("2022-06-16")),
        MeetingRow(delivery_partner="North Star", meeting_on=day("2022-02-01")),
        MeetingRow(delivery_partner="South Star", meeting_on=day("2022-03-01")),
    )
    with reading(engine) as session:
        assert participant_rows.people(session) == [
            participant_rows.PersonName(
                "p-1", "Al", None, None, "South Star", "EHCO", "3", None, None, enrolled("p-1")
            ),
            participant_rows.PersonName(
                "p-2", "Bo", "bo@example.org", "01", "North Star", "NPQLTD", "1", "Hill", "Fay", enrolled("p-2")
            ),
        ]
        assert participant_rows.meetings(session) == {
            "North Star": [day("2022-02-01"), day("2022-06-16")],
            "South Star": [day("2022-03-01")],
        }


def test_a_participants_own_revision_starts_at_nought_and_rises_by_one(engine: Engine) -> None:
    put(engine, stored_person("p-1"), stored_person("p-2"))
    with loading_rows(engine) as session:
        assert participant_rows.participant_revision(session, "p-1") == 0
        participant_rows.touch_participant(session, "p-1")
    with reading(engine) as session:
        assert [participant_rows.participant_revision(session, who) for who in ("p-1", "p-2", "nobody")] == [1, 0, 0]


# ---- how many questions that takes


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The questions asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def busy(engine: Engine, first: int, last: int) -> None:
    """People with a row of every kind, a session that is still to be marked, and a decision each."""
    with loading_rows(engine) as session:
        people = [f"p-{number:04d}" for number in range(first, last)]
        session.add_all(stored_person(who) for who in people)
        session.flush()
        session.add_all(a_row(kind, who) for who in people for kind in KINDS)
        session.add_all(
            DeclarationRow(enrolment_id=enrolled(who), output=1, declared_on=day("2021-12-20")) for who in people
        )
        for who in people:
            decided(session, who, "contact", "2022-01-10", channel="phone", outcome="reached")


def test_loading_takes_a_handful_of_questions_however_many_people_there_are(engine: Engine) -> None:
    busy(engine, 0, 10)
    with counted(engine) as for_ten:
        assert len(load(engine)) == 10
    busy(engine, 10, 200)
    with counted(engine) as for_two_hundred:
        found = load(engine)
    assert len(found) == 200
    assert all(person.activities and person.register and person.contacts for person in found)
    assert len(for_two_hundred) == len(for_ten) <= 7 + len(FACTS), for_two_hundred
    with counted(engine) as for_one:
        load(engine, "p-0007")
    assert len(for_one) <= len(for_ten)


def test_many_more_people_are_loaded_a_few_hundred_at_a_time(small: Engine) -> None:
    many = 2 * AT_ONCE + 1
    with loading_rows(small) as session:
        session.add_all(stored_person(f"p-{number:04d}") for number in range(many))
    with counted(small) as asked:
        found = load(small)
    assert [person.id for person in found] == [f"p-{number:04d}" for number in range(many)]
    assert len(asked) <= 3 * 13
