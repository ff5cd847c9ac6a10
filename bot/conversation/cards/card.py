"""The neutral cards: a small typed tree that every platform draws in its own way.

Words are spans with a style. A span's text is always taken literally: each platform escapes it when drawing, so what a
person typed cannot become markup, and there is no way to write markup here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bot.conversation.verbs import STATUS, Call
from core.rules.calendar import in_words

Style = Literal["plain", "bold", "italic"]


@dataclass(frozen=True, slots=True)
class StyledText:
    """Some literal text in one style."""

    text: str
    style: Style = "plain"


Text: TypeAlias = tuple[StyledText, ...]


def line(*parts: str | StyledText) -> Text:
    """One text from literal strings and spans."""
    return tuple(StyledText(part) if isinstance(part, str) else part for part in parts if part != "")


def bold(text: str) -> StyledText:
    """Literal text in bold."""
    return StyledText(text, "bold")


def day(on: date) -> StyledText:
    """A true date in words, in bold, so that it is found at a glance."""
    return StyledText(in_words(on), "bold")


def words_of(text: Text) -> str:
    """The text without its styles."""
    return "".join(span.text for span in text)


# --- controls --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. `spoken` is what a screen reader says, when the label alone does not tell whom it is about."""

    label: str
    call: Call
    style: Literal["default", "primary", "danger"] = "default"
    spoken: str = ""


# --- elements of a card ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a card."""

    words: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or a few; each of `lines` begins on its own line."""

    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A short list."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, side by side where there is room."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    text: Text


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person: the name, what stands beside and below it, and what can be done.

    `mark` is a sign before the name (the words say the same); `as_menu` folds the buttons into a menu.
    """

    participant_id: str
    name: str
    lines: tuple[Text, ...]
    buttons: tuple[Button, ...] = ()
    as_menu: bool = False
    mark: str = ""
    beside: Text = ()


@dataclass(frozen=True, slots=True)
class Actions:
    """A row of buttons."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class PersonPicker:
    """A type-ahead menu of people; the choice asks for what `verb` says, of the one chosen."""

    label: str
    verb: str = STATUS


Element: TypeAlias = Heading | Paragraph | Bullets | Facts | Note | Divider | PersonRow | Actions | PersonPicker


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `summary` is what a notification says; without one it follows from the elements (`plain_text.py`)."""

    title: str
    elements: tuple[Element, ...]
    summary: str = ""


# --- forms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a menu. `value` is short (150 characters at most) and names nobody."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class DateField:
    """A day to choose."""

    name: str
    label: str
    initial: date | None = None
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of a few."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    initial: str | None = None
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class CohortField(ChoiceField):
    """A cohort that the participant's course takes place in: which these are is filled in where the form is drawn."""

    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class TextField:
    """A few words of one's own, of `longest` characters at most."""

    name: str
    label: str
    initial: str | None = None
    hint: str = ""
    required: bool = True
    longest: int = 300


Field: TypeAlias = DateField | ChoiceField | TextField


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog with fields. `call` comes back when it is sent; field names are the keys of values and errors."""

    title: str  # at most 24 characters
    call: Call
    context: tuple[Element, ...]
    fields: tuple[Field, ...]
    submit: str
