"""What is dated after a day changes nothing that is said as of that day (R4, reading 7), but where a reading looks ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.facts import DeclarationReport, EngagementReport, Participant, RegisterEntry
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import day, declared, did, period, person, ran, session, watched
from tests.rules.lives import ANY_DAY, PACKS, Life

AS_OF = "2021-12-01"
TOTAL = {"engagement_reports": (ran("2021-11-20", "20", 27),)}  # more than Block 1 gives without self-study
LATER = [
    # what is known on 1 December, what is dated later, self-study on 1 December
    ("a total, then a period that splits it", TOTAL, {"declaration_reports": (period("2021-11-01", "2021-12-10", 27, 0),)}, "met"),
    ("a total, then a period without a split", TOTAL, {"declaration_reports": (period("2021-11-01", "2021-12-10", 27),)}, "met"),
    ("a total that may all be other things, then a period that splits it",
     {"engagement_reports": (ran("2021-11-20", "20", 26),)},
     {"declaration_reports": (period("2021-11-01", "2021-12-10", 26, 0),)}, "unknown"),
    ("a running figure in a period, then the rest of the report",
     {"declaration_reports": (period("2021-11-02", "2021-11-20", 27, None, 27),)},
     {"declaration_reports": (period("2021-11-21", "2021-12-10", 5, 0, 32),)}, "met"),
    ("a total, then a lower one", TOTAL, {"engagement_reports": (ran("2021-12-10", "20", 5),)}, "met"),
    ("a period without self-study, then one with it",
     {"declaration_reports": (period("2021-11-01", "2021-11-30", 5, 0),)},
     {"declaration_reports": (period("2021-12-01", "2021-12-10", 5, 5),)}, "not_met"),
    ("an activity, then another", {"activities": (did("2021-11-20", 2, "Survey", 1, "Event survey"),)},
     {"activities": (did("2021-12-02"),)}, "not_met"),
    ("a log without a row by then is still the log (reading 5)", TOTAL, {"activities": (did("2021-12-02"),)}, "not_met"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "known", "later", "verdict"), LATER, ids=[row[0] for row in LATER])
def test_self_study_on_the_day(
    pack: Pack, what: str, known: dict[str, Any], later: dict[str, Any], verdict: str
) -> None:
    everything = {kind: known.get(kind, ()) + later.get(kind, ()) for kind in known | later}
    found = standing(pack, person(**everything), day(AS_OF)).outputs[0]
    assert next(c.verdict for c in found.criteria if c.criterion == "self_study") == verdict


def test_a_session_that_is_made_up_for_later_is_not_made_up_for_yet(pack: Pack) -> None:
    """Reading 8."""
    missed = session("2021-11-20", "absent", contingency="recording", contingency_on="2021-12-05", confirmed_by="Sam")
    for on, covered in (("2021-12-01", False), ("2021-12-05", True)):
        steps = " ".join(standing(pack, person(register=(missed,)), day(on)).outputs[0].next_steps)
        assert ("the missed session is covered" in steps) is covered


def test_a_video_of_a_day_that_has_not_come_is_not_watched(pack: Pack) -> None:
    """The declaration's cut-off lies after the day that is asked about, and so does the view."""
    views = (watched("2021-11-20", "70"), watched("2021-12-05", "95"))
    who = person(videos=views, declarations=(declared(1, "2021-11-25", "2021-12-13"),))
    found = standing(pack, who, day(AS_OF)).outputs[1]
    assert next(c.reason for c in found.criteria if c.criterion == "video").startswith("Watched 70% of the Block 1")


# --- whatever is known of anybody -------------------------------------------------------------------------------------


def as_known_on(who: Participant, on: date, starts: date) -> Participant:
    """The participant without what is dated later, but for what a reading says of it."""
    log = [row for row in who.activities if row.completed_on <= on]
    periods, runs = reported_by(who, on, starts)
    return replace(
        who,
        contract_returned_on=_by(on, who.contract_returned_on),
        sponsorship_returned_on=_by(on, who.sponsorship_returned_on),
        activities=tuple(log or who.activities[:1]),  # reading 5: the log is the source once there is a row of theirs
        declaration_reports=tuple(periods),
        engagement_reports=tuple(runs),
        register=tuple(_seen(entry, on) for entry in who.register),
        videos=tuple(view for view in who.videos if view.viewed_on <= on),
        # readings 9 and 23 ask about dates of the assessment that lie ahead: it stays as it is
        declarations=tuple(d for d in who.declarations if d.declared_on <= on),
        extensions=tuple(e for e in who.extensions if e.decided_on <= on),
        contacts=tuple(c for c in who.contacts if c.contacted_on <= on),
        deferrals=tuple(d for d in who.deferrals if d.decided_on <= on),
        resumptions=tuple(r for r in who.resumptions if r.resumed_on <= on),
        removal_votes=tuple(v for v in who.removal_votes if v.decided_on <= on),
    )


def reported_by(
    who: Participant, on: date, starts: date
) -> tuple[Sequence[DeclarationReport], Sequence[EngagementReport]]:
    """Both reports up to a day; of later rows only that there are any is known (readings 5, 6 and 31)."""
    periods = [row for row in who.declaration_reports if row.period_end <= on]
    runs = [row for row in who.engagement_reports if row.run_on <= on]
    later = [row for row in who.declaration_reports if row.period_end > on][:1]
    if later and not periods:  # reading 6: 0 before the first period ends, if it starts in time; otherwise not known
        in_time = later[0].period_start <= starts
        none_yet = period(str(starts), str(starts), 0, None, 0)
        periods = [none_yet] if in_time else [replace(later[0], cumulative_credits=None)] if not runs else []
    if not runs:
        runs = [replace(row, cumulative_credits=None) for row in who.engagement_reports[:1]]
    return periods, runs


def _seen(entry: RegisterEntry, on: date) -> RegisterEntry:
    """R53 and what to attend next look at sessions to come; one that is made up for later is not made up for yet."""
    if entry.event_date <= on and (entry.contingency_on is None or entry.contingency_on <= on):
        return entry
    return replace(
        entry,
        status="booked" if entry.status == "booked" else "absent",
        confirmed_by=None,  # R53 (reading 12): that it is made up for on a later day stays known
    )


def _by(on: date, returned: date | None) -> date | None:
    return returned if returned is not None and returned <= on else None


@pytest.mark.parametrize("pack", PACKS)
@settings(max_examples=600, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9), after=ANY_DAY)
def test_what_is_dated_later_changes_nothing_that_is_said_today(pack: str, seed: int, after: int) -> None:
    """Verdicts, reasons, credits, stages, warnings and next steps of every output."""
    life = Life(PACKS[pack], seed)
    who, on = life.person(), life.starts + timedelta(days=after)
    assert standing(life.pack, who, on) == standing(life.pack, as_known_on(who, on, life.starts), on)
