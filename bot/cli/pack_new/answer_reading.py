"""What somebody types becomes an answer, or one sentence that says what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import get_args, get_type_hints

from core.rules.plausible_dates import implausible_words, plausible
from reference.answered.pack_answers import MEASURES, CohortAnswer, KindAnswer
from reference.checks.measure_checks import LONGEST
from reference.checks.setting_checks import MOST
from reference.pack import Pack, Paper, bare
from reference.pack_files import shortened

ALL, THESE, NEW, NONE, DAYS, TYPED = "all", "these", "new", "none", "days", "dates"
PAPERS: Sequence[str] = get_args(get_type_hints(Paper)["column"])
PAPER_WORDS = {column.removesuffix("_returned_on"): column for column in PAPERS}
LONGEST_WORDS = 200  # letters of a name

_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,3})?")
_WHOLE = re.compile(r"\d{1,6}")


class AnswerRefused(Exception):
    """What was typed is no answer; says what would be."""


def words(text: str, what: str) -> str:
    """Words as they were typed."""
    said = text.strip()
    if not said.strip("…"):
        raise AnswerRefused(f"Please give {what}.")
    if not said.isprintable():
        raise AnswerRefused(f"Please give {what} in readable letters, on one line.")
    if len(said) > LONGEST_WORDS:
        raise AnswerRefused(f"That is too long: give {what} in {LONGEST_WORDS} letters at most.")
    return said


def pack_name(text: str, shipped: Collection[str]) -> str:
    """A name of the pack's own."""
    said = words(text, "the pack's name")
    if said.casefold() in {name.casefold() for name in shipped}:
        raise AnswerRefused(f"{said} comes with the program: give the pack a name of its own.")
    return said


def courses(text: str, pack: Pack) -> tuple[str, ...]:
    """Codes, DfE's identifiers or groups, in the pack's order."""
    if bare(text) == ALL:
        return tuple(pack.courses)
    found: set[str] = set()
    for one in _parts(text, "at least one course, or “all”"):
        if bare(one) == ALL:
            return tuple(pack.courses)
        if (course := pack.course_named(one)) is not None:
            found.add(course.code)
        elif (group := pack.group_named(one)) is not None:
            found |= {code for code, each in pack.courses.items() if each.group == group}
        else:
            known = ", ".join((*pack.courses, *pack.outputs))
            raise AnswerRefused(f"There is no course “{one}”: give some of {known}, or “all”.")
    return tuple(code for code in pack.courses if code in found)


def cohorts(text: str, pack: Pack) -> tuple[tuple[str, ...], bool]:
    """Keys of the pack's cohorts, in its order, and whether there is a new one besides."""
    found: list[str] = []
    for one in _parts(text, "at least one cohort, or “new”"):
        same = pack.cohort_named(one)
        said = NEW if bare(one) == NEW else same.key if same else None
        if said is None:
            several = pack.cohorts_of_year(one)
            known = ", ".join(several or pack.cohorts)
            raise AnswerRefused(f"There is no one cohort “{one}”: give some of {known}, or “new” for one of your own.")
        if said in found:
            raise AnswerRefused(f"{said} is there twice: name each cohort once.")
        found.append(said)
    return tuple(key for key in pack.cohorts if key in found), NEW in found


def new_key(text: str) -> str:
    """The key of a new cohort."""
    said = text.strip()
    if not re.fullmatch(r"[A-Za-z0-9]{1,20}", said):
        raise AnswerRefused(f"“{shortened(said)}” is no key: give up to 20 letters and digits alone, such as 2027a.")
    return said


def new_cohort(text: str) -> CohortAnswer:
    """A new cohort as options have it: KEY=NAME, or KEY=NAME=FIRST DAY."""
    key, _, rest = text.partition("=")
    name, _, first = rest.partition("=")
    if not rest.strip():
        raise AnswerRefused(f"“{text}” is no cohort: write KEY=NAME, or KEY=NAME=FIRST-DAY.")
    return CohortAnswer(new_key(key), words(name, "the cohort's name"), day(first) if first.strip() else None)


