"""The JSON documents of the public contract, made from plain answers. Field names and shapes are fixed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from core.rules.calendar import LONDON
from core.rules.criteria_trees import combined
from core.rules.results import CriterionResult, OutputStanding, Standing
from core.services.enquiries import AtRiskList, Reviews
from reference.criteria import Criterion, Node

if TYPE_CHECKING:
    from core.posts.due import DueMessage


def iso(day: date | None) -> str | None:
    """A date as ISO writes it."""
    return None if day is None else day.isoformat()


def status_document(standing: Standing, only: OutputStanding | None) -> dict[str, Any]:
    """`npq status --json`."""
    return {
        "as_of": standing.as_of.isoformat(),
        "participant": {
            "id": standing.participant_id,
            "name": standing.name,
            "course": standing.course,
            "course_identifier": standing.course_identifier,
            "cohort": standing.cohort,
            "delivery_partner": standing.delivery_partner,
            "training_status": standing.training_status,
        },
        "outputs": [_output(o) for o in ((only,) if only is not None else standing.outputs)],
        "current_output": standing.current_output,
    }


def _output(output: OutputStanding) -> dict[str, Any]:
    credits = output.credits
    return {
        "output": output.output,
        "kind": output.kind,
        "declaration_type": output.declaration_type,
        "review_date": iso(output.review_date),
        "window_ends": iso(output.window_ends),
        "deadline": iso(output.deadline),
        "cut_off": iso(output.cut_off),
        "in_time": output.in_time,
        "verdict": output.verdict,
        "met_on": iso(output.met_on),
        "payable": output.payable,
        "papers_missing": list(output.papers_missing),
        "declared": output.declared,
        "stage": output.stage,
        "baseline": iso(output.baseline),
        "criteria": [
            {
                "criterion": c.criterion,
                "verdict": c.verdict,
                "reason": c.reason,
                "rule": c.rule,
                "path": c.path,
                "done": c.done,
                "offered": c.offered,
            }
            for c in output.criteria
        ],
        "gate": {"verdict": output.gate.verdict, "reasons": list(output.gate.reasons)} if output.gate else None,
        "tree": _tree(output.tree, iter(output.criteria)) if output.tree else None,
        "credits": {
            "earned": credits.earned,
            "at_baseline": credits.at_baseline,
            "total": credits.total,
            "needed": credits.needed,
            "percent": credits.percent,
        },
        "warnings": list(output.warnings),
        "warning_codes": list(output.warning_codes),
        "next_steps": list(output.next_steps),
        "extensions": output.extensions,
        "unanswered_contacts": output.unanswered_contacts,
    }


def _tree(node: Node, leaves: Iterator[CriterionResult]) -> dict[str, Any]:
    """A part of the pack's tree with its verdict; a criterion's path in it is the way to it here."""
    if isinstance(node, Criterion):
        return {"criterion": node.key, "verdict": next(leaves).verdict}
    nodes = [_tree(each, leaves) for each in node.nodes]
    of = {"n": node.n} if node.combine == "at_least" else {}
    return {"verdict": combined(node, [each["verdict"] for each in nodes]), **of, node.combine: nodes}


def at_risk_document(as_of: date, found: AtRiskList) -> dict[str, Any]:
    """`npq at-risk --json`."""
    people = [
        {
            "id": entry.standing.participant_id,
            "name": entry.standing.name,
            "delivery_partner": entry.standing.delivery_partner,
            "course": entry.standing.course,
            "cohort": entry.standing.cohort,
            "output": entry.output.output,
            "review_date": iso(entry.output.review_date),
            "verdict": entry.output.verdict,
            "stage": entry.output.stage,
            "reasons": list(dict.fromkeys(c.reason for c in entry.output.open_criteria)),
            "next_steps": list(entry.output.next_steps),
        }
        for entry in found.people
    ]
    return {
        "as_of": as_of.isoformat(),
        "participants": people,
        "count": len(people),
        "not_scheduled": found.not_scheduled,
    }


def reviews_document(as_of: date, found: Reviews) -> dict[str, Any]:
    """`npq reviews --json`."""
    return {
        "as_of": as_of.isoformat(),
        "reviews": [
            {
                "delivery_partner": r.delivery_partner,
                "course_group": r.course_group,
                "cohort": r.cohort,
                "output": r.output,
                "title": r.title,
                "review_date": iso(r.review_date),
                "review_computed": r.computed,
                "window_ends": iso(r.window_ends),
                "cut_off": iso(r.cut_off),
                "invoice_date": iso(r.invoice_date),
                "payment_date": iso(r.payment_date),
                "people": r.people,
                "met": r.met,
                "meeting_on": iso(r.meeting_on),
                "whose": list(r.whose),
            }
            for r in found.coming
        ],
        "not_scheduled": found.not_scheduled,
    }


def due_document(messages: list[DueMessage], texts: list[str], *, several_courses: bool) -> dict[str, Any]:
    """`npq due --json`; `texts` in the order of the messages. Where nobody takes `several_courses` it is as it was before that."""
    shown = []
    for message, text in zip(messages, texts, strict=True):
        occasion = message.reminder.occasion
        document: dict[str, Any] = {
            "key": occasion.key,
            "due_at": message.due_at.isoformat(),
            "about": occasion.about.isoformat(),
            "delivery_partner": occasion.delivery_partner,
            "course_group": occasion.course_group,
            "cohort": occasion.cohort,
            "output": message.reminder.output,
            "destination": None
            if message.place is None
            else {"platform": message.place.platform, "id": message.place.platform_id},
            "participants": [person.participant_id for person in message.reminder.people]
            or list(dict.fromkeys(who for who, _ in message.reminder.unlisted)),
            "text": text,
        }
        if several_courses:
            named = [
                (person.participant_id, one.standing.course)
                for person in message.reminder.people
                for one in person.each
            ]
            document["enrolments"] = [
                {"id": who, "course": course} for who, course in named or message.reminder.unlisted
            ]
        if message.sent_at is not None:
            document["sent_at"] = message.sent_at.astimezone(LONDON).isoformat()
        shown.append(document)
    return {"messages": shown}
