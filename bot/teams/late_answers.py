"""What is said when an answer takes longer than Teams waits for it, and how the answer is told once it is there."""

from __future__ import annotations

from bot.teams import render
from bot.teams.draw_reply import WHAT_BECAME, WHAT_BECAME_BELOW
from bot.teams.render import Json

LATE = "This takes longer than usual. Please look again in a moment before you press once more."
LATE_ELSEWHERE = "This takes longer than usual. What comes of it will be in our private chat; please look there before you press once more."
LATER = "This takes longer than usual. I'll say in our own chat what came of it."
SEARCH_AGAIN = "This takes longer than usual. Please try again in a moment."

TOAST = "application/vnd.microsoft.activity.message"
TOLD = frozenset({*WHAT_BECAME.values(), *WHAT_BECAME_BELOW.values()})


def toast(words: str) -> Json:
    """A few words that show over the card that was pressed."""
    return {"statusCode": 200, "type": TOAST, "value": render.as_typed_here(words)}


def answer_to(kind: str, *, private: bool) -> Json | None:
    """What an activity of a kind is answered with in the meantime; None where nothing is waited for but the receipt.

    What comes late comes as a message where nobody else reads along: a press anywhere else is told so.
    """
    match kind:
        case "invoke/adaptiveCard/action":
            return toast(LATE if private else LATE_ELSEWHERE)
        case "invoke/application/search":
            return {"statusCode": 200, **render.search_results(())}
        case "invoke/composeExtension/query":
            return {"composeExtension": {"type": "message", "text": SEARCH_AGAIN}}
        case "invoke/composeExtension/fetchTask":
            return {"task": {"type": "message", "value": SEARCH_AGAIN}}
        case "invoke/composeExtension/submitAction":
            return {"task": {"type": "message", "value": LATER}}
    return None


def message_of(answer: Json | None) -> Json | None:
    """An answer that comes too late for its client, as a message; None where it has been told, or is of no use any more."""
    match answer:
        case {"type": render.CARD_TYPE, "value": card}:
            return render.message_of(card)
        case {"type": "application/vnd.microsoft.activity.message", "value": words}:
            return None if words in TOLD else render.sentence(words)
        case {"task": {"type": "message", "value": words}}:
            return render.sentence(words)
        case {"task": {"type": "continue", "value": {"card": {"content": card}}}}:
            return render.message_of(card)
    return None
