"""One cell of a file: its text becomes a value, or the sentence that says what would be right.

Every parser takes text whose white space is already dropped and which is not blank, and either answers or raises
`NotRight`; nothing is guessed and nothing is rounded.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from core.rules.calendar import london_day
from core.rules.plausible_dates import implausible_words, plausible
from core.spreadsheets import spoilt_cells
from core.spreadsheets.figures import plainly

Value = str | int | bool | date | Decimal
Parser = Callable[[str], Value]

LONGEST = 10_000  # characters in one cell

A_DATE = "a date such as 2021-12-13 or 13/12/2021"
A_TIME = "a time of day such as 09:30"
A_PERCENTAGE = "a percentage from 0 to 100 such as 89.7"
MOST_HOURS = 24  # of one day
SOME_HOURS = f"a number of hours over 0, up to {MOST_HOURS}, such as 1.5"
LOST_LETTER = "A letter was lost here (“?”): type it again, or export the file as “CSV UTF-8” or XLSX."

_LOST_LETTER = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")  # Excel's plain CSV has a “?” for what it cannot write
_MOST_DECIMALS = 50  # more than a spreadsheet computes, and kept without rounding
_INVISIBLE = "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{WORD JOINER}"
_CONTROLS = re.compile(
    r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)  # a terminal would obey them; NUL is refused
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = f"({'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_IN_WORDS = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH}[ -](\d{{4}})", re.ASCII | re.IGNORECASE)
LAST_MONTH = len(_MONTHS)
_BEGINS = re.compile(r"(\d{1,2})/(\d{1,2})/\d{2}(?:\d{2})?\b", re.ASCII)
_SHORT_YEAR = re.compile(rf"\d{{1,2}}([/ .-])(?:\d{{1,2}}|{_MONTH})\1\d{{2}}", re.ASCII | re.IGNORECASE)
_SERIAL = re.compile(r"[34567]\d{4}(?:\.\d+)?", re.ASCII)  # days since 1900: Excel's number for a day of our time
_WORD_FIRST = re.compile(r"[^\W\d]")
_WORDS_HELP = "a mapping file can say which number a word means"
_WHOLE = re.compile(r"\+?(\d{1,30})(?:\.0{1,30})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_PERCENT = re.compile(r"\+?(\d{1,30})(?:\.(\d*))?\s*%?", re.ASCII)
_HOURS = re.compile(r"\+?(\d{1,30})(?:\.(\d*))?", re.ASCII)
_BY_24 = re.compile(r"(?:\d{4}-\d{2}-\d{2}[ T])?([01]?\d|2[0-3]):([0-5]\d)(?::00(?:\.0+)?)?", re.ASCII)
_BY_12 = re.compile(r"(0?[1-9]|1[0-2]):([0-5]\d)(?::00)? ?([ap])\.?m\.?", re.ASCII | re.IGNORECASE)


class NotRight(Exception):
    """The cell does not say what it should; `message` says what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MonthFirst(NotRight):
    """A date that can only have its month first; `date_order` asks what that says of the other dates of its file."""


class AfterToday(NotRight):
    """A day after today in a column of what has been done; perhaps its month comes first."""

    def __init__(self, day: date, message: str) -> None:
        super().__init__(message)
        self.day = day


def trimmed(raw: str) -> str:
    """The cell without the white space around it, non-breaking and invisible kinds included, and without control codes."""
    text = (raw if raw.isprintable() else _CONTROLS.sub("", raw)).strip()
    if text.isascii():
        return text
    while (shorter := text.strip(_INVISIBLE).strip()) != text:
        text = shorter
    return text


def text(raw: str) -> str:
    """Any text, as it stands; also what looks like a formula."""
    return raw


def name(raw: str) -> str:
    """A name of a person or place, as it stands."""
    if "?" in raw and _LOST_LETTER.search(raw):
        raise NotRight(LOST_LETTER)
    if spoilt_cells.is_date(raw):
        raise NotRight(spoilt_cells.MADE_A_DATE)
    return raw


def person_name(raw: str) -> str:
    """Somebody's name: it has a letter, of whichever script."""
    return _lettered(name(raw), "A name has letters: give the person's name.")


def partner_name(raw: str) -> str:
    """A Delivery Partner's name: no stand-in for one that is not known yet."""
    if spoilt_cells.stands_for_nothing(raw):
        raise NotRight("No Delivery Partner's name: give the name under which it is known.")
    return _lettered(name(raw), "A Delivery Partner's name has letters: give the name under which it is known.")


def _lettered(name: str, otherwise: str) -> str:
    if not spoilt_cells.has_letter(name):
        raise NotRight(otherwise)
    return name


def lower_text(raw: str) -> str:
    """Free words that the rules compare in lower case."""
    return raw.casefold()


def day(raw: str) -> date:
    """A date that exists: ISO, DD/MM/YYYY or with the month as a word; of a moment, the day that it has in London."""
    answer = _moment(raw) if _MOMENT.fullmatch(raw) else _written_out(raw)
    if not plausible(answer):
        raise NotRight(implausible_words(answer))
    return answer


def _moment(raw: str) -> date:
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise NotRight(f"There is no such moment: give {A_DATE}.") from None
    return london_day(moment) if moment.tzinfo is not None and plausible(moment.date()) else moment.date()


def _written_out(raw: str) -> date:
    year, month, number = _parts(raw)
    try:
        return date(year, month, number)
    except ValueError:
        why = f"give {A_DATE} (day before month)"
        if _comes_first(raw) and month <= monthrange(year, number)[1]:
            why = f"if its month comes first, give {year}-{number:02}-{month:02}"
        raise _wrong(raw, f"There is no such day: {why}.") from None


