"""What staff decided: one row each, in the order it was recorded, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session, col

from core.database.tables import Decision, DeclarationRow, EnrolmentRow, columns_of
from core.rules.facts import Contact, Decided, Deferral, DeferralRequest, Extension, RemovalVote, Resumption
from core.rules.progress import NOT_DECLARED

Value = TypeVar("Value")

ASKED = "asked"  # of a deferral that the lead provider has yet to confirm

_OF_PEOPLE = (
    select(Decision).where(col(Decision.enrolment_id).in_(bindparam("ids", expanding=True))).order_by(col(Decision.id))
)
_decision = columns_of(Decision)
_enrolment = columns_of(EnrolmentRow)
_WRITTEN = insert(Decision)
_FACTS = select(
    _decision.enrolment_id,
    _decision.kind,
    _decision.decided_on,
    _decision.output,
    _decision.starts_on,
    _decision.until,
    _decision.reason,
    _decision.channel,
    _decision.outcome,
    _decision.cohort,
    _decision.schedule,
    _decision.side,
    _decision.decision,
    _decision.id,
).order_by(_decision.id)
_FACTS_OF_PEOPLE = _FACTS.where(_decision.enrolment_id.in_(bindparam("ids", expanding=True)))
_FACTS_OF_PARTNER = _FACTS.where(
    _decision.enrolment_id == _enrolment.id, _enrolment.delivery_partner == bindparam("partner")
)


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision as it is told: its own day, who recorded it, and what it was; its reason apart (never for a channel)."""

    kind: str
    on: date
    by: str
    text: str
    recorded_at: datetime
    reason: str | None = None


def add(session: Session, decision: Decision) -> None:
    """Writes a decision down: the columns that its kind has."""
    session.connection().execute(_WRITTEN, decision.model_dump(exclude={"id"}))


def is_last(session: Session, decision: Decision) -> bool:
    """Whether the newest decision on an enrolment is this one, recorded before by the same person."""
    found = select(Decision).where(col(Decision.enrolment_id) == decision.enrolment_id)
    last = session.execute(found.order_by(col(Decision.id).desc()).limit(1)).scalar()
    apart = {"id", "recorded_at"}
    return last is not None and last.model_dump(exclude=apart) == decision.model_dump(exclude=apart)


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote on removal as it was recorded."""

    side: str
    by: str
    staff_id: int | None


def last_removal_vote(session: Session, enrolment_id: int) -> Vote | None:
    """The newest vote on the removal of an enrolment, None when there was none."""
    row = session.execute(
        select(Decision)
        .where(col(Decision.enrolment_id) == enrolment_id, col(Decision.kind) == "removal_vote")
        .order_by(col(Decision.id).desc())
        .limit(1)
    ).scalar()
    return None if row is None else Vote(_is(row.side), row.by, row.staff_id)


def set_declaration(
    session: Session, enrolment_id: int, *, output: int, declared_on: date, evidence_cutoff: date | None
) -> None:
    """Remembers a declaration as a fact, in the place of one of the same day that no longer counts."""
    session.merge(
        DeclarationRow(
            enrolment_id=enrolment_id,
            output=output,
            declared_on=declared_on,
            evidence_cutoff=evidence_cutoff,
            state="submitted",
        )
    )


def live_declaration(session: Session, enrolment_id: int, output: int) -> date | None:
    """The day of the declaration that counts for an output, whenever it is dated; None without one (reading 17)."""
    row = DeclarationRow
    found = session.execute(
        select(col(row.declared_on)).where(
            col(row.enrolment_id) == enrolment_id, col(row.output) == output, col(row.state).not_in(NOT_DECLARED)
        )
    ).scalars()
    return max(found, default=None)


def by_partner(session: Session, partner: str) -> dict[int, Decided]:
    """The decisions about a Delivery Partner's enrolments, each one's in the order recorded."""
    return _by_enrolment(session.execute(_FACTS_OF_PARTNER, {"partner": partner}))


def by_enrolment(session: Session, ids: Sequence[int]) -> dict[int, Decided]:
    """The decisions of these enrolments, each in the order recorded."""
    return _by_enrolment(session.execute(_FACTS_OF_PEOPLE, {"ids": ids}))


def history(session: Session, enrolment_id: int) -> list[RecordedDecision]:
    """What was recorded about an enrolment, in the order recorded. Reasons stand apart."""
    rows = session.execute(_OF_PEOPLE, {"ids": [enrolment_id]}).scalars()
    return [RecordedDecision(r.kind, r.decided_on, r.by, r.told, r.recorded_at, r.reason) for r in rows]


def newest(session: Session, ids: Sequence[int], rather: int) -> tuple[int, RecordedDecision] | None:
    """What was recorded last on any of these enrolments, and on which; where on several at once, `rather` on this one."""
    rows = list(session.execute(_OF_PEOPLE, {"ids": ids}).scalars())
    if not rows:
        return None
    last = rows[-1]
    alike = [r for r in rows if (r.recorded_at, r.told, r.by) == (last.recorded_at, last.told, last.by)]
    r = next((r for r in alike if r.enrolment_id == rather), last)
    return r.enrolment_id, RecordedDecision(r.kind, r.decided_on, r.by, r.told, r.recorded_at, r.reason)


def everybody(session: Session) -> dict[int, Decided]:
    """All decisions by enrolment, each one's in the order recorded."""
    return _by_enrolment(session.execute(_FACTS))


def _by_enrolment(rows: Iterable[Any]) -> dict[int, Decided]:
    found: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for (
        who,
        kind,
        on,
        output,
        starts_on,
        until,
        reason,
        channel,
        outcome,
        cohort,
        schedule,
        side,
        decision,
        order,
    ) in rows:
        match kind:
            case "extension":
                found[who]["extensions"].append(Extension(output, until, reason, on))
            case "contact":
                found[who]["contacts"].append(Contact(on, channel, outcome))
            case "deferral":
                deferral = Deferral(starts_on, until, reason, on, order)
                if decision == ASKED:
                    found[who]["deferral_requests"].append(DeferralRequest(deferral))
                else:
                    found[who]["deferrals"].append(deferral)
            case "deferral_answer":
                asked = found[who]["deferral_requests"].pop().asked  # one at a time waits
                found[who]["deferral_requests"].append(DeferralRequest(asked, decision, on))
                if decision == "confirm":
                    found[who]["deferrals"].append(
                        asked._replace(decided_on=on, order=order, asked_on=asked.decided_on)
                    )
            case "resumption":
                found[who]["resumptions"].append(Resumption(on, cohort, order, schedule))
            case "removal_vote":
                found[who]["removal_votes"].append(RemovalVote(on, side, decision))
            # a declaration is a fact, kept with the others
    return {who: Decided(**{part: tuple(facts) for part, facts in parts.items()}) for who, parts in found.items()}


def _is(value: Value | None) -> Value:
    """A column that this kind of decision always fills."""
    assert value is not None
    return value
