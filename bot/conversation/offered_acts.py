"""Which acts are offered of somebody: on a card, on a post, and whose form opens. None that would be refused whatever one filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.conversation.acts import CONFIRM, ON_CARDS, ON_POSTS, Act, FormRequest, act_of
from bot.conversation.cards import fitting
from bot.conversation.cards.card import Button
from bot.conversation.verbs import DETAILS, Call
from core.reminders.reminder import PersonDue
from core.rules.calendar import in_words
from core.rules.results import OutputStanding, Standing
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack


def useless(pack: Pack, act: Act, standing: Standing, output: int) -> Refusal | None:
    """Why an act would be refused whatever is filled in, were it done on the standing's day."""
    return act.why_not(pack, standing, standing, standing.as_of, output)


def refuse_useless(act: Act, asking: FormRequest) -> None:
    """Tells a late press at once that its form would be of no use, and what was recorded last."""
    history = asking.case.history
    standing = asking.case.standing
    if asking.case.several:  # which is meant
        standing = replace(standing, name=f"{standing.name} ({standing.course})")
    refusal = useless(asking.pack, act, standing, asking.output.output)
    if refusal is None:
        return
    if not history:
        raise refusal
    said = f"Last recorded: {history[-1].text} by {fitting.shown(history[-1].by, 60)} on {in_words(history[-1].on)}."
    raise Refusal(refusal.code, f"{refusal.message} {said}", field=refusal.field)


def may_be_about(pack: Pack, verb: str, course: str) -> bool:
    """Whether what a verb opens is a matter of a course at all: its group's rules may be without that act (reading 34)."""
    act, known = act_of(verb), pack.courses.get(course)
    return act is None or known is None or act.is_in(pack, known.group)


def buttons_for(
    pack: Pack, actor: Actor, standing: Standing, output: OutputStanding, revision: int | None
) -> tuple[Button, ...]:
    """What this person may do about this participant now and would not be refused for, Details last.

    Where nothing is left to be decided about somebody no act is offered.
    """
    decided = standing.training_status == "withdrawn" or standing.current_output is None
    offered = [
        act
        for act in ON_CARDS
        if (not decided or act is CONFIRM)  # what was asked for before can still be answered
        and act.may_be_done_by(actor)
        and act.fits(pack, standing, output)
        and useless(pack, act, standing, output.output) is None
    ]
    call = Call("", standing.participant_id, output.output, revision, course=standing.course)
    return _buttons(offered, call, standing.name)


def person_buttons(pack: Pack, person: PersonDue, revision: int | None = None) -> tuple[Button, ...]:
    """What every reminder post offers for each person it names, as far as their group's rules have it; about one who is
    withdrawn, or of whom a deferral is asked for, only what would not be refused.
    """
    number = person.output.output
    decided = person.output.stage == "withdrawn" or person.standing.deferral_asked is not None
    known = [act for act in ON_POSTS if act.is_in(pack, person.standing.course_group)]
    offered = [act for act in known if not decided or useless(pack, act, person.standing, number) is None]
    call = Call("", person.participant_id, number, revision, course=person.standing.course)
    return _buttons(offered, call, person.name)


def _buttons(acts: Iterable[Act], about: Call, name: str) -> tuple[Button, ...]:
    wanted = [(act.label, act.opens, act.spoken) for act in acts]
    return tuple(
        Button(label, replace(about, verb=verb), spoken=f"{spoken} {fitting.shown(name, 40)}")
        for label, verb, spoken in (*wanted, ("Details", DETAILS, "Details of"))
    )
