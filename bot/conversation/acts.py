"""The acts as people meet them: an entry each, from which grammar, buttons, forms, what a form's values mean, help and docs follow.

What an act does, and why it would be of no use, stands in its file of `core.services.acts`. An entry is data and at most two
functions: what its form says beside whom it is about, and how its fields are filled in for somebody. To add one: its service
file, who may do it (`core.services.staff.actors`), an entry here, its command (`bot.cli.decisions`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Choice,
    ChoiceField,
    CohortField,
    DateField,
    Element,
    Field,
    Note,
    Paragraph,
    bold,
    line,
)
from bot.conversation.cards.phrases import WARNING, counted, joined
from bot.conversation.verbs import Call, opening, sending
from core.rules import deferral_policy
from core.rules.calendar import in_words
from core.rules.enrolment import SIDES
from core.rules.results import OutputStanding, Standing
from core.services.acts import (
    contact,
    deferral,
    deferral_answer,
    extension,
    removal,
    resumption,
)
from core.services.acts.recording import Outcome, WhyNot
from core.services.enquiries import Case
from core.services.refusals import Refusal
from core.services.staff.actors import PERMISSIONS, Actor, may
from reference.pack import Pack

OWN_DAY = "on"  # the field that says of which day an act is, where its form asks; else it is of today
REASON = "reason"
NO_REASON_NEEDED = "You can leave it out."
PRIVATE_REASON = "Shown only under Details, to people who may see this participant; never in a channel."


@dataclass(frozen=True, slots=True)
class FormRequest:
    """Who opens the form of an act, about whom and which output, on which day."""

    pack: Pack
    actor: Actor
    case: Case
    output: OutputStanding
    today: date
    one_course: bool = False  # somebody said which course is meant, also of an act that else is about all

    @property
    def on_all(self) -> tuple[str, ...]:
        """The courses that an act about all of them would be about; none where that is a single one."""
        return () if self.one_course or len(self.case.live) < 2 else self.case.live


Said = Callable[[FormRequest], Iterator[Element]]
Filled = Callable[[FormRequest], Mapping[str, Mapping[str, Any]]]


def _nothing(asking: FormRequest) -> Iterator[Element]:
    yield from ()


def _as_they_are(asking: FormRequest) -> Mapping[str, Mapping[str, Any]]:
    return {}


def _always(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    return None


def _anybody(pack: Pack, standing: Standing, output: OutputStanding) -> bool:
    return True


def _nothing_left_out(pack: Pack) -> Collection[str]:
    return ()


def _in_any_rules(pack: Pack, group: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `do` takes the values of `fields` by their names; with `of_output` also the output's number."""

    word: str  # typed after /npq
    stem: str  # of its verbs, which stand on every button that was ever posted: it never changes
    label: str  # on its buttons
    spoken: str  # on them for who listens: before somebody's name
    does: str  # in the help
    title: str  # of its form, 24 characters at most
    submit: str  # on the button that sends the form
    permissions: tuple[str, ...]  # whoever has any of them may open the form
    fields: tuple[Field, ...]  # their names are those that the services' refusals use
    do: Callable[..., Outcome]
    of_output: bool = False
    every_course: bool = False  # about all courses under way, where none is named
    why_not: WhyNot = _always
    fits: Callable[[Pack, Standing, OutputStanding], bool] = _anybody  # whether a card offers it at all
    is_in: Callable[[Pack, str], bool] = _in_any_rules  # whether a group's rules have it (readings 34, 37)
    left_out: Callable[[Pack], Collection[str]] = _nothing_left_out  # the fields that a pack lets be blank
    said: Said = _nothing  # what its form says beside whom it is about
    filled: Filled = _as_they_are  # what is put into its fields (`initial`, `hint` …), by their names

    def fields_in(self, pack: Pack) -> Iterator[Field]:
        """Its fields, of which a pack lets some be blank."""
        left_out = self.left_out(pack)
        for field in self.fields:
            yield replace(field, required=False) if field.name in left_out else field

    @property
    def opens(self) -> str:
        """The verb that opens its form."""
        return opening(self.stem)

    @property
    def sends(self) -> str:
        """The verb that sends its form."""
        return sending(self.stem)

    def may_be_done_by(self, actor: Actor) -> bool:
        """Whether somebody's role allows any of it."""
        return any(may(actor, permission) for permission in self.permissions)


