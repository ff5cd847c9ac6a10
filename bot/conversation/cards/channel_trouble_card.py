"""What the owner of a channel is told once, when it takes no posts: what is wrong, how to mend it, what happens meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.cards import fitting
from bot.conversation.cards.card import Card, Divider, Element, Note, Paragraph, bold, line


@dataclass(frozen=True, slots=True)
class Unwell:
    """A channel that takes no posts. `fallback`: the channel that gets them meanwhile; "": they wait."""

    channel: str
    partners: tuple[str, ...]
    mend: str
    fallback: str = ""


def unwell_card(found: Sequence[Unwell], *, rehearsal: bool = False) -> Card:
    """One message for everything that one person is to mend."""
    elements: list[Element] = [Note(line(bold("Rehearsal: the clock is set by hand.")))] if rehearsal else []
    for number, each in enumerate(found):
        if number:
            elements.append(Divider())
        whose = fitting.shown(", ".join(each.partners), 200)
        meanwhile = (
            f"Until then they go to channel {each.fallback}."
            if each.fallback
            else "Until then they wait: none is lost."
        )
        elements.append(
            Paragraph(
                (
                    line("Posts for ", bold(whose), f" can’t be delivered in channel {each.channel}."),
                    line("To mend it: ", fitting.shown(each.mend, 500)),
                    line(f"{meanwhile} The channel is tried again every hour."),
                )
            )
        )
    elements.append(Note(line("You get this once. /npq outbox shows what waits; Retry there tries at once.")))
    title = "A channel takes no posts" if len(found) == 1 else f"{len(found)} channels take no posts"
    first = found[0]
    return Card(
        title, tuple(elements), f"{title}: channel {first.channel}. To mend it: {fitting.shown(first.mend, 500)}"
    )
