"""What spreadsheets and forms leave in place of a value: errors, dates made of ids, numbers in a format, words for nothing."""

from __future__ import annotations

import re

ERROR = "The cell holds the spreadsheet error {}: mend its formula or type the value."
MADE_A_DATE = "Excel has made a date of this: format the column as text and enter it again."
_TOO_NARROW = "The column was too narrow to show this: widen the column in Excel and export the file again."

_ERRORS = re.compile(
    r"#(?:N/A|DIV/0!|NAME\?|GETTING_DATA"
    r"|(?:REF|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|BUSY|CONNECT|EXTERNAL|PYTHON|UNKNOWN|ERROR)!)|Err:\d{3}",
    re.ASCII | re.IGNORECASE,
)
_NARROW = re.compile(r"#{3,}")

_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"  # as Excel writes them, and few else
_DATE = re.compile(
    rf"{_DAY}-{_MONTH}(?:-(?:\d\d)?\d\d)?|{_MONTH}-(?:\d\d)?\d\d"
    rf"|(?:{_DAY}/{_DAY}/(?:\d\d)?\d\d|\d{{4}}-[01]\d-[0-3]\d)(?:[T ]\d\d?:\d\d(?::\d\d(?:\.0+)?)?)?",
    re.ASCII,
)

_FORMATTED = re.compile(
    r"[+-]?[£$€]? ?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.(?!0\Z)\d+)|\d+[.,]\d+E\d+", re.ASCII | re.IGNORECASE
)  # not 246.0, which is 246 and compared so
_WORDS_FOR_NOTHING = frozenset(
    (
        *("n/a", "na", "n.a", "nan", "nat", "null", "nil", "none", "blank", "empty", "undefined", "true", "false"),
        *("tbc", "tbd", "tba", "to be confirmed", "to be decided", "to be advised", "pending", "unknown"),
        *("not known", "not applicable"),
    )
)


def error_words(text: str) -> str | None:
    """What is said of the text of a spreadsheet's error; None for any other text."""
    if text[:1] not in ("#", "E", "e"):
        return None
    if _ERRORS.fullmatch(text):
        return ERROR.format(text)
    return _TOO_NARROW if _NARROW.fullmatch(text) else None


def is_date(text: str) -> bool:
    """Whether a text is what Excel makes of one that it takes for a date, such as 12-Mar."""
    return _DATE.fullmatch(text) is not None


def is_formatted(text: str) -> bool:
    """Whether a text is a number as a spreadsheet formats it: 1,024.00."""
    return _FORMATTED.fullmatch(text) is not None


def stands_for_nothing(text: str) -> bool:
    """Whether a text is what people and programs write where there is no value: TBC, N/A, a dash."""
    return text.strip("()<>[].").casefold() in _WORDS_FOR_NOTHING or not any(map(str.isalnum, text))


def has_letter(text: str) -> bool:
    """Whether a text has a letter of any script."""
    return any(map(str.isalpha, text))