def one_of(
    name: str, label: str, values: tuple[str, ...], hint: str = "", called: Mapping[str, str] = MappingProxyType({})
) -> ChoiceField:
    """A choice of the words that a service takes, each as it is `called`, or else as it reads itself."""
    choices = (Choice(value, called.get(value, value.replace("-", " ").capitalize())) for value in values)
    return ChoiceField(name, label, tuple(choices), None, hint)


def own_day(label: str) -> DateField:
    """The act's own day, never in the future."""
    return DateField(OWN_DAY, label, None, "Today or an earlier day.")


# --- extend ----------------------------------------------------------------------------------------------------------


def _earliest(asking: FormRequest) -> date:
    return max(asking.output.in_time_until or asking.today, asking.today) + timedelta(days=1)


def _said_of_deadline(asking: FormRequest) -> Iterator[Element]:
    output = asking.output
    if output.deadline is not None:
        yield Paragraph((line("Current deadline: ", bold(in_words(output.deadline))),))
    elif output.review_date is not None:
        yield Paragraph((line("Review date: ", bold(in_words(output.review_date))),))
    if output.extensions:
        yield Note(line(f"Extensions so far for this output: {output.extensions}."))


def _filled_deadline(asking: FormRequest) -> Mapping[str, Mapping[str, Any]]:
    earliest = _earliest(asking)
    return {"until": {"initial": earliest, "hint": f"The earliest possible day is {in_words(earliest)}."}}


EXTEND = Act(
    word="extend",
    stem="extension",
    label="Extend",
    spoken="Extend the deadline of",
    does="agree a later deadline",
    title="Extend the deadline",
    submit="Extend",
    permissions=("extend",),
    fields=(
        DateField("until", "New deadline"),
        one_of(REASON, "Reason", extension.REASONS, PRIVATE_REASON),
    ),
    do=extension.extend,
    of_output=True,
    why_not=extension.why_not,
    is_in=lambda pack, group: pack.settings_of(group).extensions,
    said=_said_of_deadline,
    filled=_filled_deadline,
)


# --- defer -----------------------------------------------------------------------------------------------------------


def _said_of_deferral(asking: FormRequest) -> Iterator[Element]:
    """Beforehand: what the pack leaves out and why, who confirms it, and when DfE will refuse it, with the way out (R41)."""
    policy, lead_provider = asking.pack.deferral, asking.pack.lead_provider
    limited = [*(["reasons"] if policy.limits_reasons else []), *(["days"] if policy.limits_days else [])]
    said = [f"The {joined(limited)} below are those that {lead_provider}'s rules allow"] if limited else []
    if policy.confirmed_by_lead_provider:
        said.append(f"{lead_provider} confirms each deferral, and nothing changes until then")
    if said:
        yield Note(line(f"{'. '.join(said)} ({policy.source})."))
    if any(each.declared for each in asking.case.standing.outputs):
        return
    yield Paragraph(
        (
            line(f"{WARNING} ", bold("No declaration yet.")),
            line(
                "DfE will refuse a deferral while nothing has been declared for them. The way out: ask "
                f"{lead_provider} to move them to a later cohort or schedule. You can still record it here."
            ),
        )
    )


def _filled_deferral(asking: FormRequest) -> Mapping[str, Mapping[str, Any]]:
    notice = counted(asking.pack.settings.deferral_ending_before, "day")
    hint = f"Later than the first day{_latest(asking)}. {notice} before it I'll ask which cohort they rejoin."
    policy = asking.pack.deferral
    reason: dict[str, Any] = {}
    if policy.limits_reasons:
        [reasons] = [field for field in DEFER.fields if isinstance(field, ChoiceField) and field.name == REASON]
        reason["choices"] = tuple(choice for choice in reasons.choices if choice.value in policy.reasons)
    if not policy.reason_needed:
        reason["hint"] = f"{NO_REASON_NEEDED} {PRIVATE_REASON}"
    return {"starts_on": _beginning(asking), "until": {"hint": hint}, REASON: reason}


def _beginning(asking: FormRequest) -> Mapping[str, Any]:
    """The first day from today on that is allowed, and why not another."""
    pack, standing, today = asking.pack, asking.case.standing, asking.today
    first = deferral_policy.next_beginning(pack, standing, today)
    if first is None:
        last = deferral_policy.last_beginning(pack, standing, today)
        return {"hint": f"{in_words(last)} at the latest." if last else "None can begin any more."}
    begins, ends = deferral_policy.free_around(pack, standing, first)
    parts = [f"from {in_words(begins)}"] if begins else []
    parts += [f"until {in_words(ends)}"] if ends else []
    return {"initial": first, "hint": f"It can begin {' '.join(parts)}." if parts else ""}


