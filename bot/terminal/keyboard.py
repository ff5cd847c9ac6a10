"""A conversation at the keyboard: `/npq …` lines, numbered buttons, forms asked field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from rich.console import Console
from rich.text import Text

from bot.conversation import entry
from bot.conversation.cards.card import Card, DateField, Field, Form, TextField
from bot.conversation.grammar import WORDS
from bot.conversation.requests import (
    Choices,
    Command,
    Done,
    FieldErrors,
    OpenForm,
    OpenPanel,
    Origin,
    Press,
    Private,
    Reply,
    Submit,
)
from bot.conversation.verbs import Call
from bot.terminal.drawing import Controls, draw
from core.services.installation import Installation

NOTHING = "-"  # typed for a date that may be left open
ONLY_YOU = "only you see this"
LEAVE = frozenset({"quit", "exit", "bye", "q"})


class Ended(Exception):
    """Nobody is typing any more."""


class Cancelled(Exception):
    """The form is left without sending it."""


@dataclass
class Talk:
    """One person at the keyboard. `lines` gives what they type; `decided` is called after something was recorded."""

    installation: Installation
    console: Console
    controls: Controls
    lines: Iterator[str]
    now: datetime
    user: str  # their id on the platform that the demo plays
    decided: Callable[[], None]
    echo: bool = False  # show what is typed, when it comes from a script
    post: Callable[[int], Card | None] = lambda number: None  # a post of the person's own channel, as it stands now
    _events: Iterator[int] = field(default_factory=count)

    def run(self) -> None:
        """Talks until the person leaves."""
        try:
            while True:
                line = self._ask("\n> ").strip()
                if line.casefold() in LEAVE:
                    return
                if line:
                    self._take(line)
        except (Ended, EOFError, KeyboardInterrupt):
            return

    def _take(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in ("/npq", "npq"):
            self._show(entry.answer(self.installation, Command(self._origin(), rest), now=self.now))
        elif word.casefold() in WORDS:
            self._show(entry.answer(self.installation, Command(self._origin(), line), now=self.now))
        elif word == "post" and rest.strip().isdecimal():
            self._read(int(rest))
        elif word.isdecimal() and not rest:
            self._press(self.controls.call(int(word)))
        elif word == "press":
            self._press(self.controls.labelled(rest))
        else:
            self._say("Type /npq help, a button's number, or quit.")

    def _read(self, number: int) -> None:
        card = self.post(number)
        if card is None:
            self._say("There is no post with that number in your channel; the list above has them.")
        else:
            self.console.print(draw(card, self.controls, where=f"post {number} in your channel"))

    def _press(self, call: Call | None) -> None:
        if call is None:
            self._say("There is no button with that number; the newest ones are just above.")
            return
        self._show(entry.answer(self.installation, Press(self._origin(), call), now=self.now))

    def _show(self, reply: Reply) -> None:
        match reply:
            case Private():
                for card in reply.cards:
                    self.console.print(draw(card, self.controls, where=ONLY_YOU))
            case OpenPanel():
                self.console.print(draw(reply.card, self.controls, where=ONLY_YOU))
            case OpenForm():
                self._fill_in(reply.form)
            case Done():
                self.console.print(draw(reply.card, self.controls, where=ONLY_YOU))
                self.decided()
            case FieldErrors():
                for error in reply.errors.values():
                    self._say(error)
            case Choices():
                self._say("Please type /npq status and a name.")

    def _fill_in(self, form: Form) -> None:
        self.console.print(draw(Card(form.title, form.context), self.controls, where=f"a form; {ONLY_YOU}"))
        values: dict[str, str | None] = {}
        asked = list(form.fields)
        self._say("  (cancel leaves the form)")
        while True:
            try:
                for each in asked:
                    values[each.name] = self._field(each)
            except Cancelled:
                self._say("  Left; nothing was recorded.")
                return
            reply = entry.answer(self.installation, Submit(self._origin(), form.call, dict(values)), now=self.now)
            if not isinstance(reply, FieldErrors):
                self._show(reply)
                return
            for name, error in reply.errors.items():
                label = next((each.label for each in form.fields if each.name == name), "")
                self.console.print(Text(f"  ✗ {label}: {error}", style="red"))
            asked = [each for each in form.fields if each.name in reply.errors] or list(form.fields)

    def _field(self, each: Field) -> str | None:
        if each.hint:
            self._say(f"  {each.hint}")
        if isinstance(each, DateField):
            initial = each.initial.isoformat() if each.initial else ""
            enter = f"; Enter for {initial}" if initial else "" if each.required else "; Enter to leave it open"
            if initial and not each.required:
                enter += f", {NOTHING} to leave it open"
            typed = self._asked(f"  {each.label} (a date such as 2026-11-30{enter}): ") or initial
            return "" if typed == NOTHING and not each.required else typed
        if isinstance(each, TextField):
            enter = (
                f"; Enter for “{each.initial}”" if each.initial else "" if each.required else "; Enter to leave it open"
            )
            return self._asked(f"  {each.label} ({each.longest} characters at most{enter}): ") or each.initial
        self._say(f"  {each.label}")
        for number, choice in enumerate(each.choices, start=1):
            self._say(f"    {number}. {choice.label}")
        enter = next((f"; Enter for {one.label}" for one in each.choices if one.value == each.initial), "")
        if not each.required and not enter:
            enter = "; Enter to leave it open"
        while True:
            typed = self._asked(f"  Number{enter}: ")
            if typed.isdecimal() and 0 < int(typed) <= len(each.choices):
                return each.choices[int(typed) - 1].value
            if not typed and (each.initial or not each.required):
                return each.initial
            self._say(f"  Please type a number from 1 to {len(each.choices)}.")

    def _asked(self, prompt: str) -> str:
        typed = self._ask(prompt).strip()
        if typed.casefold() == "cancel":
            raise Cancelled
        return typed

    def _ask(self, prompt: str) -> str:
        if self.echo:
            try:
                typed = next(self.lines)
            except StopIteration:
                raise Ended from None
            self.console.print(Text.assemble(prompt, (typed, "bold yellow")))
            return typed
        return self.console.input(Text(prompt))

    def _say(self, text: str) -> None:
        self.console.print(Text(text))

    def _origin(self) -> Origin:
        return Origin("slack", self.user, "C0DEMO", f"terminal-{next(self._events)}")
