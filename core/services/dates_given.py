"""Dates for a pack that come in a file: the form to fill in, what a file says, and for how many people it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.database.database import reading
from core.derived.installation import Installation
from core.imports import dfe_statements
from core.imports.dates_files import DATE_COLUMNS, NOT_REVIEWED, DatesRead, read_dates
from core.imports.dfe_statements import NOT_KNOWN, PaymentStatement, StatementQuestion, is_json
from core.records import people_counted
from core.records.people_counted import Enrolment
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, require
from core.spreadsheets.cells import listed
from core.spreadsheets.file_problems import FileFault, RowProblem, where
from core.spreadsheets.table_writing import ENDINGS, write_table
from reference.dated_outputs import DateChange, DatedOutput, every_output, known
from reference.pack import Pack

__all__ = [
    "DATE_COLUMNS",
    "NOT_KNOWN",
    "DatesRead",
    "DatesRefused",
    "Enrolment",
    "LackingReviews",
    "PaymentStatement",
    "RowProblem",
    "StatementQuestion",
    "StatementsRead",
    "answered_statements",
    "check_answers",
    "dates_in_file",
    "make_form",
    "people_by_enrolment",
    "people_concerned",
    "statements_in_file",
    "without_reviews",
]


class DatesRefused(Refusal):
    """A file of which nothing is used; `problems` has all that is wrong with it."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        count = len(problems)
        first = problems[0]
        said = f"{where(first)}: {first.message}" if count == 1 else f"{count} things are wrong with this file."
        super().__init__("dates_refused", f"{said} Nothing was changed.")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class StatementsRead:
    """DfE's statements and what has to be asked about them."""

    statements: tuple[PaymentStatement, ...]
    questions: tuple[StatementQuestion, ...]


def make_form(path: Path, pack: Pack, *, cohort: str | None = None, everything: bool = False) -> int:
    """Makes a file with a row for each output of each course of which a date is not known yet, or of `everything`.

    What is known is filled in; a review date that is computed stays blank, so that it still follows its cut-off, and where
    nothing is reviewed the form says so. Gives the number of rows: with 0 no file is made. Raises `Refusal`.
    """
    if path.suffix.casefold() not in ENDINGS:
        raise Refusal("unknown_ending", f"Give the form a name that ends in {listed(ENDINGS)}.")
    key = _cohort_key(pack, cohort)
    wanted = [dated for dated in every_output(pack, key) if everything or _lacks(pack, dated)]
    if not wanted:
        return 0
    several = any(dated.start for dated in wanted)
    header = ["course", "cohort", *["start"] * several, "output", "declaration", *DATE_COLUMNS.values()]
    rows = [_form_row(pack, dated, several=several) for dated in wanted]
    try:
        write_table(path, "dates", header, rows, tuple(DATE_COLUMNS.values()))
    except FileExistsError:
        raise Refusal("file_exists", f"{path} is there already: give a name that is free.") from None
    except OSError as trouble:
        raise Refusal("not_written", f"{path} can't be written ({trouble.strerror}): give another place.") from None
    return len(wanted)


def _form_row(pack: Pack, dated: DatedOutput, *, several: bool) -> list[str | int | date | None]:
    dates = known(pack, dated)
    declared = next(one.declaration_type for one in pack.outputs_of(dated.course) if one.number == dated.output)
    review: str | date | None = None if dates.review_computed else dates.review
    if review is None and not _is_reviewed(pack, dated):
        review = NOT_REVIEWED
    typed = [review, *(dates.named(name) for name in DATE_COLUMNS if name != "review")]
    return [dated.course, dated.cohort, *[dated.start or None] * several, dated.output, declared, *typed]


def _lacks(pack: Pack, dated: DatedOutput) -> bool:
    """Whether a date that it may have is not known."""
    dates = known(pack, dated)
    return any(dates.named(name) is None for name in DATE_COLUMNS if name != "review" or _is_reviewed(pack, dated))


def _is_reviewed(pack: Pack, dated: DatedOutput) -> bool:
    return pack.criteria_for(dated.course, dated.output) is not None


def _cohort_key(pack: Pack, cohort: str | None) -> str | None:
    if cohort is None:
        return None
    if (found := pack.cohort_named(cohort)) is None:
        there = listed(list(pack.cohorts), "and")
        raise Refusal("unknown_cohort", f"The pack has no cohort “{cohort}” alone: it has {there}.", field="cohort")
    return found.key


def dates_in_file(path: Path, pack: Pack, today: date) -> DatesRead:
    """What a CSV or XLSX says. Raises `DatesRefused` with all that is wrong with it."""
    try:
        return _sound(read_dates(path, pack, today))
    except FileFault as fault:
        raise DatesRefused([fault.as_problem()]) from None


