"""New dates in a schedule: what is written reads back as what was given, on as few rows as say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.dated_outputs import DatedOutput, OutputDates, changes, every_output, expected, known, news
from reference.pack import Pack, ScheduleRow, Start
from reference.pack_writing import files_of, loaded, with_rows
from reference.schedule import DATES, dates_of
from reference.schedule_edits import schedule_with
from tests.reference.undated import COURSES, undated, undated_pack

SOURCE = "dates.xlsx, 30 November 2026"
DAYS = [
    date(2026, 12, 1),
    date(2026, 12, 29),
    date(2027, 1, 5),
    date(2027, 2, 1),
]  # the first: 28 days before the second
STARTS = ("november", "december")
LEVELS = [(course, start) for course in (None, "EHCO") for start in (None, *STARTS)]
SPECIALIST = [(course, start) for course in (None, "NPQLT", "NPQLBC") for start in (None, *STARTS)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return undated_pack(tmp_path_factory.mktemp("undated") / "pack")


@pytest.fixture(scope="module")
def many_starts(empty: Pack) -> Pack:
    """The same, where a group of two courses has two starts as well."""
    cohort = empty.cohorts["2026b"]
    more = tuple(Start("specialist", key, f"npq-specialist-{key}") for key in STARTS)
    return replace(empty, cohorts={**empty.cohorts, "2026b": replace(cohort, starts=(*cohort.starts, *more))})


def with_schedule(pack: Pack, rows: Sequence[ScheduleRow], before: int | None) -> Pack:
    """The pack as it would be loaded with these rows, in whatever order their dates are."""
    dates = dates_of(pack.courses.values(), list(pack.cohorts.values()), rows, before, pack.criteria)
    own = replace(pack.settings, review_days_before_cut_off=before)
    return replace(pack, given_dates=tuple(rows), dates=dates, settings=own)


some_days = st.fixed_dictionaries({}, optional={name: st.sampled_from(DAYS) for name in DATES})


@st.composite
def schedules(draw: st.DrawFn) -> list[ScheduleRow]:
    found = []
    for group, levels in (("ehco", LEVELS), ("specialist", SPECIALIST)):
        for course, start in draw(st.lists(st.sampled_from(levels), unique=True)):
            days = draw(some_days)
            note = draw(st.sampled_from(["", "as agreed"]))
            found.append(ScheduleRow(group, "2026b", 1, "old", course, start, note=note, **days))
    return found


MINE = [DatedOutput("2026b", course, start, 1) for course in ("EHCO", "NPQLT", "NPQLBC") for start in STARTS]
given_dates = st.fixed_dictionaries({}, optional=dict.fromkeys(MINE, some_days))


@given(rows=schedules(), new=given_dates, before=st.sampled_from([None, 28]))
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_back_as_what_was_given(
    many_starts: Pack, rows: list[ScheduleRow], new: dict[DatedOutput, dict[str, date]], before: int | None
) -> None:
    pack = with_schedule(many_starts, rows, before)
    edited = schedule_with(pack, new, SOURCE)
    after = with_schedule(pack, [one.row for one in edited], before)
    for dated in every_output(pack):
        assert known(after, dated) == expected(pack, dated, new.get(dated, {})), dated
        row = after.dates[dated.course].get((dated.cohort, dated.start, dated.output))
        for name, day in new.get(dated, {}).items():
            assert getattr(row, name) == day
    # What nobody spoke of stands as it stood, and a second time there is nothing to do.
    touched = {(pack.courses[dated.course].group) for dated in news(pack, new)}
    assert [one.row for one in edited if one.row.group not in touched] == [r for r in rows if r.group not in touched]
    assert news(after, new) == {}
    assert [one.row for one in schedule_with(after, new, SOURCE)] == [one.row for one in edited]
    assert [one.was for one in edited if one.was is not None] == sorted(
        one.was for one in edited if one.was is not None
    )


def row(edited: ScheduleRow) -> tuple[object, ...]:
    dates = ((name, getattr(edited, name)) for name in DATES)
    return (edited.group, edited.course, edited.start, *(f"{name} {day}" for name, day in dates if day))


def of(course: str, start: str = "", output: int = 1) -> DatedOutput:
    return DatedOutput("2026b", course, start, output)


REVIEW, OTHER = date(2026, 11, 20), date(2026, 11, 27)
CASES = {
    "every course of the group alike: the group's row": (
        [],
        {of("NPQLT"): {"review": REVIEW}, of("NPQLBC"): {"review": REVIEW}},
        [("specialist", None, None, "review 2026-11-20")],
    ),
    "one course of two: a row of its own": (
        [],
        {of("NPQLT"): {"review": REVIEW}},
        [("specialist", "NPQLT", None, "review 2026-11-20")],
    ),
    "courses that differ: a row each": (
        [],
        {of("NPQLT"): {"review": REVIEW}, of("NPQLBC"): {"review": OTHER}},
        [("specialist", "NPQLT", None, "review 2026-11-20"), ("specialist", "NPQLBC", None, "review 2026-11-27")],
    ),
    "one that differs from its group": (
        [("specialist", None, None, {"review": REVIEW})],
        {of("NPQLT"): {"review": OTHER}},
        [("specialist", None, None, "review 2026-11-20"), ("specialist", "NPQLT", None, "review 2026-11-27")],
    ),
    "no override stays where nothing differs any more": (
        [("specialist", None, None, {"review": REVIEW}), ("specialist", "NPQLT", None, {"review": OTHER})],
        {of("NPQLT"): {"review": REVIEW}},
        [("specialist", None, None, "review 2026-11-20")],
    ),
    "both starts alike: the group's row": (
        [],
        {of("EHCO", "november"): {"cut_off": OTHER}, of("EHCO", "december"): {"cut_off": OTHER}},
        [("ehco", None, None, "cut_off 2026-11-27")],
    ),
    "one start of two: a row for the start": (
        [],
        {of("EHCO", "december"): {"cut_off": OTHER}},
        [("ehco", None, "december", "cut_off 2026-11-27")],
    ),
    "different dates go where each belongs": (
        [],
        {of("NPQLT"): {"review": REVIEW, "payment": OTHER}, of("NPQLBC"): {"payment": OTHER}},
        [("specialist", None, None, "payment 2026-11-27"), ("specialist", "NPQLT", None, "review 2026-11-20")],
    ),
    "what is there already makes no row": (
        [("specialist", None, None, {"review": REVIEW})],
        {of("NPQLT"): {"review": REVIEW}, of("NPQLBC"): {"review": REVIEW}},
        [("specialist", None, None, "review 2026-11-20")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_as_few_rows_as_say_it(empty: Pack, case: str) -> None:
    before, new, after = CASES[case]
    rows = [ScheduleRow(group, "2026b", 1, "old", course, start, **days) for group, course, start, days in before]
    edited = schedule_with(with_schedule(empty, rows, None), new, SOURCE)
    assert [row(one.row) for one in edited] == after


def test_a_row_that_takes_in_others_keeps_where_their_dates_come_from(empty: Pack) -> None:
    november = ScheduleRow("ehco", "2026b", 1, "letter", start="november", cut_off=OTHER)
    december = ScheduleRow("ehco", "2026b", 1, "mail", start="december", cut_off=REVIEW)
    pack = with_schedule(empty, [november, december], None)
    (edited,) = schedule_with(pack, {of("EHCO", "december"): {"cut_off": OTHER}}, SOURCE)
    assert row(edited.row) == ("ehco", None, None, "cut_off 2026-11-27")
    assert edited.row.source == f"letter; {SOURCE}"  # of the mail nothing stands any more


def test_a_typed_review_date_stays_when_a_course_gets_a_cut_off_of_its_own(empty: Pack) -> None:
    rows = [ScheduleRow("specialist", "2026b", 1, "old", review=REVIEW, cut_off=date(2026, 12, 20))]
    pack = with_schedule(empty, rows, 28)
    edited = schedule_with(pack, {of("NPQLT"): {"cut_off": date(2026, 12, 24)}}, SOURCE)
    after = with_schedule(pack, [one.row for one in edited], 28)
    assert known(after, of("NPQLT")) == OutputDates(REVIEW, date(2026, 12, 24))
    assert known(after, of("NPQLBC")) == OutputDates(REVIEW, date(2026, 12, 20))


def test_a_computed_review_date_follows_its_cut_off_and_is_written_nowhere(empty: Pack) -> None:
    pack = with_schedule(empty, [], 28)
    new = {of(course): {"cut_off": date(2026, 12, 29), "review": date(2026, 12, 1)} for course in ("NPQLT", "NPQLBC")}
    (edited,) = schedule_with(pack, new, SOURCE)
    assert row(edited.row) == ("specialist", None, None, "cut_off 2026-12-29")
    after = with_schedule(pack, [edited.row], 28)
    assert known(after, of("NPQLT")) == OutputDates(date(2026, 12, 1), date(2026, 12, 29), review_computed=True)


def test_other_rows_keep_their_place_their_notes_and_their_words(tmp_path: Path) -> None:
    folder = undated(
        tmp_path / "pack",
        'specialist,2026b,1,,,2026-11-20,,,,33.3%,"a note, with a comma",old paper',
        "leadership,2026b,1,,,2026-11-20,,,,25%,,old paper",
        "leadership,2026b,3,,,2027-11-20,,,,25%,,old paper",
    )
    (folder / "schedule.csv").write_bytes(
        b"\xef\xbb\xbf" + (folder / "schedule.csv").read_bytes().replace(b"\n", b"\r\n")
    )
    pack = loaded({path.name: path.read_bytes() for path in folder.iterdir()})
    before = files_of(folder, pack)
    new = {of(course, output=2): {"review": date(2027, 3, 1)} for course in ("NPQSL", "NPQEL")}
    new |= {of("NPQLT"): {"payment": date(2027, 1, 1)}, of("NPQLBC"): {"payment": date(2027, 1, 1)}}
    after = with_rows(before, pack, schedule_with(pack, new, SOURCE))
    assert after["schedule.csv"].decode().split("\r\n")[1:] == [
        f'specialist,2026b,1,,,2026-11-20,,,2027-01-01,33.3%,"a note, with a comma","old paper; {SOURCE}"',
        "leadership,2026b,1,,,2026-11-20,,,,25%,,old paper",
        f'leadership,2026b,2,,,2027-03-01,,,,,,"{SOURCE}"',
        "leadership,2026b,3,,,2027-11-20,,,,25%,,old paper",
        "",
    ]
    assert after["schedule.csv"].startswith(b"\xef\xbb\xbfgroup,cohort,")
    will_be = loaded(after)
    told = [(one.course_group, one.course, one.output, one.which, one.after) for one in changes(pack, will_be)]
    assert told == [
        ("specialist", None, 1, "payment", date(2027, 1, 1)),
        ("leadership", None, 2, "review", date(2027, 3, 1)),
    ]


def test_a_schedule_gets_only_the_columns_that_it_needs(tmp_path: Path) -> None:
    folder = undated(
        tmp_path / "pack",
        "specialist,2026b,1,2026-11-20,,,x",
        columns="group,cohort,output,review,invoice,payment,source",
    )
    pack = loaded({path.name: path.read_bytes() for path in folder.iterdir()})
    before = files_of(folder, pack)

    def header(new: dict[DatedOutput, dict[str, date]]) -> str:
        return with_rows(before, pack, schedule_with(pack, new, SOURCE))["schedule.csv"].decode().splitlines()[0]

    both = ("NPQLT", "NPQLBC")
    plain = "group,cohort,output,review,invoice,payment,source"
    assert header({of(course): {"payment": date(2027, 1, 1)} for course in both}) == plain
    wider = "group,cohort,output,course,review,cut_off,invoice,payment,source"
    assert header({of("NPQLT"): {"cut_off": date(2026, 12, 1)}}) == wider


def test_every_slot_of_what_a_cohort_offers_is_there_once(empty: Pack) -> None:
    found = list(every_output(empty, "2026b"))
    assert len(found) == len(set(found)) == 2 * 3 + 2 * 4 + 2 * 4
    assert {dated.course for dated in found} == set(COURSES) - {"NPQSENCO"}
