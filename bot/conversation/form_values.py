"""What was filled into a form, read by the kinds of its fields: a wrong value gets its sentence, nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from bot.conversation.cards import fitting
from bot.conversation.cards.card import ChoiceField, CohortField, DateField, Field, TextField
from bot.conversation.forms import MEANT
from core.services.typed_names import cleaned

LONGEST_KEY = 40  # characters of the cohort that a form sends
TYPED = 60  # characters of what was typed that are said again where it can't be read


class Filled:
    """What was filled in; `wrong` gathers what is missing or no date, by field, and `days` the dates that were read."""

    def __init__(self, given: Mapping[str, str | None]) -> None:
        self._given = given
        self.wrong: dict[str, str] = {}
        self.days: dict[str, date] = {}

    @property
    def words(self) -> dict[str, str]:
        """All that was filled in, as it was typed or chosen."""
        return {name: text for name, text in self._given.items() if text}

    @property
    def meant(self) -> dict[str, date]:
        """The dates of which was said that they are meant, by the field that they stand in."""
        said = {name.removesuffix(MEANT): _day(text) for name, text in self.words.items() if name.endswith(MEANT)}
        return {name: day for name, day in said.items() if day is not None}

    def of(self, field: Field) -> date | int | str | None:
        """What a field means, by its kind; None where it may be left empty and is. What is wrong with it is noted."""
        text = (self._given.get(field.name) or "").strip()
        match field:
            case CohortField():  # whether one is needed just now, its act says
                return self._cohort(field, text)
            case _ if not text and not field.required:
                return None
            case DateField():
                return self.day(field)
            case TextField():
                return self._text(field, text)
            case _:
                return self._choice(field, text)

    def day(self, field: DateField) -> date | None:
        """The day in a field, however it is written; None where it can't be read."""
        text = (self._given.get(field.name) or "").strip()
        if (day := _day(text)) is not None:
            self.days[field.name] = day
            return day
        asked = "Please give a day such as 14/01/2022."
        self.wrong[field.name] = (
            f"I can't read “{fitting.shown(text, TYPED)}” as a day. {asked}" if text else "Please choose a day."
        )
        return None

    def _choice(self, field: ChoiceField, text: str) -> str:
        if not text:
            self.wrong[field.name] = "Please choose one."
        return text

    def _cohort(self, field: CohortField, text: str) -> str | None:
        if len(text) > LONGEST_KEY:
            self.wrong[field.name] = "Please choose one of the list."
            return None
        return text or None

    def _text(self, field: TextField, text: str) -> str:
        text = _on_one_line(text)
        if not text:
            self.wrong[field.name] = "Please say it in a few words."
        if len(text) > field.longest:
            self.wrong[field.name] = f"That is {len(text)} characters: please use {field.longest} at most."
        return text


def _on_one_line(text: str) -> str:
    """What somebody wrote, without what nobody sees: half a character or a control code could not even be stored."""
    written = cleaned(text.encode("utf-8", "ignore").decode())
    return " ".join("".join(letter if letter.isprintable() else " " for letter in written).split())


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
