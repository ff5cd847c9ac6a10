"""From one course to another: the enrolment goes on, with what was recorded on it; what was declared stays where it is."""

from __future__ import annotations

from core.derived.installation import Installation
from core.records import participant_rows
from core.records.compared_names import folded
from core.records.planned_sessions import courses_planned
from core.rules.facts import Participant
from core.services.acts.recording import ActInProgress, Deed, Outcome, in_a_sentence, record
from core.services.enquiries import course_code, joined_codes
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack


def move(installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, to: str) -> Outcome:
    """Moves an enrolment to another course, by its code or DfE's identifier. Evidence that the new course does not list counts for
    nothing there, and is told.
    """

    def act(doing: ActInProgress) -> None:
        pack, person = doing.pack, doing.participant
        code = course_code(installation, to)
        assert code is not None
        _refuse(doing, code)
        cohort = doing.today.cohort
        if code not in pack.cohorts[cohort].courses:
            raise Refusal("not_offered", f"{code} is not offered in cohort {cohort}.", field="to")
        doing.warnings += _misfits(pack, person, code)
        doing.warnings += _planned_for_another(doing, code)
        participant_rows.set_course(doing.session, person.enrolment_id, code)
        doing.change.facts({person.enrolment_id: participant_id})
        doing.remember("move", f"Moved from {person.course} to {code}")
        doing.detail |= {"from": person.course, "to": code}
        doing.said = f"{doing.name}: moved from {person.course} to {code}."

    return record(installation, actor, "move", participant_id, deed, act)


def _refuse(doing: ActInProgress, code: str) -> None:
    taken = participant_rows.courses_of(doing.session, doing.participant.id)
    if code in taken:
        raise Refusal("already_on_course", f"{doing.name} is on {code} already: there is nothing to move.", field="to")
    if doing.today.training_status == "withdrawn":
        raise Refusal(
            "withdrawn",
            f"{doing.name} has been withdrawn from {doing.today.course}: list {code} in the participants file.",
        )
    name = in_a_sentence(doing.before.name)
    declared = [output.output for output in doing.today.outputs if output.declared]
    if declared:
        raise Refusal(
            "declared",
            f"Output {declared[-1]} of {doing.today.course} is declared for {name}, and a declaration can't move: list {code} "
            "as a second course in the participants file, and withdraw them from the first.",
        )


def _misfits(pack: Pack, person: Participant, code: str) -> list[str]:
    """What of somebody's evidence another course does not list; nothing where it takes any."""
    blocks = pack.blocks.get(code, ())
    if not blocks:
        return []
    listed = {(block.number, folded(one.title)) for block in blocks for one in block.activities}
    numbers = {block.number for block in blocks}
    found = {
        "activities": [(one.block, folded(one.title)) in listed for one in person.activities],
        "video views": [one.block in numbers for one in person.videos],
    }
    return [
        f"{fit.count(False)} of {len(fit)} {what} {'is' if fit.count(False) == 1 else 'are'} not of {code}: kept, and counted for "
        "nothing there."
        for what, fit in found.items()
        if False in fit
    ]


def _planned_for_another(doing: ActInProgress, code: str) -> list[str]:
    """What is to be told of their sessions that are planned for one course: their attendance goes along."""
    planned = courses_planned(doing.session, [one.event_id for one in doing.participant.register])
    courses = sorted(set(planned.values()) - {code})
    if not courses:
        return []
    count = sum(course in courses for course in planned.values())
    what = "1 session of theirs is" if count == 1 else f"{count} sessions of theirs are"
    return [f"{what} planned for {joined_codes(courses)}: please check that it counts for {code}."]
