"""Where a participant stands on their course on a day: training, on deferral, back, moved to another cohort, removed.

Everything is seen as of a day: a decision counts from its own day on, whenever it was typed in (reading 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Protocol

from core.rules.facts import Deferral, DeferralRequest, RemovalVote, Resumption

SIDES = {"delivery_partner": "the Delivery Partner", "lead_provider": "the lead provider"}  # of a removal (R43)


class Enrolled(Protocol):
    """Whoever is on a course: a loaded participant or a progress record."""

    @property
    def cohort(self) -> str:
        """The file's."""

    @property
    def training_status(self) -> str:
        """The file's."""

    @property
    def deferrals(self) -> tuple[Deferral, ...]:
        """In the order recorded."""

    @property
    def resumptions(self) -> tuple[Resumption, ...]:
        """In the order recorded."""

    @property
    def deferral_requests(self) -> tuple[DeferralRequest, ...]:
        """In the order recorded."""

    @property
    def removal_votes(self) -> tuple[RemovalVote, ...]:
        """In the order recorded."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What the votes on removal add up to on a day (R43, reading 15)."""

    proposed_on: date | None  # while a proposal is open
    sides_approved: tuple[str, ...]  # to the open proposal
    removed_on: date | None


class RequestEnded(NamedTuple):
    """What became of a deferral that was asked for: the answer, or that they came back from it (answered or not)."""

    how: Literal["confirmed", "declined", "returned"]
    on: date
    answer: str | None


def cohort_on(participant: Enrolled, day: date) -> str:
    """R37, reading 14: the file's cohort until a resumption names another; the new one from that day on."""
    if not participant.resumptions:
        return participant.cohort
    moves = [r for r in participant.resumptions if r.cohort is not None and r.resumed_on <= day]
    if not moves:
        return participant.cohort
    cohort = max(moves, key=lambda r: (r.resumed_on, r.order)).cohort
    assert cohort is not None
    return cohort


def deferral_on(participant: Enrolled, day: date, as_of: date) -> Deferral | None:
    """The recorded deferral in force on `day`, as known at the end of `as_of`; None when there is none (reading 13)."""
    in_force = [
        d
        for d in participant.deferrals
        if d.decided_on <= as_of and d.starts_on <= day and not _ended(participant, d, day)
    ]
    return max(in_force, key=lambda d: (d.decided_on, d.order), default=None)


def deferral_ahead(participant: Enrolled, as_of: date) -> Deferral | None:
    """The latest agreed deferral that begins only after `as_of`; None when there is none."""
    ahead = [d for d in participant.deferrals if d.decided_on <= as_of < d.starts_on]
    return max(ahead, key=lambda d: (d.decided_on, d.order), default=None)


def deferral_asked(participant: Enrolled, as_of: date) -> Deferral | None:
    """Reading 37: the deferral that waits for the lead provider's word at the end of a day; a return ends the waiting too."""
    waiting = [
        request.asked
        for request in participant.deferral_requests
        if request.asked.decided_on <= as_of
        and (request.answered_on is None or request.answered_on > as_of)
        and not _ended(participant, request.asked, as_of)
    ]
    return max(waiting, key=lambda d: (d.decided_on, d.order), default=None)


def request_ended(participant: Enrolled, as_of: date) -> RequestEnded | None:
    """What became by the end of a day of the deferral that was asked for last; None while it waits, or there is none."""
    requests = [request for request in participant.deferral_requests if request.asked.decided_on <= as_of]
    if not requests or deferral_asked(participant, as_of) is not None:
        return None
    last = requests[-1]
    answer = last.answer if last.answered_on is not None and last.answered_on <= as_of else None
    back = [
        r.resumed_on
        for r in participant.resumptions
        if r.order > last.asked.order and last.asked.starts_on <= r.resumed_on <= as_of
    ]
    if back and answer != "decline":
        return RequestEnded("returned", min(back), answer)
    assert last.answered_on is not None, "without an answer or a return it waits"
    return RequestEnded("confirmed" if answer == "confirm" else "declined", last.answered_on, answer)


def deferrals_recorded(participant: Enrolled, as_of: date) -> int:
    """Reading 37: how many deferrals are recorded by the end of a day; one that waits counts, one that was declined does not."""
    counted = sum(d.decided_on <= as_of for d in participant.deferrals)
    return counted + (deferral_asked(participant, as_of) is not None)


def on_deferral(participant: Enrolled, day: date, as_of: date) -> bool:
    """R37: on deferral on `day`, by a recorded deferral or by the participants file (reading 29), as known on `as_of`."""
    return deferral_on(participant, day, as_of) is not None or _deferred_by_file(participant, day)


def exempted(participant: Enrolled, review: date, as_of: date) -> bool:
    """Reading 13: on deferral on the review date, and not brought back from that deferral since."""
    if as_of < review:
        return False
    if _deferred_by_file(participant, as_of):
        return True
    return any(
        d.decided_on <= as_of and d.starts_on <= review and not _ended(participant, d, as_of)
        for d in participant.deferrals
    )


def needs_rescheduling(participant: Enrolled, as_of: date) -> bool:
    """R37, reading 29: back from deferral without a cohort, until one is named."""
    return back_without_cohort(participant, as_of) is not None


def back_without_cohort(participant: Enrolled, as_of: date) -> date | None:
    """Since when somebody is back for whom a cohort to rejoin is still to be named; None for everybody else."""
    back = [r for r in participant.resumptions if r.resumed_on <= as_of]
    if not back or on_deferral(participant, as_of, as_of):
        return None
    last = max(back, key=lambda r: (r.resumed_on, r.order))
    return last.resumed_on if last.cohort is None else None


def removal_on(participant: Enrolled, as_of: date) -> Removal:
    """R43, reading 15: both sides' approvals remove, a rejection closes the proposal and resets nothing."""
    proposed_on: date | None = None
    sides: tuple[str, ...] = ()
    for vote in participant.removal_votes:
        if vote.decided_on > as_of:
            continue
        if vote.decision == "reject":
            proposed_on, sides = None, ()
            continue
        proposed_on = proposed_on or vote.decided_on
        sides = (*sides, vote.side) if vote.side not in sides else sides
        if len(sides) > 1:
            return Removal(None, sides, vote.decided_on)
    return Removal(proposed_on, sides, None)


def training_status(participant: Enrolled, as_of: date) -> str:
    """`withdrawn`, `deferred` or `active` at the end of a day."""
    if participant.training_status == "withdrawn" or removal_on(participant, as_of).removed_on is not None:
        return "withdrawn"
    return "deferred" if on_deferral(participant, as_of, as_of) else "active"


def _ended(participant: Enrolled, deferral: Deferral, day: date) -> bool:
    """Whether a resumption on or before `day` ended this deferral: the day of return is no longer on deferral."""
    return any(
        r.resumed_on <= day and (r.resumed_on, r.order) >= (deferral.may_end_from, deferral.order)
        for r in participant.resumptions
    )


def _deferred_by_file(participant: Enrolled, day: date) -> bool:
    return participant.training_status == "deferred" and not any(r.resumed_on <= day for r in participant.resumptions)
