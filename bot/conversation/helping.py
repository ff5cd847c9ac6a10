"""What the bot can do, and what it says when it has not understood or may not answer."""

from __future__ import annotations

from bot.conversation import fit
from bot.conversation.cards import Actions, Bullets, Button, Card, Element, Note, Paragraph, PersonPicker, bold, line
from bot.conversation.grammar import NotUnderstood
from bot.conversation.verbs import SAY, Call
from core.services.refusals import Refusal

COMMANDS = (
    ("status Jane Example", "where somebody stands, why, and what is still needed"),
    (
        "at-risk NPQSL cohort 2",
        "everybody who is not evidenced yet, worst first; course, cohort and partner can be left out",
    ),
    ("reviews", "coming review, window, invoice and meeting dates"),
    ("extend Jane Example", "agree a later deadline"),
    ("defer Jane Example", "record a deferral"),
    ("contact Jane Example", "log a contact"),
    ("resume Jane Example", "record a return from deferral"),
    ("remove Jane Example", "propose removal, or decide on it"),
    ("report", "the figures for a Partnership meeting"),
    (
        "outbox",
        "messages on their way: which wait and why; retry or cancel them (coordinators, lead provider, administrators)",
    ),
    ("help", "this list"),
)
LONGEST_SUGGESTION = 200


def help_card() -> Card:
    """The commands, each with an example."""
    return Card(
        "What I can do",
        (
            Paragraph(
                (line("I keep an eye on evidence of engagement and remind your channel before each review date."),)
            ),
            Bullets(tuple(line(bold(f"/npq {example}"), f": {does}") for example, does in COMMANDS)),
            PersonPicker("Find somebody by name"),
            Note(line("A name, id, e-mail or TRN will do. Answers about a participant are seen only by you.")),
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
                    "--partner PARTNER"
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
    word = fit.shown(asked.word, 60)
    if asked.suggestion is not None and len(asked.suggestion) <= LONGEST_SUGGESTION:
        elements: tuple[Element, ...] = (
            Paragraph(
                (line(f"I don't know “{word}”. Did you mean ", bold(f"/npq {asked.suggestion}"), "?"),),
            ),
            Actions(
                (
                    Button("Yes, do that", Call(SAY, words=asked.suggestion), "primary"),
                    Button("Help", Call(SAY, words="help")),
                )
            ),
        )
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


def refusal_card(refusal: Refusal) -> Card:
    """One clear sentence."""
    return sentence_card(_TITLES.get(refusal.code, "That isn't possible"), refusal.message)


def sentence_card(title: str, sentence: str) -> Card:
    """A title and one sentence."""
    return Card(title, (Paragraph((line(fit.shown(sentence, fit.LONGEST_TEXT)),)),), fit.shown(sentence, 3000))


_TITLES = {
    "unknown_participant": "Nobody found",
    "not_linked": "I don't know you yet",
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
