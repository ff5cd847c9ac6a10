"""The shipped pack says what the guidance says: every figure is typed here a second time, from version 18.0 itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reference.loading import check_pack
from reference.pack import Block, Pack, ScheduleRow

LAST_LINE = 680  # of the guidance

SCHEDULE = [
    # group, cohort, output, review date, invoice sent, payment made on or after (as printed), share, line
    ("specialist", "1", 1, "2021-12-13", "2022-01-10", "2022-02-09", "33.3%", "L139"),
    ("specialist", "1", 2, "2022-06-23", "2022-07-15", "2022-08-15", "33.3%", "L140"),
    ("specialist", "1", 3, "2023-02-24", "2023-03-24", "2023-04-24", "33.3%", "L141"),
    ("specialist", "2", 1, "2022-03-09", "2022-04-06", "2022-05-06", "33.3%", "L139"),
    ("specialist", "2", 2, "2022-09-23", "2022-10-21", "2022-11-21", "33.3%", "L140"),
    ("specialist", "2", 3, "2023-05-24", "2023-06-21", "2023-07-21", "33.3%", "L141"),
    ("specialist", "3", 1, "2022-11-24", "2022-12-16", "2023-01-16", "33.3%", "L160"),
    ("specialist", "3", 2, "2023-06-22", "2023-07-22", "2023-08-22", "33.3%", "L161"),
    ("specialist", "3", 3, "2024-02-22", "2024-03-22", "2024-04-22", "33.3%", "L162"),
    ("specialist", "4", 1, "2023-03-09", "2023-04-09", "2023-05-09", "33.3%", "L160"),
    ("specialist", "4", 2, "2023-10-24", "2023-11-24", "2023-12-24", "33.3%", "L161"),
    ("specialist", "4", 3, "2024-05-23", "2024-06-23", "2023-07-23", "33.3%", "L162"),  # printed a year early
    ("leadership", "1", 1, "2021-12-13", "2022-01-10", "2022-02-09", "25%", "L147"),
    ("leadership", "1", 2, "2022-06-23", "2022-07-15", "2022-08-15", "25%", "L148"),
    ("leadership", "1", 3, "2022-11-24", "2022-12-16", "2023-01-16", "25%", "L149"),
    ("leadership", "1", 4, "2023-08-24", "2023-09-21", "2023-10-20", "25%", "L150"),
    ("leadership", "2", 1, "2022-03-09", "2022-04-06", "2022-05-06", "25%", "L147"),
    ("leadership", "2", 2, "2022-09-23", "2022-10-21", "2022-11-21", "25%", "L148"),
    ("leadership", "2", 3, "2023-04-21", "2023-05-19", "2023-06-19", "25%", "L149"),
    ("leadership", "2", 4, "2023-12-21", "2024-01-18", "2024-02-16", "25%", "L150"),
    ("leadership", "3", 1, "2022-11-24", "2022-12-16", "2023-01-16", "25%", "L168"),
    ("leadership", "3", 2, "2023-06-22", "2023-07-22", "2023-08-22", "25%", "L169"),
    ("leadership", "3", 3, "2024-01-24", "2024-02-24", "2024-03-24", "25%", "L170"),
    ("leadership", "3", 4, "2024-07-24", "2024-08-24", "2024-09-24", "25%", "L171"),
    ("leadership", "4", 1, "2023-03-09", "2023-04-09", "2023-05-09", "25%", "L168"),
    ("leadership", "4", 2, "2023-10-24", "2023-11-24", "2023-12-24", "25%", "L169"),
    ("leadership", "4", 3, "2024-05-23", "2024-06-23", "2024-07-23", "25%", "L170"),
    ("leadership", "4", 4, "2024-12-19", "2025-01-19", "2025-02-19", "25%", "L171"),
]
MISPRINT = ("specialist", "4", 3)


@pytest.mark.parametrize("row", SCHEDULE, ids=lambda row: f"{row[0]} cohort {row[1]} output {row[2]}")
def test_every_date_of_the_payment_schedule(pack: Pack, row: tuple[str, str, int, str, str, str, str, str]) -> None:
    group, cohort, output, review, invoice, printed, share, line = row
    [kept] = pack.schedule[group, cohort, output]
    assert (str(kept.review), str(kept.invoice), kept.cut_off) == (review, invoice, None)
    assert str(kept.payment_printed or kept.payment) == printed
    assert (kept.price_share, kept.source) == (share, line)


def test_the_schedule_holds_these_rows_and_no_other(pack: Pack) -> None:
    assert set(pack.schedule) == {row[:3] for row in SCHEDULE}
    assert len(SCHEDULE) == 28


def test_the_corrected_payment_date(pack: Pack) -> None:
    """R48: printed 23 July 2023, before its own review; the leadership row with the same dates pays in 2024."""
    [row] = pack.schedule[MISPRINT]
    assert (row.payment, row.payment_printed) == (date(2024, 7, 23), date(2023, 7, 23))
    assert "printed a year early" in row.note
    [twin] = pack.schedule["leadership", "4", 3]
    assert (twin.review, twin.invoice, twin.payment) == (row.review, row.invoice, row.payment)
    erratum = next(e for e in pack.errata if e.source == "L162")
    assert (erratum.printed, erratum.used) == ("23 July 2023", "23 July 2024")
    assert "precedes its own review date" in erratum.reason


def test_no_other_date_was_touched(pack: Pack) -> None:
    assert [key for key, [row] in pack.schedule.items() if row.payment_printed or row.note] == [MISPRINT]


def test_thirds_are_kept_as_printed(pack: Pack) -> None:
    """R47: three times 33.3% is 99.9%; it is kept as text, said to be thirds, and no money is worked out from it."""
    specialist = [row for row in _rows(pack) if row.group == "specialist"]
    leadership = [row for row in _rows(pack) if row.group == "leadership"]
    assert {row.price_share for row in specialist} == {"33.3%"}
    assert {row.price_share for row in leadership} == {"25%"}
    erratum = next(e for e in pack.errata if e.printed == "33.3% three times")
    assert erratum.used == "thirds"
    assert "99.9%" in erratum.reason
    assert erratum.source == "L139, L140, L141"


def test_review_dates_are_weekdays_and_money_dates_need_not_be(pack: Pack) -> None:
    """R50: 28 reviews and 28 last days of the window on weekdays; 9 invoice and 4 payment dates at weekends."""
    rows = _rows(pack)

    def at_weekends(days: list[date]) -> int:
        return sum(day.weekday() >= 5 for day in days)

    assert at_weekends([row.review for row in rows]) == 0
    assert at_weekends([row.review + timedelta(days=pack.settings.window_days) for row in rows]) == 0
    assert at_weekends([row.invoice for row in rows]) == 9
    assert at_weekends([row.payment_printed or row.payment for row in rows]) == 4
    assert {date(2023, 4, 9), date(2023, 12, 24)} <= {day for row in rows for day in (row.invoice, row.payment)}


COURSES = [
    # code, DfE's identifier, name, group, activity credits in total
    ("NPQLT", "npq-leading-teaching", "NPQ Leading Teaching", "specialist", 199),
    ("NPQLTD", "npq-leading-teaching-development", "NPQ Leading Teacher Development", "specialist", 185),
    ("NPQLBC", "npq-leading-behaviour-culture", "NPQ Leading Behaviour and Culture", "specialist", 186),
    ("NPQLL", "npq-leading-literacy", "NPQ Leading Literacy", "specialist", None),  # TBC (47 to date)
    ("NPQSL", "npq-senior-leadership", "NPQ Senior Leadership", "leadership", 249),
    ("NPQH", "npq-headship", "NPQ Headship", "leadership", 237),
    ("NPQEYL", "npq-early-years-leadership", "NPQ Early Years Leadership", "leadership", None),  # TBC (49 to date)
    ("EHCO", "npq-early-headship-coaching-offer", "Early Headship Coaching Offer", "ehco", None),
]


def test_seven_npqs_and_the_coaching_offer(pack: Pack) -> None:
    kept = [(c.code, c.identifier, c.name, c.group, pack.totals[c.code]) for c in pack.courses.values()]
    assert kept == COURSES


@pytest.mark.parametrize(("code", "identifier"), [row[:2] for row in COURSES])
def test_a_course_is_known_by_its_code_and_by_dfes_identifier(pack: Pack, code: str, identifier: str) -> None:
    for said in (code, code.lower(), identifier, identifier.upper(), f"  {code} "):
        found = pack.course_named(said)
        assert found is not None
        assert found.code == code


def test_an_unknown_course_is_nobodys(pack: Pack) -> None:
    assert pack.course_named("NPQSENCO") is None
    assert pack.course_named("") is None


TVTC = "Teacher Validated and Training Commenced"
ASSESSED = "Teacher Assessed, Mark Awarded and Moderated"
OUTPUTS = {
    # number, kind, DfE's declaration type, title
    "specialist": [
        (1, "started", "started", TVTC),
        (2, "retention", "retained-1", "Retention Point"),
        (3, "completion", "completed", ASSESSED),
    ],
    "leadership": [
        (1, "started", "started", TVTC),
        (2, "retention", "retained-1", "Retention Point"),
        (3, "retention", "retained-2", "Retention Point"),
        (4, "completion", "completed", ASSESSED),
    ],
    "ehco": [
        (1, "started", "started", "Teacher Confirmed as Eligible for Support Offer and Support Commenced"),
        (2, "retention", "retained-1", "Retention Point"),
        (3, "completion", "completed", "Teacher Completed Support Offer"),
    ],
}


@pytest.mark.parametrize("group", OUTPUTS)
def test_the_outputs_with_their_kinds_and_declaration_types(pack: Pack, group: str) -> None:
    kept = [(o.number, o.kind, o.declaration_type, o.title) for o in pack.outputs[group]]
    assert kept == OUTPUTS[group]
    assert set(pack.outputs) == set(OUTPUTS)


COHORTS = [
    ("1", "November 2021", "2021-11-01", "NPQLT NPQLTD NPQLBC NPQSL NPQH EHCO"),
    ("2", "February 2022", "2022-02-01", "NPQLT NPQLTD NPQLBC NPQSL NPQH EHCO"),
    ("3", "October 2022", "2022-10-01", "NPQLT NPQLTD NPQLBC NPQLL NPQSL NPQH NPQEYL EHCO"),
    ("4", "February 2023", "2023-02-01", "NPQLT NPQLTD NPQLBC NPQLL NPQSL NPQH NPQEYL EHCO"),
]


@pytest.mark.parametrize(("key", "name", "starts_on", "courses"), COHORTS)
def test_what_each_cohort_offers(pack: Pack, key: str, name: str, starts_on: str, courses: str) -> None:
    cohort = pack.cohorts[key]
    assert (cohort.name, cohort.starts_on.isoformat()) == (name, starts_on)
    assert cohort.courses == set(courses.split())
    assert len(pack.cohorts) == len(COHORTS)


def test_literacy_and_early_years_borrow_no_dates(pack: Pack) -> None:
    assert pack.outlines["NPQLL"].dates.get(("2", "", 1)) is None
    assert pack.outlines["NPQEYL"].dates.get(("1", "", 1)) is None
    assert _dates(pack.outlines["NPQLL"].dates.get(("3", "", 1))) == "2022-11-24"
    assert _dates(pack.outlines["NPQEYL"].dates.get(("4", "", 4))) == "2024-12-19"


def test_the_coaching_offer_has_no_criteria_dates_or_credits(pack: Pack) -> None:
    assert [pack.criteria_for("EHCO", output) for output in (1, 2, 3)] == [None, None, None]
    assert [pack.outlines["EHCO"].dates.get((cohort, "", output)) for cohort in "1234" for output in (1, 2, 3)] == [
        None
    ] * 12
    assert pack.blocks.get("EHCO", ()) == ()
    assert pack.sayings["not_defined"].text == (
        "Details regarding evidencing engagement for Early Headship Coaching Offer participants will be circulated "
        "in advance of the EHCO launch."
    )
    assert pack.sayings["not_defined"].source == "L95"


SUMMARY = [
    # the summary table of Annex 2: Block 1 to 5, total ("TBC (47 to date)" and "TBC (49 to date)" stay unknown)
    ("NPQLTD", [49, 43, 27, 25, 41], 185),
    ("NPQLT", [46, 41, 27, 38, 47], 199),
    ("NPQLBC", [50, 34, 28, 27, 47], 186),
    ("NPQLL", [47, None, None, None, None], None),
    ("NPQSL", [53, 56, 71, 69], 249),
    ("NPQH", [50, 58, 71, 58], 237),
    ("NPQEYL", [49, None, None, None], None),
]


@pytest.mark.parametrize(("course", "blocks", "total"), SUMMARY, ids=[row[0] for row in SUMMARY])
def test_block_and_course_totals(pack: Pack, course: str, blocks: list[int | None], total: int | None) -> None:
    assert [block.credits for block in pack.blocks[course]] == blocks
    assert [block.number for block in pack.blocks[course]] == list(range(1, len(blocks) + 1))
    assert pack.totals[course] == total


@pytest.mark.parametrize(("course", "to_date"), [("NPQLL", 47), ("NPQEYL", 49)])
def test_to_date_is_not_a_total(pack: Pack, course: str, to_date: int) -> None:
    """R30: "TBC (47 to date)" must never be taken for 47."""
    assert sum(block.credits or 0 for block in pack.blocks[course]) == to_date
    assert pack.totals[course] is None


BLOCK_TABLES = [
    # course, block, rows, sum of the rows, TOTAL as printed, its first row's line and its TOTAL's
    ("NPQLTD", 1, 15, 49, 49, "L194", "L209"),
    ("NPQLTD", 2, 16, 43, 43, "L213", "L229"),
    ("NPQLTD", 3, 11, 27, 27, "L233", "L244"),
    ("NPQLTD", 4, 10, 25, 25, "L248", "L258"),
    ("NPQLTD", 5, 12, 41, 41, "L262", "L274"),
    ("NPQLT", 1, 14, 46, 46, "L278", "L292"),
    ("NPQLT", 2, 15, 41, 41, "L296", "L311"),
    ("NPQLT", 3, 10, 27, 27, "L315", "L325"),
    ("NPQLT", 4, 15, 38, 38, "L329", "L344"),
    ("NPQLT", 5, 14, 47, 47, "L348", "L362"),
    ("NPQLBC", 1, 15, 50, 50, "L366", "L381"),
    ("NPQLBC", 2, 13, 34, 34, "L385", "L398"),
    ("NPQLBC", 3, 11, 28, 28, "L402", "L413"),
    ("NPQLBC", 4, 11, 27, 27, "L417", "L428"),
    ("NPQLBC", 5, 14, 47, 47, "L432", "L446"),
    ("NPQLL", 1, 14, 47, 47, "L450", "L464"),
    ("NPQLL", 2, 14, 33, None, "L468", "L482"),  # 33 without the recorded webinars, which are TBC
    ("NPQSL", 1, 16, 53, 53, "L486", "L502"),
    ("NPQSL", 2, 19, 56, 56, "L506", "L525"),
    ("NPQSL", 3, 19, 71, 71, "L529", "L548"),
    ("NPQSL", 4, 21, 69, 69, "L552", "L573"),
    ("NPQH", 1, 16, 50, 50, "L577", "L593"),
    ("NPQH", 2, 18, 58, 58, "L597", "L615"),
    ("NPQH", 3, 19, 71, 71, "L619", "L638"),
    ("NPQH", 4, 18, 58, 58, "L642", "L660"),
    ("NPQEYL", 1, 16, 49, 49, "L664", "L680"),
]
TABLE_NAMES = [f"{row[0]} Block {row[1]}" for row in BLOCK_TABLES]


@pytest.mark.parametrize(
    ("course", "number", "rows", "total", "printed", "first", "last"), BLOCK_TABLES, ids=TABLE_NAMES
)
def test_every_block_table(
    pack: Pack, course: str, number: int, rows: int, total: int, printed: int | None, first: str, last: str
) -> None:
    block = _block(pack, course, number)
    assert len(block.activities) == rows
    assert sum(activity.credits or 0 for activity in block.activities) == total
    assert (block.credits, block.source) == (printed, last)
    lines = [_line(activity.source) for activity in block.activities]
    assert lines == list(range(_line(first), _line(last)))


def test_blocks_that_are_still_to_be_written_have_no_rows(pack: Pack) -> None:
    tables = {row[:2] for row in BLOCK_TABLES}
    assert len(tables) == 26
    empty = [(b.course, b.number, b.credits) for b in _blocks(pack) if (b.course, b.number) not in tables]
    assert empty == [
        ("NPQLL", 3, None), ("NPQLL", 4, None), ("NPQLL", 5, None),
        ("NPQEYL", 2, None), ("NPQEYL", 3, None), ("NPQEYL", 4, None),
    ]  # fmt: skip
    assert not any(b.activities for b in _blocks(pack) if (b.course, b.number) not in tables)


@pytest.mark.parametrize(("course", "number"), [row[:2] for row in BLOCK_TABLES], ids=TABLE_NAMES)
def test_every_block_opens_with_a_diagnosis_and_a_video(pack: Pack, course: str, number: int) -> None:
    rows = [(a.component, a.title, a.credits) for a in _block(pack, course, number).activities[:2]]
    assert rows == [
        ("Self-study", f"Diagnostic Assessment for Block {number}", 1 if course == "NPQEYL" else 2),
        ("Self-study", f"Video Introduction to Block {number}", 1),
    ]


SAMPLES = [
    # rows that are easily mistyped: course, block, component, title, duration, credits, line
    ("NPQLTD", 3, "Podcast", "Developing Others podcast", "25 minutes", 3, "L242"),
    ("NPQLT", 2, "Self-study", "S 2.1c Making Learning 'Stick'", "1 hour", 3, "L300"),
    ("NPQLT", 3, "Recorded webinars",
     "Recorded webinar 3.1 (2 versions to choose from: one for primary, one for secondary)", "1 hour", 3, "L323"),
    ("NPQLT", 4, "Recorded webinars", "Recorded webinar 4.4", "1 hour", 3, "L342"),
    ("NPQLT", 4, "Self-study", "S 4.1b Introducing material in small steps, modelling and scaffolding learning",
     "1 hour", 3, "L332"),
    ("NPQLBC", 3, "Self-study", "Micro Implementation Tasks", "Flexible", 2, "L408"),
    ("NPQLL", 2, "Self-study", "S 2.2a Developing Language Essential Knowledge for all Teachers",
     "1 hour and 30 minutes", 3, "L478"),
    ("NPQLL", 2, "Recorded webinars", "TBC", "TBC", None, "L480"),
    ("NPQSL", 1, "Self-study", "S 1.1b Effective Professional Development", "2 hours", 6, "L489"),
    ("NPQSL", 4, "Training event", "NPQSL Live Webinar 4.2", "2 hours", 6, "L568"),
    ("NPQH", 3, "Event survey", "F2F Training Session Survey", "5 minutes", 1, "L631"),
    ("NPQH", 4, "Self-study", "S 4.1e Modelling and Scaffolding", "1 hour 30 minutes", 5, "L648"),
    ("NPQEYL", 1, "Training event", "NPQEYL F2F Training Session", "4 hours", 12, "L673"),
]  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES, ids=[row[3] for row in SAMPLES])
def test_rows_that_are_easily_mistyped(pack: Pack, sample: tuple[str, int, str, str, str, int | None, str]) -> None:
    course, block, component, title, duration, credits, line = sample
    [row] = [a for b in _blocks(pack) for a in b.activities if (a.course, a.block, a.title) == (course, block, title)]
    assert (row.component, row.duration, row.credits, row.source) == (component, duration, credits, line)


def test_one_title_is_corrected(pack: Pack) -> None:
    """R51: NPQH Block 3 prints the face-to-face survey's title after the live webinar. Imports recognise both."""
    [corrected] = [a for b in _blocks(pack) for a in b.activities if a.title_printed]
    assert (corrected.course, corrected.block, corrected.title) == ("NPQH", 3, "Live Webinars Survey")
    assert corrected.title_printed == "F2F Training Sessions Survey"
    assert (corrected.credits, corrected.source) == (1, "L633")
    assert any(e.source == "L633" and e.used == "Live Webinars Survey" for e in pack.errata)


