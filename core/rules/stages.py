"""The escalation stage of one output on one day: the first line that holds (R36-R43, R53, reading 34). Nothing stores a stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from core.rules.calendar import days
from core.rules.facts import Contact
from core.rules.results import Stage, Verdict
from reference.pack import PackSettings

ANSWERED = "reached"
AWAY = frozenset({"deferred", "rescheduling_needed"})  # stages of those who are not on the course just now


class Situation(NamedTuple):
    """What the stage of an output follows from."""

    as_of: date
    withdrawn: bool
    declared: bool
    verdict: Verdict
    review: date | None
    on_deferral: bool
    needs_rescheduling: bool
    removal_open: bool  # and this is the current output
    nothing_left: bool  # R53
    latest_extension: date | None
    extensions: int
    unanswered: int


def stage(settings: PackSettings, at: Situation) -> Stage:
    """The first line of the stage list that holds; `settings` are those of their group."""
    if at.withdrawn:
        return "withdrawn"
    if at.declared:
        return "declared"
    if at.verdict == "not_defined":
        return "not_defined"
    if at.on_deferral or at.verdict == "exempt":
        return "deferred"
    if at.needs_rescheduling:
        return "rescheduling_needed"
    if at.verdict == "met":
        return "ready"
    if at.review is None:
        return "not_scheduled"
    if at.removal_open and settings.removal:
        return "removal_pending"
    if at.nothing_left:
        return "refer_to_lead_provider"
    if at.as_of <= at.review:
        return "pre_review" if at.as_of >= at.review - days(max(settings.review_leads)) else "not_due"
    if at.latest_extension is not None and at.as_of <= at.latest_extension:
        return "extended"
    if settings.window and at.as_of <= at.review + days(settings.window_days):
        return "window"
    if settings.removal and (
        at.unanswered >= settings.unanswered_contacts or at.extensions >= settings.extensions_before_removal
    ):
        return "removal_review"
    return "contact"


def window_ends(settings: PackSettings, review: date) -> date | None:
    """R38: the window's last day; None where there is none (reading 34)."""
    return review + days(settings.window_days) if settings.window else None


def unanswered_contacts(contacts: Sequence[Contact], as_of: date) -> int:
    """R42, reading 16: days in a row, back from `as_of`, on which every attempt stayed unanswered."""
    count = 0
    past = sorted((c for c in contacts if c.contacted_on <= as_of), key=lambda c: c.contacted_on, reverse=True)
    for _, attempts in groupby(past, key=lambda c: c.contacted_on):
        if any(attempt.outcome == ANSWERED for attempt in attempts):
            break
        count += 1
    return count
