"""DfE's financial statements (`GET /api/v3/statements`): when declarations are cut off and paid, by month and cohort year.

They do not say of which output they are the cut-off, nor which of a year's cohorts is meant: that is asked.
"""

from __future__ import annotations

import json
from calendar import month_name
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.imports.dates_files import DatesRead, blamed, out_of_order
from core.rules.calendar import in_words
from core.spreadsheets import cells
from core.spreadsheets.cells import NotRight, listed
from core.spreadsheets.file_problems import FileFault, RowProblem, shown
from reference.dated_outputs import DatedOutput, clashes, every_output, known
from reference.pack import Pack

NOT_KNOWN = "none"  # the answer while nobody knows
_LARGEST = 20_000_000  # bytes
_MONTHS = {name.casefold(): number for number, name in enumerate(month_name) if name}


@dataclass(frozen=True, slots=True)
class PaymentStatement:
    """One statement: its month ("2027-01"), the year of its cohorts ("2026"), its dates."""

    month: str
    cohort_year: str
    cut_off: date
    payment: date | None

    @property
    def words(self) -> str:
        """What tells it from others, for people."""
        paid = f", paid on {in_words(self.payment)}" if self.payment else ""
        return f"{month_name[int(self.month[5:])]} {self.month[:4]}: cut-off {in_words(self.cut_off)}{paid}"


