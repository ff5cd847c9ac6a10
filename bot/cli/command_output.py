"""How every command answers: a document with --json, words for people otherwise; errors as one plain sentence."""

from __future__ import annotations

import functools
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec
from uuid import uuid4

import click

from bot.cli.standard_streams import Unwritten, as_typed
from bot.open_installation import open_installation
from bot.settings import Settings, read_settings
from core.rules.calendar import LONDON, london_day
from core.rules.plausible_dates import implausible_words, plausible
from core.services.installation import DatabaseBusy, DatabaseFault, DatabaseRefused, Installation, SchemaNotReady
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.problems import PackError

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")
Show = Callable[[], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: the JSON document, how to show it to people, and whether that is an error to mend."""

    document: dict[str, Any]
    show: Show
    failed: bool = False


@dataclass(frozen=True)
class CommandContext:
    """What a command works with."""

    settings: Settings
    installation: Installation
    actor: Actor

    @property
    def now(self) -> datetime:
        """The moment by the settings' clock, in UTC."""
        return self.settings.clock.now()

    @property
    def today(self) -> date:
        """Today in Europe/London, by the settings' clock."""
        return london_day(self.now)


def open_context(by: str | None = None, *, silence: float | None = None) -> CommandContext:
    """Opens the installation for whoever sits at the machine; `silence` as `open_installation` has it."""
    settings = read_settings()
    return CommandContext(settings, open_installation(settings, silence=silence), Actor.console(by or "console"))


def answers(command: Callable[P, Answer]) -> Callable[P, None]:
    """Gives a command its --json option and its exits: 0 done, 1 an error the user can mend, 2 wrong usage (click's)."""

    @click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
    @functools.wraps(command)
    def answered(as_json: bool, *args: P.args, **kwargs: P.kwargs) -> None:
        with _plain_errors(as_json):
            answer = command(*args, **_typed(kwargs))
            _give(answer, as_json)
        if answer.failed:
            if as_json:
                click.echo(answer.document["error"]["message"], err=True)
            sys.exit(1)

    return answered  # type: ignore[return-value]


def runs(command: Callable[P, None]) -> Callable[P, None]:
    """The same exits for a command that runs until it is stopped and answers nothing."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with _plain_errors(as_json=False):
            command(*args, **_typed(kwargs))

    return run


def _typed(given: dict[str, Any]) -> dict[str, Any]:
    """What a command was given, its words as they were typed; a path stays as the system has it."""
    return {name: as_typed(value) if isinstance(value, str) else value for name, value in given.items()}


def _give(answer: Answer, as_json: bool) -> None:
    """Says what was found; where nobody takes it, that all was done."""
    try:
        if as_json:
            click.echo(_json(answer.document))
        else:
            answer.show()
    except Unwritten as lost:
        click.echo(f"This was done, but its answer could not be written: {lost}.", err=True)
        sys.exit(1)


_AT_THE_CONSOLE = {"several_courses": " (Add --course and one of these.)"}  # what is a button in the chat


@contextmanager
def _plain_errors(as_json: bool) -> Iterator[None]:
    """Whatever goes wrong is one plain sentence and exit 1, never a traceback."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    try:
        yield
    except Refusal as refusal:
        _fail(as_json, refusal.code, f"{refusal.message}{_AT_THE_CONSOLE.get(refusal.code, '')}", list(refusal.matches))
    except SchemaNotReady as error:
        _fail(as_json, "database_not_ready", str(error))
    except DatabaseBusy as error:
        _fail(as_json, "database_busy", str(error))
    except DatabaseRefused as error:
        _fail(as_json, "database_refused", str(error))
    except PackError as error:
        _fail(as_json, "pack_refused", f"The policy pack can't be used: {error}")
    except DatabaseFault as error:
        log.error("database: %s", type(error.orig).__name__)
        said = "The database can't be used just now; please try again, or run npq doctor."
        _fail(as_json, "database_failed", said)
    except (click.ClickException, BrokenPipeError, Unwritten):  # whoever reads may stop reading
        raise
    except Exception as error:
        reference = uuid4().hex[:8]
        log.error("%s: %s in %s", reference, type(error).__name__, _where(error))
        _fail(as_json, "unexpected", f"Something went wrong here (reference {reference}); nothing was changed.")


class Day(click.ParamType[date]):
    """A date as ISO writes it."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A `date`; wrong usage when it is none."""
        if isinstance(value, date):
            return value
        try:
            day = _iso_day(value)
        except ValueError:
            self.fail(f"“{value}” is not a date such as 2022-06-23.", param, ctx)
        if not plausible(day):
            self.fail(implausible_words(day), param, ctx)
        return day


class DateOrInstant(click.ParamType[date | datetime]):
    """A date, or an instant as ISO writes it; one without an offset is London time."""

    name = "date or time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date | datetime:
        """A `datetime` with an offset, or a `date`; wrong usage when it is neither."""
        if isinstance(value, date):
            return value
        try:
            if len(value) <= 10:
                return DAY.convert(value, param, ctx)
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"“{value}” is neither a date such as 2022-06-23 nor a time such as 2022-06-23T09:00.", param, ctx
            )
        if not plausible(moment.date()):
            self.fail(implausible_words(moment.date()), param, ctx)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def _iso_day(text: str) -> date:
    """A date as YYYY-MM-DD and in no other of ISO's ways; raises `ValueError`."""
    if len(text) != len("2022-06-23"):
        raise ValueError
    return date.fromisoformat(text)


DAY = Day()
MOMENT = DateOrInstant()
AS_OF = click.option("--as-of", type=DAY, help="As it stood at the end of that day; default: today in London.")
BY = click.option("--by", help="Who decided; default: the console.")


def lines() -> Console:
    """Where lines for people go: wrapped between words on a terminal, whole into a file or another program."""
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


def _json(document: dict[str, Any]) -> str:
    """One line of JSON; escaped where standard output could not hold every letter."""
    in_full = (sys.stdout.encoding or "").casefold().replace("-", "") == "utf8"
    return json.dumps(document, ensure_ascii=not in_full)


def _fail(as_json: bool, code: str, message: str, matches: list[str] | None = None) -> NoReturn:
    if as_json:
        error: dict[str, Any] = {"code": code, "message": message}
        if matches:
            error["matches"] = matches
        with suppress(Unwritten):
            click.echo(_json({"error": error}))
    click.echo(message, err=True)
    sys.exit(1)


def _where(error: BaseException) -> str:
    """The file and line at which it happened: no values, which might be somebody's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown"