def _parts(raw: str) -> tuple[int, int, int]:
    if found := _ISO.fullmatch(raw):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _BRITISH.fullmatch(raw):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _IN_WORDS.fullmatch(raw):
        return int(found[3]), _month(found[2]), int(found[1])
    raise _wrong(raw, _no_date(raw))


def _wrong(raw: str, message: str) -> NotRight:
    return (MonthFirst if _comes_first(raw) else NotRight)(message)


def _comes_first(raw: str) -> bool:
    """Whether a text begins like a date that can only have its month first."""
    found = _BEGINS.match(raw)
    return found is not None and 1 <= int(found[1]) <= LAST_MONTH < int(found[2])


def _month(word: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name[:3] == word[:3].casefold())


def _no_date(raw: str) -> str:
    """What would be right where no date is read, for what spreadsheets write in place of one."""
    if _SHORT_YEAR.fullmatch(raw):
        return f"Its year has two digits only: give {A_DATE}, with all four."
    if _SERIAL.fullmatch(raw):
        return f"It looks like Excel's number for a day: format the column as a date in Excel, or give {A_DATE}."
    return f"Not a date here: give {A_DATE}."


def whole(least: int, most: int, what: str = "") -> Parser:
    """A parser of whole numbers between `least` and `most` (both allowed); `what` names them: "credits"."""
    right = f"a whole number{' of ' if what else ''}{what} from {least} to {most}"

    def parse(raw: str) -> int:
        found = _WHOLE.fullmatch(raw)
        if not found:
            if not _NUMBER.fullmatch(raw):
                help_in = "" if what or not _WORD_FIRST.match(raw) else f" ({_WORDS_HELP})"
                raise _meant(parse, plainly(raw, fractions=False)) or NotRight(
                    f"Not a whole number: give {right}{help_in}."
                )
            if raw.startswith("-"):
                raise NotRight(f"It cannot be negative: give {right}.")
            raise NotRight(f"Fractions do not exist here: give {right}.")
        number = int(found[1])
        if not least <= number <= most:
            raise NotRight(f"Out of range: give {right}.")
        return number

    return parse


def _meant(parse: Parser, plain: str | None, how: str = "") -> NotRight | None:
    """Of a number that is not written plainly: how to write it, or why it is not right either."""
    if plain is None:
        return None
    try:
        return NotRight(f"Please give it in digits alone{how}: {parse(plain)}.")
    except NotRight as trouble:
        return trouble


def percent(raw: str) -> Decimal:
    """A percentage from 0 to 100, exact to its last digit and never rounded; a `%` after it is allowed."""
    found = _PERCENT.fullmatch(raw)
    if not found:
        if _NUMBER.fullmatch(raw.removesuffix("%").rstrip()) and raw.startswith("-"):
            raise NotRight(f"It cannot be negative: give {A_PERCENTAGE}.")
        plain = plainly(raw, fractions=True)
        raise _meant(percent, plain, ", with a point before a fraction") or NotRight(
            f"Not a percentage: give {A_PERCENTAGE}."
        )
    number = _exact(found, A_PERCENTAGE)
    if number > 100:
        raise NotRight(f"More than 100 percent: give {A_PERCENTAGE}.")
    return number


def hours(raw: str) -> Decimal:
    """A number of hours over none, up to those of a day; exact to its last digit."""
    found = _HOURS.fullmatch(raw)
    if not found:
        if _NUMBER.fullmatch(raw):
            raise NotRight(f"It cannot be negative: give {SOME_HOURS}.")
        plain = plainly(raw, fractions=True)
        raise _meant(hours, plain, ", with a point before a fraction") or NotRight(
            f"Not a number of hours: give {SOME_HOURS}."
        )
    number = _exact(found, SOME_HOURS)
    if not 0 < number <= MOST_HOURS:
        raise NotRight(f"Out of range: give {SOME_HOURS}.")
    return number


def _exact(found: re.Match[str], right: str) -> Decimal:
    """The digits before a point and those after it, to the last."""
    fraction = (found[2] or "").rstrip("0")
    if len(fraction) > _MOST_DECIMALS:
        raise NotRight(f"More than {_MOST_DECIMALS} digits after the point: give {right}.")
    return Decimal(f"{int(found[1])}.{fraction}" if fraction else str(int(found[1])))


def time_of_day(raw: str) -> str:
    """A time to the minute, as 09:30: by the clock of 24 hours, or with am or pm; of a moment, its time."""
    if found := _BY_24.fullmatch(raw):
        return f"{int(found[1]):02}:{found[2]}"
    if found := _BY_12.fullmatch(raw):
        return f"{int(found[1]) % 12 + 12 * (found[3] in 'pP'):02}:{found[2]}"
    raise NotRight(f"Not a time of day here: give {A_TIME}.")


def word_of(raw: str) -> str:
    """A word as the lists below hold it: lower case, spaces and hyphens as underscores."""
    return re.sub(r"[\s\-]+", "_", raw.casefold())


def one_of(*allowed: str) -> Parser:
    """A parser of the listed words, in any case."""
    known = {word_of(word): word for word in allowed}

    def parse(raw: str) -> str:
        answer = known.get(word_of(raw))
        if answer is None:
            raise NotRight(f"Not one of the words for this column: give {listed(allowed)}.")
        return answer

    return parse


def yes_or_no(raw: str) -> bool:
    """`yes` or `no` (a spreadsheet's own TRUE and FALSE are taken as these)."""
    answer = {"yes": True, "true": True, "no": False, "false": False}.get(raw.casefold())
    if answer is None:
        raise NotRight("Not one of the words for this column: give yes or no.")
    return answer


def listed(words: tuple[str, ...] | list[str], joined_by: str = "or") -> str:
    """Words as a sentence lists them: "a, b or c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joined_by} {words[-1]}"