def _latest(asking: FormRequest) -> str:
    """Until when the pack lets them be away."""
    pack = asking.pack
    limited = deferral_policy.longest_until(pack, asking.today) is not None
    said = [f"{deferral.longest_words(pack)} after it at most"] if limited else []
    last = deferral_policy.last_return(pack, asking.case.standing)
    said += [f"by {in_words(last)}"] if last else []
    return f", {' and '.join(said)}" if said else ""


def _not_away(pack: Pack, standing: Standing, output: OutputStanding) -> bool:
    """Where a return can be recorded, no deferral is offered."""
    return resumption.why_not(pack, standing, standing, standing.as_of, output.output) is not None


DEFER = Act(
    word="defer",
    stem="deferral",
    label="Defer",
    spoken="Defer",
    does="record a deferral",
    title="Record a deferral",
    submit="Defer",
    permissions=("defer",),
    fields=(
        DateField("starts_on", "First day of the deferral"),
        DateField("until", "Agreed return"),
        one_of(
            REASON,
            "Reason (DfE's categories)",
            deferral.REASONS,
            PRIVATE_REASON,
            called={"long-term-sickness": "Long-term sickness"},
        ),
    ),
    do=deferral.defer,
    why_not=deferral.why_not,
    fits=_not_away,
    left_out=lambda pack: () if pack.deferral.reason_needed else (REASON,),
    said=_said_of_deferral,
    filled=_filled_deferral,
)


# --- the lead provider's word on a deferral ---------------------------------------------------------------------------


def _said_of_request(asking: FormRequest) -> Iterator[Element]:
    asked = asking.case.standing.deferral_asked
    if asked is not None and asking.output.deferral_asked is None:  # else it is said of the output
        begins, until = map(in_words, asked)
        yield Paragraph((line("Asked for from ", bold(begins), ", agreed return ", bold(until), "."),))
    yield Note(line("Confirmed, it counts from its own first day; declined, for nothing. The reason is under Details."))


CONFIRM = Act(
    word="confirm",
    stem="deferral-answer",
    label="Confirm deferral",
    spoken="Confirm or decline the deferral of",
    does="confirm or decline a deferral",
    title="Decide on a deferral",
    submit="Decide",
    permissions=("answer_deferral",),
    fields=(
        ChoiceField("answer", "Decision", (Choice("confirm", "Confirm the deferral"), Choice("decline", "Decline it"))),
    ),
    do=deferral_answer.answer_deferral,
    why_not=deferral_answer.why_not,
    is_in=lambda pack, group: pack.deferral.confirmed_by_lead_provider,
    said=_said_of_request,
)


# --- contact ---------------------------------------------------------------------------------------------------------


def _said_of_contacts(asking: FormRequest) -> Iterator[Element]:
    if asking.on_all:
        yield Note(line(f"It counts on {joined(asking.on_all)}, the courses under way."))
    elif asking.output.unanswered_contacts:
        yield Note(line(f"Unanswered so far, in a row: {asking.output.unanswered_contacts}."))


CONTACT = Act(
    word="contact",
    stem="contact",
    label="Log contact",
    spoken="Log a contact with",
    does="log a contact",
    title="Log a contact",
    submit="Log contact",
    permissions=("contact",),
    fields=(
        one_of("channel", "How", contact.CHANNELS, called={"email": "E-mail", "text": "Text message"}),
        ChoiceField("outcome", "Outcome", (Choice("reached", "Reached them"), Choice("no-answer", "No answer"))),
        own_day("When"),
    ),
    do=contact.log_contact,
    every_course=True,
    said=_said_of_contacts,
)


# --- resume ----------------------------------------------------------------------------------------------------------


def _filled_return(asking: FormRequest) -> Mapping[str, Mapping[str, Any]]:
    """Who is back already is waiting for just the cohort."""
    back = asking.case.standing.rescheduling_needed
    until = "Until it is recorded, their review dates are not known."
    hint = until if back else f"You can leave it open. {until}"
    return {"cohort": {"hint": f"{hint}{_only_next(asking)}", "required": back}}


def _only_next(asking: FormRequest) -> str:
    """Why not every cohort is offered, where the pack says so."""
    policy = asking.pack.deferral
    return f" Only the next cohort to start after the return ({policy.source})." if policy.into == "next" else ""


