"""Whole participants through SQLModel objects, one per row: the way that the sweep is measured against.

Columns are written out, as whoever goes that way would: what it costs must not change with how we name them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from core.database.tables import (
    ActivityRow,
    AssessmentRow,
    DeclarationReportRow,
    DeclarationRow,
    EngagementReportRow,
    EnrolmentRow,
    RegisterRow,
    VideoRow,
)
from core.records import decisions, participant_rows
from core.rules.facts import (
    NOTHING_DECIDED,
    ActivityDone,
    Assessment,
    Declaration,
    DeclarationReport,
    EngagementReport,
    Participant,
    RegisterEntry,
    VideoView,
)

_TABLES: tuple[Any, ...] = (
    ActivityRow,
    DeclarationReportRow,
    EngagementReportRow,
    RegisterRow,
    VideoRow,
    AssessmentRow,
    DeclarationRow,
)


def participants(session: Session, partners: int) -> Iterator[Participant]:
    """Everybody of the first so many Delivery Partners."""
    for partner in participant_rows.partners(session)[:partners]:
        people = session.exec(select(EnrolmentRow).where(EnrolmentRow.delivery_partner == partner)).all()
        ids = [person.id or 0 for person in people]
        named = {one.id: one.name for one in participant_rows.people(session)}
        rows: dict[Any, dict[int, list[Any]]] = {table: defaultdict(list) for table in _TABLES}
        for start in range(0, len(ids), 500):
            for table in _TABLES:
                for row in session.exec(select(table).where(col(table.enrolment_id).in_(ids[start : start + 500]))):
                    rows[table][row.enrolment_id].append(row)
        booked = {row.event_id for lines in rows[RegisterRow].values() for row in lines if row.status == "booked"}
        marked = participant_rows.marked_events(session, sorted(booked))
        decided = decisions.by_enrolment(session, ids)
        groups: dict[tuple[str, str], set[str]] = defaultdict(set)
        for person in people:
            own = {table.__tablename__ for table in _TABLES if rows[table].get(person.id or 0)}
            groups[person.course, person.cohort] |= own - {"declarations"}
        for person in people:
            ident = person.id or 0
            own_decisions = decided.get(ident, NOTHING_DECIDED)
            yield Participant(
                id=person.participant_id,
                enrolment_id=ident,
                name=named[person.participant_id],
                course=person.course,
                cohort=person.cohort,
                delivery_partner=person.delivery_partner,
                application_status=person.application_status,
                contract_returned_on=person.contract_returned_on,
                sponsorship_returned_on=person.sponsorship_returned_on,
                training_status=person.training_status,
                imported=frozenset(groups[person.course, person.cohort]),
                activities=tuple(
                    ActivityDone(r.block, r.component, r.title, r.credits, r.completed_on, r.logged_by)
                    for r in rows[ActivityRow][ident]
                ),
                declaration_reports=tuple(
                    DeclarationReport(
                        r.period_start, r.period_end, r.credits, r.self_study_credits, r.cumulative_credits
                    )
                    for r in rows[DeclarationReportRow][ident]
                ),
                engagement_reports=tuple(
                    EngagementReport(r.run_on, r.percent_complete, r.cumulative_credits)
                    for r in rows[EngagementReportRow][ident]
                ),
                register=tuple(
                    RegisterEntry(
                        r.event_id,
                        r.event_type,
                        r.event_date,
                        r.status,
                        r.marked_on,
                        r.contingency,
                        r.contingency_on,
                        r.confirmed_by,
                        event_marked=r.status != "booked" or r.event_id in marked,
                    )
                    for r in rows[RegisterRow][ident]
                ),
                videos=tuple(VideoView(r.block, r.percent_viewed, r.viewed_on) for r in rows[VideoRow][ident]),
                assessments=tuple(
                    Assessment(
                        r.submitted_on,
                        r.marked_on,
                        r.moderated_on,
                        r.external_moderation,
                        r.copies_held,
                        r.result,
                        r.try_,
                    )
                    for r in rows[AssessmentRow][ident]
                ),
                declarations=tuple(
                    Declaration(r.output, r.declared_on, r.evidence_cutoff, r.state)
                    for r in rows[DeclarationRow][ident]
                ),
                extensions=own_decisions.extensions,
                contacts=own_decisions.contacts,
                deferrals=own_decisions.deferrals,
                resumptions=own_decisions.resumptions,
                removal_votes=own_decisions.removal_votes,
            )
        session.expunge_all()
