"""A declaration: what the lead provider told DfE (R5, R19, reading 17). It is a fact as well, kept with those of files."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.records import decisions
from core.rules.calendar import in_words
from core.services.acts.recording import ActInProgress, Deed, Outcome, record, refuse_implausible
from core.services.enquiries import output_of
from core.services.refusals import Refusal
from core.services.staff.actors import Actor


def declare(
    installation: Installation,
    actor: Actor,
    participant_id: str,
    deed: Deed,
    *,
    output: int,
    cutoff: date | None = None,
) -> Outcome:
    """Records what the lead provider declared on `deed.on`, with the last day of evidence it used."""

    def act(doing: ActInProgress) -> None:
        if cutoff is not None:
            refuse_implausible(cutoff, "cutoff")
        looked_at = output_of(doing.before, output)
        live = decisions.live_declaration(doing.session, doing.participant.enrolment_id, output)
        if live is not None:
            raise Refusal(
                "already_declared",
                f"Output {output} of {doing.name} was declared on {in_words(live)} already.",
                field="output",
            )
        if cutoff is not None and cutoff > deed.on:
            raise Refusal(
                "cutoff_after_declaration", "The evidence cut-off can't lie after the declaration.", field="cutoff"
            )
        if cutoff is not None:
            doing.doubt_before(cutoff, "cutoff")
        if looked_at.blocked_by is not None:
            doing.warnings.append(f"Output {looked_at.blocked_by} is neither declared nor met: please check the order.")
        elif looked_at.verdict not in ("met", "not_defined"):
            doing.warnings.append("The evidence held here does not show this output as met.")
        decisions.set_declaration(
            doing.session, doing.participant.enrolment_id, output=output, declared_on=deed.on, evidence_cutoff=cutoff
        )
        doing.change.facts({doing.participant.enrolment_id: participant_id})
        doing.remember("declaration", f"Output {output} declared", output=output, until=cutoff)
        doing.detail |= {"output": output, "cutoff": cutoff.isoformat() if cutoff else None}
        doing.said = f"{doing.name}: Output {output} declared on {in_words(deed.on)}."

    return record(installation, actor, "declare", participant_id, deed, act)
