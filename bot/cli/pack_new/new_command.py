"""`npq pack new`: a pack of one's own by answering a few questions. With its imports all of `npq pack` is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bot.cli.command_output import Answer, answers
from bot.cli.pack_dates.dates_target import printable
from bot.cli.pack_dates.statements_asked import somebody_answers
from bot.cli.pack_new.made_pack_shown import made_document, show_made
from bot.cli.pack_new.new_folder import NewFolder, shipped_names
from bot.cli.pack_new.pack_interview import Ask, PackInterview, PackQuestion, QuestionsOpen
from bot.cli.packs import pack
from bot.cli.standard_streams import as_typed
from bot.settings import read_settings
from core.rules.calendar import in_words, london_day
from core.services.refusals import Refusal
from reference.answered.answered_files import answered_files
from reference.answered.pack_answers import pack_beneath
from reference.pack import Pack

BENEATH = "npq"  # the pack that has whatever is not asked
BEGIN = "Enter takes what stands in [brackets]. Ctrl-C stops, and then nothing is written."
STOPPED = "Stopped here: nothing was written."


@pack.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", help="The pack's name; default: the folder's.")
@click.option("--lead-provider", help="Who the lead provider is.")
@click.option("--courses", help="Codes, DfE's identifiers or groups, with commas; default: all.")
@click.option("--cohorts", help="Keys with commas; default: the newest, or none of them beside --new-cohort.")
@click.option("--new-cohort", multiple=True, metavar="KEY=NAME[=FIRST-DAY]", help="A cohort that DfE's list lacks.")
@click.option("--first-day", multiple=True, metavar="KEY=DATE", help="When a cohort begins of which DfE says no day.")
@click.option("--completion", help="percent=90, credits=90, sessions=90, hours=12, or several of them with commas.")
@click.option("--totals", help="Credits of each course, where completion is by credits: 120, or NPQLT=120, NPQSL=150.")
@click.option("--kinds", help="Kinds of event, with commas: seminar, conference day=5.5.")
@click.option("--papers", help="contract=NAME, sponsorship=NAME, both with a comma, or none.")
@click.option("--reviews", metavar="DAYS", help="So many days before DfE's cut-off, or none.")
@click.option("--review", multiple=True, metavar="KEY=DATE", help="A review date: 2026b/leadership/1=2026-12-07.")
@answers
def pack_new(folder: Path, **given: str | tuple[str, ...] | None) -> Answer:
    """Makes a pack of your own in FOLDER, by asking a few questions."""
    there = NewFolder.named(folder)
    said = f"own: said on {in_words(london_day(read_settings().clock.now()))}"
    ask = _ask if somebody_answers() else None
    try:
        made = _made(there, said, _by_option(given), ask)
    except QuestionsOpen as still:
        return _open(still.questions)
    except (click.Abort, KeyboardInterrupt):
        raise Refusal("stopped", STOPPED) from None
    return Answer(made_document(made, there.path), lambda: show_made(made, there.path))


def _made(there: NewFolder, said: str, given: dict[str, Sequence[str]], ask: Ask | None) -> Pack:
    beneath = pack_beneath(BENEATH)
    if ask is not None:
        click.echo(BEGIN, err=True)
    interview = PackInterview(beneath, given, said, ask=ask, say=lambda words: click.echo(words, err=True))
    found = interview.answers(printable(there.path.name), shipped_names())
    if ask is not None:
        click.echo(err=True)
    return there.make(answered_files(beneath, found, said))


def _by_option(given: dict[str, Any]) -> dict[str, Sequence[str]]:
    """What options say, by their names; those that were not given are not there."""
    found: dict[str, Sequence[str]] = {}
    for name, value in given.items():
        texts = (value,) if isinstance(value, str) else tuple(map(as_typed, value or ()))
        if texts:
            found[name.replace("_", "-")] = texts
    return found


def _ask(question: PackQuestion) -> str:
    click.echo(f"\n{question.text}", err=True)
    usual = f" [{question.default}]" if question.default else ""
    typed: str = click.prompt(f"{question.prompt}{usual}", default="", show_default=False, err=True)
    return typed


def _open(questions: Sequence[PackQuestion]) -> Answer:
    options = ", ".join(dict.fromkeys(f"--{question.key}" for question in questions))
    message = f"Nobody is here to answer, so nothing was written: give {options} as well; --json lists the questions."
    asked = [{"key": one.key, "question": one.text} for one in questions]

    def show() -> None:
        click.echo(message, err=True)

    return Answer({"error": {"code": "question_open", "message": message, "questions": asked}}, show, failed=True)
