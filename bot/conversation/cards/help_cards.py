"""What the bot can do, and what it says when it has not understood or may not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.conversation.acts import ACTS
from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Button,
    Card,
    Element,
    Note,
    Paragraph,
    PersonPicker,
    bold,
    line,
)
from bot.conversation.cards.phrases import joined
from bot.conversation.grammar import AT_THE_CONSOLE, Courtesy, NotUnderstood
from bot.conversation.list_filters import Narrowed, said
from bot.conversation.verbs import SAY, Call
from core.services.refusals import Refusal
from reference.pack import Pack

AT_RISK = "at-risk"
# Each with an example, but for `at-risk`, whose example is of the pack in use (`at_risk_example`).
COMMANDS = (
    ("status Jane Example", "where somebody stands, why, and what is still needed"),
    (AT_RISK, "everybody who is not evidenced yet, worst first; course, cohort and partner can be left out"),
    ("reviews", "coming review, window, invoice and meeting dates"),
    *((f"{act.word} Jane Example", act.does) for act in ACTS),
    ("report", "the figures for a Partnership meeting"),
    (
        "outbox",
        "messages on their way: which wait and why; retry or cancel them (coordinators, lead provider, administrators)",
    ),
    ("help", "this list"),
)
LONGEST_SUGGESTION = 200
MOST_SUGGESTED = 5
MOST_ON_A_BUTTON = 70  # characters
_HELP = Button("Help", Call(SAY, words="help"))
_ONE_PARTNER = "Give a Delivery Partner, or nothing"
_TAKES = {
    "at-risk": "Give a course, a cohort, an output or a Delivery Partner",
    "reviews": _ONE_PARTNER,
    "report": _ONE_PARTNER,
    "outbox": "Give a Delivery Partner, one state or “all”, or a partner and a state",
}
_KINDS = {"partner": "Delivery Partner", "course": "course", "cohort": "cohort", "output": "output"}
_EXAMPLES = {
    "reviews": "reviews North Hub",
    "report": "report North Hub",
    "outbox": "outbox failed",
}


def at_risk_example(pack: Pack) -> str:
    """How the list of who is at risk is asked for of one course: "at-risk NPQLT cohort 2026b", the pack's newest cohort."""
    newest = list(pack.cohorts.values())[-1]
    course = next(code for code in pack.courses if code in newest.courses)
    return f"{AT_RISK} {course} cohort {newest.key}"


def help_card(pack: Pack) -> Card:
    """The commands, each with an example."""
    rules = [pack.settings_of(group) for group in pack.outputs]
    off = {act.word for act in ACTS if not any(act.is_in(pack, group) for group in pack.outputs)}  # readings 34, 37
    examples = [
        (at_risk_example(pack) if shown == AT_RISK else shown, does)
        for shown, does in COMMANDS
        if shown.split()[0] not in off
    ]
    if not any(each.window for each in rules):
        examples = [(shown, does.replace("review, window, invoice", "review, invoice")) for shown, does in examples]
    course = at_risk_example(pack).split()[1]
    after_it = f"Of several courses name one after it: status Jane Example {course}."
    return Card(
        "What I can do",
        (
            Paragraph(
                (line("I keep an eye on evidence of engagement and remind your channel before each review date."),)
            ),
            Bullets(tuple(line(bold(f"/npq {example}"), f": {does}") for example, does in examples)),
            PersonPicker("Find somebody by name"),
            Note(
                line(f"A name, id, e-mail or TRN will do. {after_it} Answers about a participant are seen only by you.")
            ),
        ),
    )


def arrived_card(place: str) -> Card:
    """What the bot says where it was just added for several people; `place` is the platform's id of it."""
    return Card(
        "Thank you for adding me",
        (
            Paragraph(
                (
                    line("I keep an eye on evidence of engagement, and remind you here before each review date."),
                    line(
                        "Mention me with a question, as in ",
                        bold("status Jane Example"),
                        "; the answer is for you alone.",
                    ),
                )
            ),
            Note(
                line(
                    f"For your administrator, so that reminders are posted here: npq place add --platform teams --id {place} "
                    '--partner "DELIVERY PARTNER"'
                )
            ),
        ),
    )


def folded_card() -> Card:
    """What is left of a reminder that stands in its channel twice."""
    return Card(
        "Posted twice",
        (Paragraph((line("The same reminder stands here once more, and is kept up to date there."),)),),
    )


def file_card() -> Card:
    """A file or picture without a word."""
    imports = "whoever runs this bot imports files with npq import FILE."
    return Card(
        "I can't read files here",
        (
            Paragraph(
                (line(f"A file can't be read in the chat; {imports} ", bold("/npq help"), " lists what I can do."),)
            ),
        ),
    )