def statements_in_file(path: Path, pack: Pack) -> StatementsRead | None:
    """DfE's statements in a file, None where it is a table. Raises `DatesRefused`."""
    if not is_json(path):
        return None
    try:
        statements = dfe_statements.read_statements(path)
    except FileFault as fault:
        raise DatesRefused([fault.as_problem()]) from None
    years = {one.cohort_year for one in statements}
    if not years & {name for one in pack.cohorts.values() for name in (one.key, one.year)}:
        said = f"It is about the cohorts of {listed(sorted(years), 'and')}, and the pack has {listed(list(pack.cohorts), 'and')} only."
        raise DatesRefused([RowProblem(str(path), None, None, None, said)])
    return StatementsRead(tuple(statements), tuple(dfe_statements.questions(pack, statements)))


def answered_statements(path: Path, pack: Pack, read: StatementsRead, answers: Mapping[str, str]) -> DatesRead:
    """What the statements mean by these answers. Raises `DatesRefused` where they contradict each other or the pack."""
    return _sound(dfe_statements.answered(str(path), pack, read.questions, answers))


def check_answers(read: StatementsRead | None, answers: Mapping[str, str]) -> None:
    """Raises `Refusal` for an answer to what is not asked, or that is none. `read` is None of a file that asks nothing."""
    wrong = dfe_statements.wrong_answers(read.questions if read else (), answers)
    if wrong is not None:
        raise Refusal("unknown_answer", wrong, field="answer")


def _sound(read: DatesRead) -> DatesRead:
    if read.problems:
        raise DatesRefused(read.problems)
    return read


def people_by_enrolment(installation: Installation, actor: Actor, today: date) -> Mapping[Enrolment, int]:
    """How many participants there are, by course, cohort and start."""
    require(actor, "see")
    with reading(installation.engine) as session:
        return people_counted.by_enrolment(session, today)


def people_concerned(pack: Pack, change: DateChange, people: Mapping[Enrolment, int]) -> int:
    """For how many of these people a date changes; of several starts those whose start it is."""
    named = pack.cohorts[change.cohort].starts_of(change.course_group)
    theirs = next((start.names for start in named if len(named) > 1 and start.key == change.start), None)
    return sum(
        count
        for (course, cohort, schedule), count in people.items()
        if course in change.courses and cohort == change.cohort and (theirs is None or schedule in theirs)
    )


@dataclass(frozen=True, slots=True)
class LackingReviews:
    """People of whom no review date is known. `who`: their group or course, as it is called; None: everybody's of the cohort."""

    cohort: str
    who: str | None
    start: str | None  # the key of theirs, where another one has dates
    people: int


def without_reviews(installation: Installation, actor: Actor, today: date) -> list[LackingReviews]:
    """Of which people criteria are given but not one review date is known, by cohort."""
    pack, found = installation.pack, list[LackingReviews]()
    people = people_by_enrolment(installation, actor, today)
    for cohort in pack.cohorts:
        there = {one: count for one, count in people.items() if count > 0 and one.cohort == cohort}
        reviewed = {one: _reviewed(pack, one) for one in there if pack.knows(one.course, cohort)}
        lacking = {one: there[one] for one, starts in reviewed.items() if starts and not _theirs(pack, one, starts)}
        if not lacking:
            continue
        if any(any(starts.values()) for starts in reviewed.values()):
            found += _by_whose(pack, cohort, lacking, reviewed)
        else:
            found.append(LackingReviews(cohort, None, None, sum(lacking.values())))
    return found


def _reviewed(pack: Pack, one: Enrolment) -> dict[str, bool]:
    """By start, whether a course has any review date there; empty where nothing is reviewed."""
    found: dict[str, bool] = {}
    for dated in every_output(pack, one.cohort):
        if dated.course == one.course and _is_reviewed(pack, dated):
            found[dated.start] = found.get(dated.start, False) or known(pack, dated).review is not None
    return found


def _start(pack: Pack, one: Enrolment) -> str | None:
    """The key of the one of several starts that is somebody's; None where there is one alone, or none is said."""
    theirs = pack.start_named(one.course, one.cohort, one.schedule or "")
    return theirs.key if theirs and len(pack.starts_of(one.course, one.cohort)) > 1 else None


def _theirs(pack: Pack, one: Enrolment, starts: Mapping[str, bool]) -> bool:
    """Whether somebody has a review date, or may have one once their start is said."""
    own = _start(pack, one)
    return any(starts.values()) if own is None else starts.get(own, False)


def _by_whose(
    pack: Pack, cohort: str, lacking: Mapping[Enrolment, int], reviewed: Mapping[Enrolment, Mapping[str, bool]]
) -> Iterator[LackingReviews]:
    """Whole groups where nobody of them has a review date, else courses; by start where another one has some."""
    whose: dict[tuple[str, str | None], dict[str, int]] = {}
    for one, count in lacking.items():
        start = _start(pack, one) if any(reviewed[one].values()) else None
        courses = whose.setdefault((pack.courses[one.course].group, start), {})
        courses[one.course] = courses.get(one.course, 0) + count
    for (group, start), courses in sorted(whose.items(), key=lambda item: list(pack.outputs).index(item[0][0])):
        peers = {one.course for one in reviewed if pack.courses[one.course].group == group}
        if peers <= courses.keys():
            yield LackingReviews(cohort, pack.group_name(group), start, sum(courses.values()))
        else:
            yield from (LackingReviews(cohort, course, start, count) for course, count in sorted(courses.items()))