@dataclass(frozen=True, slots=True)
class StatementQuestion:
    """Which statement is the cut-off of an output. `key`: "2026b/leadership/1", with a start between where there are several."""

    key: str
    question: str
    choices: tuple[PaymentStatement, ...]
    outputs: tuple[DatedOutput, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be answered."""
        return (*(one.month for one in self.choices), NOT_KNOWN)


def is_json(path: Path) -> bool:
    """Whether a file begins as JSON does, and so is no table."""
    try:
        with path.open("rb") as stream:
            return stream.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
    except (OSError, ValueError):
        return False


def read_statements(path: Path) -> list[PaymentStatement]:
    """The statements in a file, in order of their cohorts and months. Raises `FileFault` with all that is wrong with it."""
    file = str(path)
    entries = _entries(file)
    found: dict[tuple[str, str], PaymentStatement] = {}
    for number, entry in enumerate(entries, 1):
        made = _statement(file, number, entry)
        if made is None:
            continue
        key = (made.cohort_year, made.month)
        if found.setdefault(key, made) != made:
            raise FileFault(
                file,
                f"It has two statements of {made.month} for {made.cohort_year} with different dates: keep the one that holds.",
                column=f"statement {number}",
            )
    if not found:
        raise FileFault(file, "It has no statement with a cut-off date: ask DfE's API again, and save all it answers.")
    return [found[key] for key in sorted(found)]


def _entries(file: str) -> list[Any]:
    try:
        with Path(file).open("rb") as stream:
            held = stream.read(_LARGEST + 1)
        if len(held) > _LARGEST:
            raise FileFault(file, "It is larger than any answer about statements: give that answer alone.")
        document = json.loads(held.decode("utf-8-sig"))
    except OSError as trouble:
        raise FileFault(file, f"It cannot be opened ({trouble.strerror}): check who may read it.") from None
    except UnicodeDecodeError:
        raise FileFault(file, "It is not UTF-8 text: save DfE's answer as it came.") from None
    except (ValueError, RecursionError):
        raise FileFault(file, "It begins like JSON, but is not whole: save DfE's answer as it came.") from None
    data = document.get("data") if isinstance(document, dict) else document
    entries = [data] if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise FileFault(file, "It has no “data” with statements: give what DfE's API answers for /api/v3/statements.")
    return entries


def _statement(file: str, number: int, entry: Any) -> PaymentStatement | None:
    """One entry; None where DfE has no cut-off date for it yet. Raises `FileFault`."""
    attributes = entry.get("attributes") if isinstance(entry, dict) else None
    if not isinstance(attributes, dict) or entry.get("type", "statement") != "statement":
        raise FileFault(
            file,
            "It is no statement: give what DfE's API answers for /api/v3/statements.",
            column=f"statement {number}",
        )

    def wrong(name: str, right: str) -> FileFault:
        value = shown(str(attributes.get(name, "")))
        return FileFault(file, f"Give {right}.", column=f"statement {number}, {name}", value=value or None)

    month = _MONTHS.get(str(attributes.get("month", "")).casefold())
    year, cohort = str(attributes.get("year", "")), str(attributes.get("cohort", ""))
    if month is None:
        raise wrong("month", "the month as a word, such as January")
    if not _is_year(year):
        raise wrong("year", "the year with four digits")
    if not _is_year(cohort[:4]):
        raise wrong("cohort", "the cohort's year with four digits")
    days = {}
    for name in ("cut_off_date", "payment_date"):
        try:
            days[name] = cells.day(str(attributes[name])) if attributes.get(name) else None
        except NotRight as trouble:
            raise wrong(name, "a date such as 2026-12-25") from trouble
    cut_off = days["cut_off_date"]
    return None if cut_off is None else PaymentStatement(f"{year}-{month:02}", cohort, cut_off, days["payment_date"])


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdecimal()


def questions(pack: Pack, statements: Sequence[PaymentStatement]) -> list[StatementQuestion]:
    """What has to be asked: for each output without a cut-off, of each cohort with a statement's year, which one it is."""
    asked: dict[str, list[DatedOutput]] = {}
    for dated in every_output(pack):
        if known(pack, dated).cut_off is None:
            group = pack.courses[dated.course].group
            key = "/".join(filter(None, (dated.cohort, group, dated.start, str(dated.output))))
            asked.setdefault(key, []).append(dated)
    made = (_question(pack, key, some, statements) for key, some in asked.items())
    return [question for question in made if question.choices]


def _question(
    pack: Pack, key: str, some: Sequence[DatedOutput], statements: Sequence[PaymentStatement]
) -> StatementQuestion:
    dated = some[0]
    cohort, group = pack.cohorts[dated.cohort], pack.courses[dated.course].group
    begins = pack.first_day(dated.course, dated.cohort, dated.start.casefold())
    choices = tuple(
        one
        for one in statements
        if one.cohort_year in (cohort.key, cohort.year) and (begins is None or one.cut_off >= begins)
    )
    spec = next(output for output in pack.outputs[group] if output.number == dated.output)
    start = f", start {dated.start}" if dated.start else ""
    question = (
        f"Which statement is the cut-off of Output {dated.output} ({spec.declaration_type}) "
        f"of {pack.group_name(group)}, {dated.cohort}{start}?"
    )
    return StatementQuestion(key, question, choices, tuple(some))


def answered(file: str, pack: Pack, asked: Sequence[StatementQuestion], answers: Mapping[str, str]) -> DatesRead:
    """What the statements mean by these answers: one for each question, a month or "none". Raises `FileFault` for a wrong one."""
    given: dict[DatedOutput, dict[str, date]] = {}
    keys: dict[DatedOutput, str] = {}
    for question in asked:
        answer = answers[question.key]
        chosen = next((one for one in question.choices if one.month == answer), None)
        for dated in question.outputs if chosen else ():
            assert chosen is not None
            paid = {"payment": chosen.payment} if chosen.payment else {}
            given[dated], keys[dated] = {"cut_off": chosen.cut_off, **paid}, question.key
    problems = []
    for clash in clashes(pack, given):
        dated, _ = blamed(clash, given)
        key = keys[dated]
        problem = RowProblem(file, None, key, answers[key], out_of_order(pack, clash, given))
        if problem not in problems:
            problems.append(problem)
    said_at = {dated: RowProblem(file, None, key, answers[key], "") for dated, key in keys.items()}
    return DatesRead(given, tuple(_left_out(asked, answers)), tuple(problems), said_at)


def _left_out(asked: Sequence[StatementQuestion], answers: Mapping[str, str]) -> Iterator[str]:
    open_still = [question.key for question in asked if answers[question.key] == NOT_KNOWN]
    if open_still:
        yield f"Not known yet: the cut-off of {listed(open_still, 'and')}."


def wrong_answers(asked: Sequence[StatementQuestion], answers: Mapping[str, str]) -> str | None:
    """What is wrong with the first answer that fits no question; None where each does."""
    known_keys = {question.key: question for question in asked}
    for key, answer in answers.items():
        if key not in known_keys:
            there = f"it asks for {listed(list(known_keys), 'and')}" if known_keys else "it asks for nothing"
            return f"Nothing is asked as “{shown(key)}” about this file: {there}."
        if answer not in known_keys[key].answers:
            right = listed(list(known_keys[key].answers))
            return f"“{shown(answer)}” is no answer to {key}: give {right}."
    return None
