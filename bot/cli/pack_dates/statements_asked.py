"""What a file of dates says, with what DfE's statements leave open asked of whoever is there to answer."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from bot.cli.command_output import Answer
from core.services import dates_given
from core.services.dates_given import DatesRead, StatementQuestion, StatementsRead
from core.services.refusals import Refusal
from reference.pack import Pack


def read_file(file: Path, used: Pack, today: date, given: Mapping[str, str]) -> DatesRead | Answer:
    """What the file says; the answer to give where it leaves questions and nobody is there to answer."""
    statements = dates_given.statements_in_file(file, used)
    dates_given.check_answers(statements, given)
    if statements is None:
        return dates_given.dates_in_file(file, used, today)
    left = [question for question in statements.questions if question.key not in given]
    if left and not somebody_answers():
        return _open(left)
    replies = {**given, **{question.key: _ask(question) for question in left}}
    read = dates_given.answered_statements(file, used, statements, replies)
    return replace(read, notes=(*_nothing_asked(statements), *read.notes))


def _nothing_asked(statements: StatementsRead) -> Sequence[str]:
    return () if statements.questions else ("Every output that these statements may be about has its cut-off.",)


def _open(left: Sequence[StatementQuestion]) -> Answer:
    first = left[0]
    message = (
        f"{len(left)} thing{'s are' if len(left) > 1 else ' is'} not said by DfE's statements: answer each with "
        f"--answer KEY=VALUE, for example --answer {first.key}={first.answers[0]}; --json lists them all."
    )
    asked = [{"key": one.key, "question": one.question, "choices": list(one.answers)} for one in left]

    def show() -> None:
        click.echo(message, err=True)

    return Answer({"error": {"code": "question_open", "message": message, "questions": asked}}, show, failed=True)


def _ask(question: StatementQuestion) -> str:
    """Asks whoever is at the terminal."""
    click.echo(question.question, err=True)
    for number, choice in enumerate(question.choices, 1):
        click.echo(f"  {number}  {choice.words}", err=True)
    click.echo(f"  {len(question.choices) + 1}  not known yet", err=True)
    try:
        picked: int = click.prompt("Which one", type=click.IntRange(1, len(question.choices) + 1), err=True)
    except click.Abort:
        raise Refusal("stopped", "Stopped here: nothing was written.") from None
    return question.answers[picked - 1]


def answers_by_key(given: Sequence[str]) -> dict[str, str]:
    """What was answered in advance, by the question's key."""
    found = {}
    for one in given:
        key, parted, answer = one.partition("=")
        if not parted or not key.strip() or not answer.strip():
            raise click.UsageError(f"“{one}” is no answer: write --answer KEY=VALUE.")
        found[key.strip()] = answer.strip()
    return found


def as_json() -> bool:
    """Whether the command that runs was asked for a document."""
    return bool(click.get_current_context().params.get("as_json"))


def somebody_answers() -> bool:
    """Whether somebody is there to answer."""
    return not as_json() and sys.stdin.isatty() and sys.stderr.isatty()