def test_two_annexes_bear_one_number(pack: Pack) -> None:
    erratum = next(e for e in pack.errata if e.source == "L18, L19")
    assert erratum.printed == "Annex 1a twice"
    assert "Cohorts 1 & 2" in erratum.used
    assert "Cohorts 3 & 4" in erratum.used


def test_documents_relied_on_but_not_supplied(pack: Pack) -> None:
    """R52: each is named with the line that relies on it, so that an operator can supply it."""
    assert [(document.source, document.name) for document in pack.external_documents] == [
        ("L75", "Block completion guidance of each cohort"),
        ("L28", "The Delivery Partner's subcontract, with its own copy of the dates"),
        ("L105", "Online Learning Platform user guide and Help section"),
        ("L125", "Partnership meeting agenda and Terms of Reference, with the meeting dates"),
        ("L127", "Delivery plan"),
        ("L95", "Details of evidencing engagement for EHCO"),
        ("L89", "Assessment window of each cohort"),
    ]
    assert pack.assessment_windows == {}


CRITERIA = {
    # any one of, or all of: key, shape, rule, whose evidence, credits, percent, block, metric, share
    "started": ("any", [
        ("attendance", "attendance", "R9", "participant", None, None, None, None, None),
        ("self_study", "self_study", "R16", "participant", 1, None, None, None, None),
        ("video", "video", "R17", "participant", None, 90, 1, None, None),
    ]),
    "retention": ("any", [
        ("progress", "progress", "R22", "participant", None, None, None, None, None),
        ("attendance", "attendance", "R23", "participant", None, None, None, None, None),
        ("engagement_metric", "engagement_metric", "R24", "participant", None, None, None, None, None),
        ("video", "video", "R25", "participant", None, 90, None, None, None),
    ]),
    "completion": ("all", [
        ("assessment_tracked", "assessment_tracked", "R27", "lead_provider", None, None, None, None, None),
        ("credits_90", "completion_share", "R28", "participant", None, None, None, "credits", 90),
        ("assessment_copies", "assessment_copies", "R27", "lead_provider", None, None, None, None, None),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("group", ["specialist", "leadership"])
@pytest.mark.parametrize("kind", CRITERIA)
def test_criteria_and_thresholds(pack: Pack, group: str, kind: str) -> None:
    combine, wanted = CRITERIA[kind]
    of_kind = [pack.criteria[group, output.number] for output in pack.outputs[group] if output.kind == kind]
    assert len(of_kind) == (2 if (group, kind) == ("leadership", "retention") else 1)
    found = of_kind[0]
    assert all((each.tree.combine, each.criteria) == (combine, found.criteria) for each in of_kind)
    assert [
        (c.key, c.shape, c.rule, c.owner, c.min_credits, c.min_percent, c.block, c.metric, c.min_share)
        for c in found.criteria
    ] == wanted
    assert {type(c.min_percent or c.min_share or Decimal(0)) for c in found.criteria} == {Decimal}


def test_the_two_papers_without_which_nothing_is_paid(pack: Pack) -> None:
    """R6, L51."""
    assert [(paper.key, paper.name, paper.column, paper.source) for paper in pack.papers] == [
        ("school_contract", "signed school contract", "contract_returned_on", "L51"),
        ("sponsorship_agreement", "signed sponsorship agreement", "sponsorship_returned_on", "L51"),
    ]


SETTINGS = {
    "window_days": 21,
    "review_leads": (28, 14, 7, 1),
    "window_open_after": 1,
    "window_progress_after": (7, 14),
    "three_week_mark_after": 21,
    "contact_overdue_after": 22,
    "contact_overdue_every": 7,
    "extension_ending_before": 3,
    "extension_lapsed_after": 1,
    "removal_votes_after": 2,
    "removal_votes_every": 7,
    "invoice_working_days_before": 3,
    "papers_missing_before": 14,
    "assessment_closing_before": 7,
    "meeting_pack_before": 7,
    "deferral_ending_before": 14,
    "stale_report_days": 14,
    "stale_review_within": 28,
    "catch_up_days": 28,
    "extension_earliest_before": 28,
    "extensions_warn_from": 2,
    "unanswered_contacts": 3,
    "extensions_before_removal": 3,
    "self_report_cohorts": {"1", "2"},
    "dates_differ": True,
    "auto_logged_components": {
        "Self-study", "Event survey", "Recorded webinars", "Podcast", "End-of-block survey", "End-of-programme survey",
    },
    "self_study_component": "Self-study",
    "training_event_component": "Training event",
    "human_check_prefix": "Micro Implementation Tasks",
    "unit_prefix": "S ",
    "post_at": "09:00",
    "working_from": "09:00",
    "working_until": "17:00",
    "late_after_minutes": 60,
    "holidays_country": "GB",
    "holidays_region": "ENG",
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_counts_and_lead_times(pack: Pack, name: str) -> None:
    assert getattr(pack.settings, name) == SETTINGS[name]
    assert set(pack.setting_sources) == set(SETTINGS)


def test_components_that_a_setting_names_are_those_of_the_tables(pack: Pack) -> None:
    """R34: training events and Micro Implementation Tasks are self-reported, all else is logged by itself."""
    rows = [activity for block in _blocks(pack) for activity in block.activities]
    assert {a.component for a in rows} == pack.settings.auto_logged_components | {"Training event"}
    by_hand = [a for a in rows if a.component == "Training event" or a.title.startswith("Micro Implementation Tasks")]
    assert [a for a in rows if a.logged == "self_report"] == by_hand
    assert (
        sum(a.title.startswith("Micro Implementation Tasks") for a in rows) == 24
    )  # none in the last leadership blocks


def test_everything_says_where_it_comes_from(pack: Pack) -> None:
    """A line of the guidance, or "house" where the guidance leaves a setting open."""
    unsourced = [what for what, source in _sources(pack) if not _lines(source)]
    assert unsourced == []
    beyond = [what for what, source in _sources(pack) if max(_lines(source)) > LAST_LINE]
    assert beyond == []
    bare = [name for name, s in pack.setting_sources.items() if not _lines(s) and not s.startswith("house")]
    assert bare == []


def test_every_row_has_a_line_of_its_own(pack: Pack) -> None:
    lines = [activity.source for block in _blocks(pack) for activity in block.activities]
    assert len(lines) == len(set(lines)) == 386


def test_the_pack_is_sound_and_says_which_it_is(pack: Pack) -> None:
    assert check_pack("edt-v18") == []
    assert (pack.name, pack.version, pack.lead_provider) == ("edt-v18", "18.0", "Education Development Trust")
    assert pack.title == "NPQ - Engagement and Participation Guidance"
    assert re.fullmatch(r"edt-v18 18\.0 \([0-9a-f]{12}\)", pack.label)


def _rows(pack: Pack) -> list[ScheduleRow]:
    """The dates as anybody has them: in this pack everybody's of a group and cohort are the same."""
    return [row for rows in pack.schedule.values() for row in rows]


def _sources(pack: Pack) -> Iterator[tuple[str, str]]:
    """Every entry of the pack, shown briefly, with its source."""
    entries: list[Any] = [
        *pack.courses.values(), *pack.cohorts.values(), *_rows(pack), *pack.papers, *pack.errata,
        *pack.sayings.values(), *pack.external_documents, *pack.criteria.values(), *_blocks(pack),
        *(output for group in pack.outputs.values() for output in group),
        *(criterion for group in pack.criteria.values() for criterion in group.criteria),
        *(activity for block in _blocks(pack) for activity in block.activities),
    ]  # fmt: skip
    for entry in entries:
        yield str(astuple(entry))[:80], entry.source


def _lines(source: str) -> list[int]:
    return [int(number) for number in re.findall(r"\bL(\d+)\b", source)]


def _line(source: str) -> int:
    (number,) = _lines(source)
    return number


def _blocks(pack: Pack) -> list[Block]:
    return [block for blocks in pack.blocks.values() for block in blocks]


def _block(pack: Pack, course: str, number: int) -> Block:
    return next(block for block in pack.blocks[course] if block.number == number)


def _dates(row: ScheduleRow | None) -> str | None:
    return row.review.isoformat() if row else None