def day(text: str) -> date:
    """A date, the year first."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or str(found) != text.strip():
        raise AnswerRefused(f"“{text.strip()}” is no date: write the year first, such as 2026-12-07.")
    if not plausible(found):
        raise AnswerRefused(implausible_words(found))
    return found


def later_day(text: str) -> date | None:
    """A date, or nothing where it is not known yet."""
    return day(text) if text.strip() else None


def first_days(given: Sequence[str], unknown: Sequence[str]) -> dict[str, date]:
    """First days as options have them, KEY=DATE, of the cohorts of which none is known."""
    found: dict[str, date] = {}
    for key, typed in by_key(given).items():
        meant = next((known for known in unknown if bare(known) == bare(key)), None)
        if meant is None:
            which = f"give it for {', '.join(unknown)}" if unknown else "leave it out"
            raise AnswerRefused(f"{key} is no cohort of yours whose first day is to be said: {which}.")
        found[meant] = day(typed)
    return found


def measures(text: str) -> dict[str, Decimal | None]:
    """The ways in which completion is measured, by number or key, with how much where that is said: "percent=90, 3"."""
    keys = list(MEASURES)
    found: dict[str, Decimal | None] = {}
    for one in _parts(text, f"a number from 1 to {len(keys)}"):
        name, parted, how_much = (part.strip() for part in one.partition("="))
        key = keys[int(name) - 1] if name.isdecimal() and 1 <= int(name) <= len(keys) else name.casefold()
        if key not in MEASURES:
            numbers = f"give a number from 1 to {len(keys)}, or {', '.join(keys[:-1])} or {keys[-1]}"
            raise AnswerRefused(f"There is no “{one}” here: {numbers}.")
        if key in found:
            raise AnswerRefused(f"{key} is there twice: name each once.")
        found[key] = amount(how_much, key) if parted else None
    return {key: found[key] for key in keys if key in found}


def amount(text: str, key: str) -> Decimal:
    """How much of it: a percentage, or hours."""
    said = text.strip().removesuffix("%").strip()
    value = Decimal(said) if _NUMBER.fullmatch(said) else Decimal()
    if MEASURES[key].is_share and not 0 < value <= 100:
        raise AnswerRefused(f"“{text.strip()}” is no percentage here: give a number over 0 and up to 100.")
    if not value:
        raise AnswerRefused(
            f"“{shortened(text.strip())}” is no number of hours: give one over 0 and under 10,000, such as 12 or 10.5."
        )
    return value


def totals(text: str, measured: Sequence[str], pack: Pack) -> dict[str, int]:
    """The credits of each course: one number where they are alike, otherwise NPQLT=120, leadership=150."""
    if "=" not in text:
        return dict.fromkeys(measured, _credits(text))
    found: dict[str, int] = {}
    for one in _parts(text, "the credits of each course"):
        name, _, number = one.partition("=")
        course, group = pack.course_named(name), pack.group_named(name)
        meant = [code for code in measured if course == pack.courses[code] or group == pack.courses[code].group]
        if not meant:
            raise AnswerRefused(f"“{name.strip()}” is not asked for: give the credits of {', '.join(measured)}.")
        for code in meant:
            if code in found:
                raise AnswerRefused(f"{code} is there twice: give each course's credits once.")
            found[code] = _credits(number)
    if missing := [code for code in measured if code not in found]:
        raise AnswerRefused(
            f"A share of the credits can't be told without the total of {', '.join(missing)}: give every course's, "
            f"or measure completion otherwise."
        )
    return {code: found[code] for code in measured}


def _credits(text: str) -> int:
    if not _WHOLE.fullmatch(text.strip()) or not int(text):
        raise AnswerRefused(f"“{text.strip()}” is no number of credits: give a whole number from 1 on, such as 120.")
    return int(text)


def kinds(text: str, pack: Pack) -> tuple[KindAnswer, ...]:
    """Kinds of event by name, with their hours where those are always the same: seminar, conference day=5.5."""
    if bare(text) == THESE:
        return ()
    found: dict[str, KindAnswer] = {}
    for one in _parts(text, "at least one kind of event, or “these”"):
        name, parted, length = (part.strip() for part in one.partition("="))
        said = words(name, "the name of the kind of event")
        same = next(
            (each for each in pack.event_kinds.values() if bare(said) in (bare(each.name), bare(each.key))), None
        )
        key = same.key if same else re.sub(r"[\W_]+", "_", said.casefold()).strip("_")
        if not bare(key):
            raise AnswerRefused(f"“{name}” has neither letter nor digit: give the name that your registers have.")
        if bare(key) in found:
            raise AnswerRefused(f"{name} is there twice: name each kind of event once.")
        found[bare(key)] = KindAnswer(key, same.name if same else said, _length(length) if parted else None)
    return tuple(found.values())


def _length(text: str) -> Decimal:
    value = Decimal(text) if _NUMBER.fullmatch(text) else Decimal()
    if not 0 < value <= LONGEST:
        raise AnswerRefused(f"“{text}” is no length of an event: give hours over 0 and up to {LONGEST}, such as 1.5.")
    return value


def when_reviewed(text: str) -> str | int:
    """`NONE`, `DAYS` or `TYPED`, by number or as they are; or so many days at once, as an option has it."""
    said = bare(text)
    choice = {"1": NONE, "2": DAYS, "3": TYPED}.get(said, said)
    if choice not in (NONE, DAYS, TYPED):
        raise AnswerRefused(f"There is no “{text.strip()}” here: give 1, 2 or 3.")
    return choice


def review_option(text: str) -> int | None:
    """`--reviews`: none, or a number of days."""
    return None if bare(text) == NONE else review_days(text)


def review_days(text: str) -> int:
    """So many days before the cut-off."""
    said = text.strip().removesuffix("days").strip()
    if not _WHOLE.fullmatch(said) or not 1 <= int(said) <= MOST:
        raise AnswerRefused(f"“{text.strip()}” is no number of days: give a whole number from 1 to {MOST:,}.")
    return int(said)


def papers(text: str) -> dict[str, str | None]:
    """The papers that are waited for by column, with what people call them where that is said."""
    if bare(text) == NONE:
        return {}
    found: dict[str, str | None] = {}
    for one in _parts(text, f"{' or '.join(PAPER_WORDS)}, or “none”"):
        word, parted, name = (part.strip() for part in one.partition("="))
        column = PAPER_WORDS.get(word.casefold().removesuffix("_returned_on"))
        if column is None:
            raise AnswerRefused(f"There is no paper “{word}” here: give {' or '.join(PAPER_WORDS)}, or “none”.")
        if column in found:
            raise AnswerRefused(f"{word} is there twice: name each paper once.")
        found[column] = words(name, "what people call the paper") if parted else None
    return found


def by_key(given: Sequence[str]) -> Mapping[str, str]:
    """Options of the form KEY=VALUE."""
    found: dict[str, str] = {}
    for one in given:
        key, parted, value = (part.strip() for part in one.partition("="))
        if not parted or not key or not value:
            raise AnswerRefused(f"“{one}” is no answer: write KEY=DATE.")
        if key in found:
            raise AnswerRefused(f"{key} is there twice: give one date for it.")
        found[key] = value
    return found


def _parts(text: str, what: str) -> list[str]:
    """What stands between commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise AnswerRefused(
            f"Please give {what}, with commas between several." if "".join(parts) else f"Please give {what}."
        )
    if not text.isprintable():
        raise AnswerRefused(f"Please give {what} in readable letters.")
    return parts
