"""Dates that are not known, that differ within a group, that are computed; and DfE's cut-off (reading 36, readings 4 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.posts.reminder_posts import reminder_text
from core.reminders.reminder import Occasion, Reminder
from core.rules.course_span import last_day, span_of
from core.rules.facts import Participant
from core.rules.results import OutputStanding
from core.rules.standing import standing
from reference.pack import Pack, ScheduleRow, Start
from tests.redated import with_dates, with_rows
from tests.reminding import occasions, remind
from tests.rules.conftest import back, day, declared, deferred, did, period, person, session

FIRST, SECOND = ("specialist", "1", 1), ("specialist", "1", 2)
NO_DATES = {"review": None, "cut_off": None, "invoice": None, "payment": None}


@pytest.fixture
def undated(pack: Pack) -> Pack:
    """The specialists of cohort 1 have no dates for their first output."""
    return with_dates(pack, FIRST, **NO_DATES)


def look(pack: Pack, who: Participant, on: str, number: int = 1) -> OutputStanding:
    return standing(pack, who, day(on)).outputs[number - 1]


def due(
    pack: Pack, people: Sequence[Participant], first: str, last: str, *keys: str
) -> list[tuple[Occasion, Reminder]]:
    found = []
    for occasion in occasions(pack, people, [], "North Star", day(first), day(last)):
        reminder = remind(pack, people, occasion, occasion.due_on)
        if reminder is not None and (not keys or occasion.key in keys):
            found.append((occasion, reminder))
    return found


def ids(reminder: Reminder) -> list[str]:
    """Whom it concerns without naming them."""
    return [who for who, _ in reminder.unlisted]


# --- no review date ----------------------------------------------------------------------------------------------------

ATTENDED = {"register": (session("2021-12-01"),)}
STAGES = [
    # what is known of them, on → verdict, stage
    ({}, "2021-11-20", "not_met", "not_scheduled"),
    ({}, "2023-01-01", "not_met", "not_scheduled"),  # however late it is
    (ATTENDED, "2021-11-30", "not_met", "not_scheduled"),
    (ATTENDED, "2021-12-01", "met", "ready"),
    ({"declarations": (declared(1, "2022-01-10"),)}, "2022-01-10", "not_met", "declared"),
    ({"deferrals": (deferred("2021-12-01", "2022-06-01"),)}, "2021-12-02", "not_met", "deferred"),
    ({"training_status": "withdrawn"}, "2021-12-02", "not_met", "withdrawn"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "on", "verdict", "stage"), STAGES)
def test_without_a_review_date(undated: Pack, known: dict[str, object], on: str, verdict: str, stage: str) -> None:
    output = look(undated, person(**known), on)  # type: ignore[arg-type]
    assert (output.verdict, output.stage) == (verdict, stage)
    assert (output.review_date, output.window_ends, output.deadline) == (None, None, None)


def test_it_still_says_what_each_needs(undated: Pack) -> None:
    output = look(undated, person(), "2021-12-20")
    assert output.next_steps[0].startswith("Any one of these is enough: attend a face-to-face event or live webinar")
    assert [c.criterion for c in output.criteria] == ["attendance", "self_study", "video"]


def test_an_output_without_dates_keeps_the_next_one_going(undated: Pack) -> None:
    who = person(register=(session("2021-12-01"), session("2022-03-01")))
    assert look(undated, who, "2022-03-02", 2).baseline == day("2021-12-01")  # the day on which it was met
    assert look(undated, who, "2022-03-02", 2).verdict == "met"


CUTOFFS = [
    # attended on, declared on → baseline of the next output
    ("2021-12-01", "2022-01-10", "2021-12-01"),  # met before the declaration: the day it was met
    ("2022-01-10", "2022-01-10", "2022-01-10"),
    ("2022-02-01", "2022-01-10", "2022-01-10"),  # declared without evidence held here: the declaration's own day
]


@pytest.mark.parametrize(("attended", "declared_on", "baseline"), CUTOFFS)
def test_up_to_when_a_declared_output_without_dates_used_evidence(
    undated: Pack, attended: str, declared_on: str, baseline: str
) -> None:
    who = person(register=(session(attended),), declarations=(declared(1, declared_on),))
    assert look(undated, who, "2022-06-01", 2).baseline == day(baseline)


def test_nothing_goes_out_that_rests_on_missing_dates(undated: Pack) -> None:
    found = due(undated, [person()], "2021-10-01", "2022-03-01")
    assert {occasion.key for occasion, _ in found} == {"dates_missing"}


def test_once_a_month_it_is_said_for_how_many_no_date_is_known(undated: Pack) -> None:
    people = [
        person(),
        person("NPQLT", id="p-2"),
        person(register=(session("2021-11-20"),), id="p-3"),
        person("NPQSL", id="p-4"),
    ]
    found = due(undated, people, "2021-12-01", "2022-02-28", "dates_missing")
    assert [(o.about.isoformat(), o.due_on.isoformat(), o.course_group, o.cohort, o.output) for o, _ in found] == [
        ("2021-12-01", "2021-12-01", "specialist", "1", None),
        ("2022-01-01", "2022-01-04", "specialist", "1", None),  # Saturday, Sunday and a bank holiday
        ("2022-02-01", "2022-02-01", "specialist", "1", None),
    ]
    for _, reminder in found:
        assert (ids(reminder), reminder.people, reminder.not_scheduled) == (["p-001", "p-2"], (), 2)
        said = reminder_text(undated, reminder)
        assert "Review dates are missing for 2 people." in said
        assert "npq pack dates --blank dates.xlsx" in said
        assert "Jane Example" not in said


def test_a_post_ends_with_how_many_have_no_review_date_yet(pack: Pack) -> None:
    """NPQLT alone has a review date for the second output; who is on the first has."""
    given = with_rows(pack, [*pack.given_dates, _row(2, "NPQLT", "2022-06-23")])
    undated = with_rows(
        given, [row for row in given.given_dates if not (row.output == 2 and row.course is None and _of(row))]
    )
    done = (declared(1, "2021-12-01"),)
    people = [person(), person("NPQLTD", id="p-2", declarations=done), person("NPQLBC", id="p-3", declarations=done)]
    [(_, reminder)] = due(undated, people, "2021-12-06", "2021-12-06", "review_upcoming")
    assert [each.participant_id for each in reminder.people] == ["p-001"]
    assert reminder_text(undated, reminder).endswith("2 people have no review date yet.")
    [(_, whole)] = due(pack, people, "2021-12-06", "2021-12-06", "review_upcoming")
    assert "review date yet" not in reminder_text(pack, whole)


def _of(row: ScheduleRow) -> bool:
    return (row.group, row.cohort) == ("specialist", "1")


def _row(output: int, course: str | None, review: str, start: str | None = None, **more: object) -> ScheduleRow:
    return ScheduleRow("specialist", "1", output, "test", course, start, day(review), **more)  # type: ignore[arg-type]


# --- dates of one course, and of one start ---------------------------------------------------------------------------------


def test_a_course_with_a_date_of_its_own_is_in_a_message_of_its_own(pack: Pack) -> None:
    own = with_rows(pack, [*pack.given_dates, _row(1, "NPQLT", "2021-12-20")])
    people = [person(), person("NPQLT", id="p-2")]
    assert look(own, people[1], "2021-12-01").review_date == day("2021-12-20")
    assert look(own, people[1], "2021-12-01").invoice_date == day("2022-01-10")  # inherited
    found = due(own, people, "2021-11-22", "2021-12-06", "review_upcoming")
    assert [
        (o.due_on.isoformat(), o.about.isoformat(), [p.participant_id for p in r.people], r.concerned) for o, r in found
    ] == [
        ("2021-11-22", "2021-12-20", ["p-2"], 1),
        ("2021-11-29", "2021-12-13", ["p-001"], 1),
        ("2021-12-06", "2021-12-20", ["p-2"], 1),
        ("2021-12-06", "2021-12-13", ["p-001"], 1),
    ]
    assert len({occasion.identity for occasion, _ in found}) == 4
    [(_, invoice)] = due(own, [person(i, id=i, register=(session("2021-11-20"),)) for i in ("NPQLT", "NPQLTD")],
                         "2022-01-10", "2022-01-10", "invoice_due")  # fmt: skip
    assert [p.participant_id for p in invoice.people] == ["NPQLT", "NPQLTD"], "what they share is one message"


@pytest.fixture
def two_starts(pack: Pack) -> Pack:
    """Specialists of cohort 1 begin in November or December, each with a first review of their own."""
    starts = (
        Start("specialist", "november", "npq-specialist-november", day("2021-11-01")),
        Start("specialist", "december", "npq-specialist-december", day("2021-12-06")),
    )
    cohorts = {**pack.cohorts, "1": replace(pack.cohorts["1"], starts=starts)}
    rows = [row for row in pack.given_dates if not (_of(row) and row.output == 1)]
    rows += [_row(1, None, "2021-12-13", "november"), _row(1, None, "2022-01-17", "december")]
    return with_rows(pack, rows, cohorts=cohorts)


WHICH = [
    # the participants file's schedule → review date of output 1
    ("november", "2021-12-13"),
    ("December", "2022-01-17"),
    ("npq-specialist-december", "2022-01-17"),
    ("npq-specialist-march", None),
    (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "review"), WHICH)
def test_the_start_within_the_cohort_decides(two_starts: Pack, schedule: str | None, review: str | None) -> None:
    output = look(two_starts, person(schedule=schedule), "2021-12-01")
    assert output.review_date == (day(review) if review else None)
    unsure = [warning for warning in output.warnings if "several starts" in warning]
    assert unsure == (
        []
        if review
        else [
            "NPQLTD has several starts in cohort 1 (november and december), and it is not known which is theirs: put it in the "
            "column schedule of the participants file; until then no dates are known."
        ]
    )
    assert output.stage == ("not_scheduled" if review is None else "pre_review" if review < "2022" else "not_due")


def test_each_start_has_messages_of_its_own(two_starts: Pack) -> None:
    people = [person(schedule="november"), person(id="p-2", schedule="december"), person(id="p-3")]
    found = due(two_starts, people, "2021-12-06", "2022-01-10", "review_upcoming")
    assert {(o.about.isoformat(), *(p.participant_id for p in r.people)) for o, r in found} == {
        ("2021-12-13", "p-001"),
        ("2022-01-17", "p-2"),
    }
    [(_, missing)] = due(two_starts, people, "2022-01-01", "2022-01-10", "dates_missing")
    assert ids(missing) == ["p-3"]


def test_who_comes_back_into_a_start_has_its_dates(two_starts: Pack) -> None:
    away = (deferred("2022-03-01", "2022-09-01"),)
    into = back("2022-04-01", "1")._replace(schedule="December")
    returned = person("NPQLTD", "2", deferrals=away, resumptions=(into,))
    assert look(two_starts, returned, "2022-04-02").review_date == day("2022-01-17")
    unsure = person("NPQLTD", "2", schedule="december", deferrals=away, resumptions=(back("2022-04-01", "1"),))
    assert look(two_starts, unsure, "2022-04-02").review_date is None, (
        "the file speaks of the cohort that they began in"
    )


def test_a_start_begins_on_its_own_day(two_starts: Pack) -> None:
    early = {"activities": (did("2021-11-20"),)}
    said = [
        look(two_starts, person(schedule=which, **early), "2022-02-01").warnings for which in ("november", "december")
    ]  # type: ignore[arg-type]
    assert [any("before the cohort's start month" in warning for warning in warnings) for warnings in said] == [
        False,
        True,
    ]


# --- the cohort's first day ------------------------------------------------------------------------------------------------


def test_a_first_day_in_the_middle_of_a_month_begins_with_the_month(pack: Pack) -> None:
    later = replace(pack, cohorts={**pack.cohorts, "1": replace(pack.cohorts["1"], starts_on=day("2021-11-15"))})
    within = person(
        declaration_reports=(period("2021-11-01", "2021-11-30", 5),), imported=frozenset({"declaration_report"})
    )
    assert look(later, within, "2021-12-01").credits.earned == 5
    assert not any("start month" in warning for warning in look(later, within, "2021-12-01").warnings)


def test_without_a_first_day_nothing_is_early_and_no_period_is_the_first(pack: Pack) -> None:
    unknown = replace(pack, cohorts={**pack.cohorts, "1": replace(pack.cohorts["1"], starts_on=None)})
    early = person(register=(session("2019-01-01"),))
    assert not any("start month" in warning for warning in look(unknown, early, "2021-12-01").warnings)
    reported = person(
        declaration_reports=(period("2021-11-01", "2021-11-30", 5),), imported=frozenset({"declaration_report"})
    )
    assert look(unknown, reported, "2021-12-01").credits.earned is None
    running = person(
        declaration_reports=(period("2021-11-01", "2021-11-30", 5, total=5),),
        imported=frozenset({"declaration_report"}),
    )
    assert look(unknown, running, "2021-12-01").credits.earned == 5


# --- DfE's cut-off -------------------------------------------------------------------------------------------------------------

IN_TIME = [
    # attended on, as of → in time, what is said
    ("2021-12-01", "2022-01-20", True, "Evidence is complete: waiting"),  # before the review: nothing to add
    ("2021-12-20", "2022-01-20", True, "Evidence is complete, in time for DfE's cut-off of 10 January 2022: waiting"),
    ("2022-01-10", "2022-01-20", True, "Evidence is complete, in time for DfE's cut-off of 10 January 2022: waiting"),
    ("2022-01-11", "2022-01-20", False, "Evidence is complete: waiting"),
    (None, "2022-01-10", None, ""),  # there is still time
    (None, "2022-01-11", False, ""),
]  # fmt: skip


@pytest.mark.parametrize(("attended", "on", "in_time", "said"), IN_TIME)
def test_in_time_for_dfe(pack: Pack, attended: str | None, on: str, in_time: bool | None, said: str) -> None:
    cut_off = with_dates(pack, FIRST, cut_off=day("2022-01-10"))
    output = look(cut_off, person(register=(session(attended),) if attended else ()), on)
    assert (output.cut_off, output.in_time) == (day("2022-01-10"), in_time)
    assert output.next_steps[0].startswith(said)
    plain = look(pack, person(register=(session(attended),) if attended else ()), on)
    assert (output.stage, output.verdict) == (plain.stage, plain.verdict), "it moves no stage"


def test_a_review_date_is_computed_from_the_cut_off_where_none_is_given(pack: Pack) -> None:
    settings = replace(pack.settings, review_days_before_cut_off=28)
    rows = [
        replace(row, review=None, cut_off=day("2022-01-24")) if (row.group, row.cohort, row.output) == FIRST else row
        for row in pack.given_dates
    ]
    computed = with_rows(pack, rows, settings=settings)
    assert look(computed, person(), "2021-12-01").review_date == day("2021-12-27")
    [row] = computed.schedule[FIRST]
    assert row.review_computed
    given = with_dates(computed, FIRST, review=day("2021-12-13"))
    assert look(given, person(), "2021-12-01").review_date == day("2021-12-13"), "never beside one that is given"
    theirs = with_rows(
        given, [*given.given_dates, replace(_row(1, "NPQLT", "2021-12-13"), review=None, cut_off=day("2022-02-07"))]
    )
    assert look(theirs, person("NPQLT"), "2021-12-01").review_date == day("2022-01-10"), (
        "the course's own cut-off goes first"
    )
    assert look(theirs, person(), "2021-12-01").review_date == day("2021-12-13")


def test_a_missing_invoice_date_only_leaves_out_the_invoice(pack: Pack) -> None:
    without = with_dates(pack, FIRST, invoice=None, payment=None)
    who = [person()]
    with_it = {(o.key, o.due_on) for o, _ in due(pack, who, "2021-11-01", "2022-03-01")}
    assert {(o.key, o.due_on) for o, _ in due(without, who, "2021-11-01", "2022-03-01")} == {
        (key, on) for key, on in with_it if key != "invoice_due"
    }


def test_a_moved_review_date_leaves_an_old_message_its_people(pack: Pack) -> None:
    [(occasion, _)] = due(pack, [person()], "2021-12-06", "2021-12-06", "review_upcoming")
    moved = with_dates(pack, FIRST, review=day("2021-12-20"))
    again = remind(moved, [person()], occasion, day("2021-12-06"))
    assert again is not None
    assert [each.participant_id for each in again.people] == ["p-001"]


def test_a_pack_that_wants_no_papers_asks_for_none(pack: Pack) -> None:
    none = replace(pack, papers=())
    bare = person(contract_returned_on=None, sponsorship_returned_on=None, register=(session("2021-11-20"),))
    assert look(none, bare, "2021-12-01").payable
    assert look(none, bare, "2021-12-01").papers_missing == ()
    assert due(none, [bare], "2021-11-01", "2021-12-13", "papers_missing") == []
    one = replace(pack, papers=pack.papers[1:])
    [(_, reminder)] = due(one, [bare], "2021-11-01", "2021-12-13", "papers_missing")
    assert "the signed sponsorship agreement needs to be back" in reminder_text(one, reminder)
    assert timedelta(days=14) == day("2021-12-13") - reminder.occasion.due_on


def test_where_the_start_is_not_known_the_file_is_asked_for_not_the_pack(two_starts: Pack) -> None:
    unsure = [person(), person(id="p-2")]
    [(_, both)] = due(two_starts, unsure, "2021-12-01", "2021-12-10", "dates_missing")
    said = reminder_text(two_starts, both)
    assert "For all of them it is not known which start within the cohort is theirs." in said
    assert said.endswith(
        "What to do next: say in the column schedule of the participants file which start is theirs, and import it."
    )
    rows = [replace(row, review=None) if row.start == "december" else row for row in two_starts.given_dates]
    lacking = with_rows(two_starts, rows)
    people = [*unsure, person(id="p-3", schedule="december"), person(id="p-4", schedule="november")]
    [(_, mixed)] = due(lacking, people, "2021-12-01", "2021-12-10", "dates_missing")
    assert (mixed.not_scheduled, mixed.start_unknown) == (3, 2)
    said = reminder_text(lacking, mixed)
    assert "For 2 of them it is not known which start within the cohort is theirs." in said
    assert "npq pack dates --blank dates.xlsx" in said
    assert "column schedule of the participants file" in said


@pytest.mark.parametrize(
    ("without", "ends"),
    [
        ((), "2023-04-24"),
        ((3,), None),  # nobody knows how long it goes on after the second
        ((1,), "2023-04-24"),
    ],
)
def test_until_when_a_course_goes_on(pack: Pack, without: tuple[int, ...], ends: str | None) -> None:
    for number in without:
        pack = with_dates(pack, ("specialist", "1", number), **NO_DATES)
    assert span_of(pack, "NPQLT", "1").ends_on == (day(ends) if ends else None)
    assert (last_day(pack) is None) == (ends is None)