RETURN = Act(
    word="resume",
    stem="return",
    label="Record return",
    spoken="Record the return of",
    does="record a return from deferral",
    title="Record a return",
    submit="Record",
    permissions=("resume",),
    fields=(own_day("Back since"), CohortField("cohort", "Cohort to rejoin")),
    do=resumption.resume,
    why_not=resumption.why_not,
    filled=_filled_return,
)


# --- remove ----------------------------------------------------------------------------------------------------------


def _said_of_removal(asking: FormRequest) -> Iterator[Element]:
    standing, lead_provider = asking.case.standing, asking.pack.lead_provider
    if standing.removal_proposed_on is not None:
        names = {**SIDES, "lead_provider": lead_provider}
        approved = " and ".join(names[side] for side in standing.removal_sides_approved)
        proposed = bold(in_words(standing.removal_proposed_on))
        yield Paragraph((line("Proposed on ", proposed, f", approved by {approved}."),))
    yield Note(line(f"A joint decision with {lead_provider}: they stay on the course until both sides approve."))


def _filled_removal(asking: FormRequest) -> Mapping[str, Mapping[str, Any]]:
    """One decides for one's own side only."""
    names = {**SIDES, "lead_provider": asking.pack.lead_provider}
    sides = tuple(
        Choice(side, fitting.shown(f"{names[side][:1].upper()}{names[side][1:]}", 75))
        for side, permission in removal.PERMISSIONS.items()
        if may(asking.actor, permission)
    )
    return {"side": {"choices": sides, "initial": sides[0].value if sides else None}}


def _is_considered(pack: Pack, standing: Standing, output: OutputStanding) -> bool:
    return output.stage in ("removal_review", "removal_pending")


REMOVE = Act(
    word="remove",
    stem="removal",
    label="Removal",
    spoken="Decide about the removal of",
    does="propose removal, or decide on it",
    title="Decide on removal",
    submit="Decide",
    permissions=tuple(removal.PERMISSIONS.values()),
    fields=(
        ChoiceField("side", "On behalf of", ()),
        ChoiceField(
            "decision",
            "Decision",
            (Choice("approve", "Approve removal"), Choice("reject", "Reject: they stay on the course")),
        ),
    ),
    do=removal.remove,
    why_not=removal.why_not,
    fits=_is_considered,
    is_in=lambda pack, group: pack.settings_of(group).removal,
    said=_said_of_removal,
    filled=_filled_removal,
)


# --- the table -------------------------------------------------------------------------------------------------------

ACTS = (  # in the order of the help
    EXTEND,
    DEFER,
    CONFIRM,
    CONTACT,
    RETURN,
    REMOVE,
)
ON_CARDS = (  # in the order in which a card about somebody offers them
    EXTEND,
    RETURN,
    DEFER,
    CONFIRM,
    CONTACT,
    REMOVE,
)
ON_POSTS = (EXTEND, DEFER, CONTACT)  # offered beside each name

BY_WORD = {act.word: act for act in ACTS}
_BY_VERB = {verb: act for act in ACTS for verb in (act.opens, act.sends)}


_REASONS = {
    choice.value: choice.label.lower()
    for act in ACTS
    for field in act.fields
    if isinstance(field, ChoiceField) and field.name == REASON
    for choice in field.choices
}


def reason_words(reason: str) -> str:
    """A recorded reason as people read it: as its form calls it, or somebody's own words as they are."""
    return _REASONS.get(reason, reason)


def act_of(verb: str) -> Act | None:
    """The act that a verb opens or sends the form of; None where it is of something else, or of an act that is no more."""
    return _BY_VERB.get(verb)


def opened_again(sent: Call) -> Call:
    """What opens the form again that was sent; `sent` is of an act that there is."""
    return replace(sent, verb=_BY_VERB[sent.verb].opens)


def acts_table() -> str:
    """The acts as Markdown, for the docs."""
    rows = [
        f"| `/npq {act.word} WHO` | {act.does} | {joined(_who_may(act))} | {joined(list(_asked(act)))} |"
        for act in ACTS
    ]
    return "\n".join(
        ("| typed | does | who may, besides administrators | what its form asks |", "|---|---|---|---|", *rows)
    )


def _who_may(act: Act) -> list[str]:
    roles = dict.fromkeys(role for permission in act.permissions for role in PERMISSIONS[permission].roles)
    return [f"{role.replace('_', ' ')}s" for role in roles]


def _asked(act: Act) -> Iterator[str]:
    for field in act.fields:
        yield f"{field.label[:1].lower()}{field.label[1:]}"
