"""A card as plain text: what a notification and a screen reader say, and what `npq due` prints."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conversation.cards import fitting
from bot.conversation.cards.card import Bullets, Card, Facts, Heading, Note, Paragraph, PersonRow, words_of


def plain_text(card: Card) -> str:
    """What, who and by when, in under 4,000 characters: the card's own summary, or its words without its buttons."""
    text = card.summary or "\n".join((card.title, *_lines(card)))
    if len(text) <= fitting.LONGEST_PLAIN:
        return text
    kept = text[: fitting.LONGEST_PLAIN - 1]
    return kept[: kept.rfind(" ") if " " in kept[-200:] else len(kept)] + "…"


def _lines(card: Card) -> Iterator[str]:
    for element in card.elements:
        match element:
            case Heading():
                yield element.words
            case Paragraph():
                yield from (words_of(each) for each in element.lines)
            case Bullets():
                yield from (f"- {words_of(each)}" for each in element.items)
            case Facts():
                yield from (f"{label}: {words_of(value)}" for label, value in element.rows)
            case PersonRow():
                said = " ".join(filter(None, (words_of(each) for each in (element.beside, *element.lines))))
                yield f"{element.name}: {said}" if said else element.name
            case Note():
                yield words_of(element.text)
            case _:
                continue
