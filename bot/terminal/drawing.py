"""Cards drawn in the terminal, their buttons numbered."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Button,
    Card,
    Divider,
    Element,
    Facts,
    Heading,
    Note,
    Paragraph,
    PersonPicker,
    PersonRow,
)
from bot.conversation.cards.card import Text as Words
from bot.conversation.verbs import Call

STYLES = {"plain": "", "bold": "bold", "italic": "italic"}
WIDEST = 96  # columns: longer lines are hard to read


@dataclass
class Controls:
    """Everything that can be pressed so far, by number; what was drawn earlier stays pressable."""

    pressable: list[tuple[Button, str]] = field(default_factory=list)

    def number(self, button: Button, about: str) -> int:
        """Gives a button its number."""
        self.pressable.append((button, about))
        return len(self.pressable)

    def call(self, number: int) -> Call | None:
        """What the button with this number asks for."""
        return self.pressable[number - 1][0].call if 0 < number <= len(self.pressable) else None

    def labelled(self, words: str) -> Call | None:
        """The newest button that reads so: "Extend Jane Smith", or "Next" where nobody is meant."""
        wanted = words.casefold().strip()
        for button, about in reversed(self.pressable):
            if wanted in (f"{button.label} {about}".casefold().strip(), button.label.casefold()):
                return button.call
        return None


def console() -> Console:
    """A console of a readable width."""
    made = Console(highlight=False)
    if made.width > WIDEST:
        made.width = WIDEST
    return made


def draw(card: Card, controls: Controls, *, where: str = "") -> RenderableType:
    """A card in a frame; `where` names the channel of a post, or says that only the asker sees it."""
    parts = [part for element in card.elements for part in _element(element, controls)]
    return Panel(
        Group(*parts), title=Text(card.title, style="bold"), title_align="left", subtitle=where, subtitle_align="right"
    )


def _element(element: Element, controls: Controls) -> list[RenderableType]:
    match element:
        case Heading():
            return [Text(element.words, style="bold underline")]
        case Paragraph():
            return [_words(line) for line in element.lines]
        case Bullets():
            return [Padding(Text.assemble("• ", _words(item)), (0, 0, 0, 1)) for item in element.items]
        case Facts():
            return [Text.assemble((f"{label}: ", "dim"), _words(value)) for label, value in element.rows]
        case Note():
            return [Text.assemble(_words(element.text), style="dim")]
        case Divider():
            return [Rule(style="dim")]
        case PersonRow():
            mark = f"{element.mark} " if element.mark else ""
            beside = Text.assemble(" · ", _words(element.beside)) if element.beside else Text()
            rows: list[RenderableType] = [Text.assemble((f"{mark}{element.name}", "bold"), beside)]
            rows += [Padding(_words(line), (0, 0, 0, 2)) for line in element.lines]
            return [*rows, *_buttons(element.buttons, element.name, controls), Text("")]
        case Actions():
            return _buttons(element.buttons, "", controls)
        case PersonPicker():
            return [Text("(in a chat, a type-ahead menu of people stands here)", style="dim")]


def _buttons(buttons: tuple[Button, ...], about: str, controls: Controls) -> list[RenderableType]:
    if not buttons:
        return []
    row = Text("  ")
    for button in buttons:
        row.append(f"[{controls.number(button, about)}]", style="bold cyan")
        row.append(f" {button.label}  ")
    return [row]


def _words(words: Words) -> Text:
    return Text.assemble(*((span.text, STYLES[span.style]) for span in words))