def not_understood_card(asked: NotUnderstood) -> Card:
    """A word that is none of ours, with the command it may have been meant as."""
    word = fitting.shown(asked.word, 60)
    if asked.suggestion is not None and len(asked.suggestion) <= LONGEST_SUGGESTION:
        buttons = [Button("Yes, do that", Call(SAY, words=asked.suggestion), "primary")]
        if asked.suggestion != "help":
            buttons.append(_HELP)
        elements: tuple[Element, ...] = (
            Paragraph((line(f"I don't know “{word}”. Did you mean ", bold(f"/npq {asked.suggestion}"), "?"),)),
            Actions(tuple(buttons)),
        )
    elif asked.word.casefold() in AT_THE_CONSOLE:
        at_console = line(bold(f"npq {asked.word.casefold()}"), " is a command for the console, where the bot is run.")
        elements = (Paragraph((at_console,)), Actions((_HELP,)))
    else:
        elements = (
            Paragraph(
                (
                    line(f"I don't know “{word}”. To look somebody up, type ", bold("/npq status"), " and their name;"),
                    line(bold("/npq help"), " lists everything."),
                )
            ),
            PersonPicker("Find somebody by name"),
        )
    return Card("Sorry, I didn't understand that", elements)


def courtesy_card(asked: Courtesy) -> Card:
    """A greeting or thanks is answered in kind, with the way to everything else."""
    ask = line("Type ", bold("/npq status"), " and a name to see where somebody stands.")
    title = "You're welcome" if asked.is_thanks else "Hello"
    return Card(title, (Paragraph((ask,)), Actions((_HELP,))))


def unknown_words_card(pack: Pack, word: str, found: Narrowed, near: Sequence[Mapping[str, str]], person: str) -> Card:
    """Words that narrow nothing: what was understood, what was not, and what may have been meant."""
    example = at_risk_example(pack) if word == AT_RISK else _EXAMPLES[word]
    understood = said("", found.filters).strip()
    but = f"I understood {fitting.shown(understood, 120)}, but I don't know " if understood else "I don't know "
    meant = [*(said(word, filters) for filters in near), *([f"status {person}"] if person else [])]
    buttons = [_do(command) for command in meant if len(command) <= LONGEST_SUGGESTION]
    return Card(
        "Sorry, I didn't understand that",
        (
            Paragraph(
                (
                    line(f"{but}“{fitting.shown(found.unknown, 120)}” here. {_TAKES[word]}, as in ", bold(f"/npq {example}"), "."),
                    *([line("Did you mean one of these?" if len(buttons) > 1 else "Did you mean this?")] if buttons else []),
                )
            ),
            Actions(tuple(buttons) or (_HELP,)),
        ),
    )  # fmt: skip


def one_at_a_time_card(word: str, asked: Sequence[Mapping[str, str]]) -> Card:
    """Several Delivery Partners, courses or cohorts were asked for in one: a button for each."""
    kinds = [name for name in _KINDS if len({filters.get(name) for filters in asked}) > 1]
    what = " and ".join(f"one {_KINDS[name]}" for name in kinds)
    named = joined([said("", {name: filters[name] for name in kinds if name in filters}).strip() for filters in asked])
    sentence = line(f"{word} takes {what} at a time, not {fitting.shown(named, 300)}. Which do you mean?")
    buttons = [_do(command) for filters in asked if len(command := said(word, filters)) <= LONGEST_SUGGESTION]
    return Card("Which one?", (Paragraph((sentence,)), Actions(tuple(buttons[:MOST_SUGGESTED]) or (_HELP,))))


def not_narrowed_card(word: str, filters: Mapping[str, str]) -> Card:
    """A list that takes a Delivery Partner only, and was asked for less of it."""
    others = said("", {name: value for name, value in filters.items() if name != "partner"}).strip()
    whole = said(word, {name: value for name, value in filters.items() if name == "partner"})
    sentence = line(f"I can't narrow {word} to {fitting.shown(others, 120)}. {_TAKES[word]}; here is all of it:")
    return Card("That isn't possible", (Paragraph((sentence,)), Actions((_do(whole),))))


def _do(command: str) -> Button:
    return Button(fitting.shown(command, MOST_ON_A_BUTTON), Call(SAY, words=command))


def refusal_card(refusal: Refusal) -> Card:
    """One clear sentence, and the line to hand on where there is one."""
    title = _TITLES.get(refusal.code, "That isn't possible")
    if refusal.advice:
        advice = fitting.shown(refusal.advice, fitting.LONGEST_TEXT)
        return Card(title, (Paragraph((line(refusal.message),)), Note(line(_FOR_ADMINISTRATORS)), Note(line(advice))))
    return sentence_card(title, refusal.message)


def sentence_card(title: str, sentence: str) -> Card:
    """A title and one sentence."""
    return Card(
        title, (Paragraph((line(fitting.shown(sentence, fitting.LONGEST_TEXT)),)),), fitting.shown(sentence, 3000)
    )


_FOR_ADMINISTRATORS = "For your administrator; only the lead provider and administrators go without --partner:"
_TITLES = {
    "unknown_participant": "Nobody found",
    "not_linked": "Before I can answer you",
    "not_permitted": "Not in your role",
    "unknown_course": "No such course",
    "unknown_cohort": "No such cohort",
    "unknown_partner": "No such Delivery Partner",
    "no_such_output": "No such output",
    "unknown_message": "No such message",
    "changed_meanwhile": "Something changed meanwhile",
}

OLD_CONTROL = Refusal(
    "old_control",
    "This button belongs to an earlier version of the bot, so I can't tell what it asks for. "
    "Please type /npq status and a name to carry on.",
)
