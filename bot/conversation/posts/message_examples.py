"""Made-up people, of whom the kinds of message tell in their examples: specialists in cohort 1, at their first output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.reminders.occasions import Occasion
from core.reminders.reminder import PersonDue, Reminder
from core.rules.calendar import days
from core.rules.engagement_counts import Report, engagement_report
from core.rules.results import Credits, OutputStanding, Stage, Standing, Verdict

PARTNER = "North Star Teaching School Hub"
REVIEW, WINDOW_ENDS, INVOICE = date(2021, 12, 13), date(2022, 1, 3), date(2022, 1, 10)
VERDICTS: Mapping[Stage, Verdict] = {"ready": "met", "declared": "met", "deferred": "exempt"}  # of the others: not met
NEEDS = (
    "Any one of these is enough: attend a face-to-face event or live webinar; earn one self-study credit; "
    "watch at least 90% of the Block 1 video introduction.",
)
AT_FIRST = OutputStanding(
    output=1,
    title="First Milestone",
    kind="first",
    declaration_type="started",
    cohort="1",
    review_date=REVIEW,
    window_ends=WINDOW_ENDS,
    deadline=WINDOW_ENDS,
    invoice_date=INVOICE,
    cut_off=None,
    in_time=None,
    verdict="not_met",
    met_on=None,
    payable=False,
    papers_missing=(),
    declared=False,
    declared_on=None,
    stage="pre_review",
    baseline=None,
    blocked_by=None,
    criteria=(),
    credits=Credits(0, None, 250, None, None),
    warnings=(),
    next_steps=NEEDS,
    extensions=0,
    latest_extension=None,
    unanswered_contacts=0,
)


def somebody(name: str, stage: Stage, note: str = "", **more: Any) -> PersonDue:
    """Somebody in a stage of the first output; `more` is what stands otherwise on it."""
    verdict = VERDICTS.get(stage, "not_met")
    output = replace(AT_FIRST, stage=stage, verdict=verdict, next_steps=() if verdict == "met" else NEEDS)
    output = replace(output, **more)
    participant_id = name.lower().replace(" ", "-")
    whole = Standing(
        as_of=REVIEW,
        pack="made up",
        participant_id=participant_id,
        enrolment_id=0,
        name=name,
        course="NPQLTD",
        course_identifier="npq-leading-teaching-development",
        course_group="specialist",
        cohort="1",
        delivery_partner=PARTNER,
        training_status="deferred" if stage == "deferred" else "active",
        rescheduling_needed=stage == "rescheduling_needed",
        deferred_until=None,
        removal_proposed_on=None,
        removal_sides_approved=(),
        outputs=(output,),
        current_output=1,
    )
    return PersonDue(participant_id, name, output, whole, note)


def made_up(
    key: str,
    on: date,
    about: date,
    *people: PersonDue,
    detail: str = "",
    last_day: date | None = None,
    facts: tuple[tuple[str, str], ...] = (),
    moved: tuple[str, ...] = (),
    report: Report | None = None,
    undated: int = 0,
) -> Reminder:
    """A message of a kind about an output, or with a report about everybody, as it goes out on a day."""
    group, cohort, output = ("specialist", "1", None if undated else 1) if report is None else (None, None, None)
    lead = (on - about).days
    occasion = Occasion(key, on, about, PARTNER, group, cohort, output, lead, detail, last_day)
    told = tuple(replace(person, standing=replace(person.standing, as_of=on)) for person in people)
    return Reminder(
        occasion, on, told, len(people) + 4, 3, 0, facts=facts, moved=moved, report=report, not_scheduled=undated
    )


BEFORE, EXTENDED_TO = REVIEW - days(7), date(2022, 1, 14)
JANE, OWEN = somebody("Jane Example", "pre_review"), somebody("Owen Hughes", "pre_review")
IN_WINDOW = somebody("Jane Example", "window")
EXTENDED = somebody("Tom Reed", "extended", extensions=1, latest_extension=EXTENDED_TO, deadline=EXTENDED_TO)
REPORT = engagement_report(["1"], [JANE.standing, EXTENDED.standing])
