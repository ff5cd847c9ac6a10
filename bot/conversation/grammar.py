"""What may be typed after `/npq`. Nearly right words get a suggestion; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.services.deliveries import STATES
from core.services.typed import cleaned
from reference.pack import Pack

WORDS = (
    "help",
    "status",
    "at-risk",
    "reviews",
    "extend",
    "defer",
    "contact",
    "report",
    "resume",
    "remove",
    "outbox",
)
ABOUT_SOMEBODY = frozenset({"status", "extend", "defer", "contact", "resume", "remove"})
ALIKE = 60  # of 100: how alike a word must be to be suggested
LONGEST = 500  # characters that are read

_OUTPUT = re.compile(r"(?:^|\s)(?:output\s*|o)(\d{1,2})\s*$", re.IGNORECASE)
_COHORT = re.compile(r"(?:^|\s)(?:cohort\s*|c)?(\d{1,3})(?=\s|$)", re.IGNORECASE)
_AT_RISK = re.compile(r"^at[\s_]?risk\b", re.IGNORECASE)
_LEADING = re.compile(r"^/?npq(?:\s+|$)", re.IGNORECASE)
_QUOTES = "\"'“”‘’"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command understood: its word, whom it is about, which output, and the filters of at-risk or outbox."""

    word: str
    who: str = ""
    output: int | None = None
    filters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A word that is none of ours; `suggestion` is the whole command with the word it may have been meant as."""

    word: str
    suggestion: str | None


def parse(pack: Pack, text: str) -> Asked | NotUnderstood:
    """What was typed after the command's name (a leading `/npq` does no harm). Nothing typed asks for help."""
    flat = _AT_RISK.sub("at-risk", _LEADING.sub("", " ".join(cleaned(text[:LONGEST]).split())))
    typed, _, rest = flat.partition(" ")
    word = typed.casefold()
    if not word:
        return Asked("help")
    if word not in WORDS:
        return NotUnderstood(typed, _suggestion(word, rest))
    if word in ABOUT_SOMEBODY:
        return _about_somebody(word, rest)
    if word == "at-risk":
        return Asked(word, filters=_filters(pack, rest))
    if word == "outbox":
        return Asked(word, filters=_which(rest))
    if word in ("reviews", "report") and rest:
        return Asked(word, filters={"partner": rest.strip(_QUOTES)})
    return Asked(word)


def _which(rest: str) -> dict[str, str]:
    """ "all", a state, or a Delivery Partner."""
    typed = rest.strip(_QUOTES).strip()
    word = typed.casefold()
    if not word or word == "all":
        return {"all": "yes"} if word else {}
    return {"state": word} if word in STATES else {"partner": typed}


def _suggestion(word: str, rest: str) -> str | None:
    from rapidfuzz import fuzz, process  # here: it takes 4 MB, and most words are right

    best = process.extractOne(word, WORDS, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return f"{best[0]} {rest}".strip() if best else None


def _about_somebody(word: str, rest: str) -> Asked:
    found = _OUTPUT.search(rest)
    who = rest[: found.start()] if found else rest
    output = int(found[1]) if found else None
    return Asked(word, who.strip().strip(_QUOTES).strip(), output)


def _filters(pack: Pack, rest: str) -> dict[str, str]:
    """A course anywhere, a cohort as "cohort 2" or "2", "output 2"; what is left names a Delivery Partner."""
    found: dict[str, str] = {}
    output = re.search(r"(?:^|\s)output\s*(\d{1,2})(?=\s|$)", rest, re.IGNORECASE)
    if output:
        found["output"] = output[1]
        rest = f"{rest[: output.start()]} {rest[output.end() :]}"
    cohort = _COHORT.search(rest)
    if cohort:
        found["cohort"] = cohort[1]
        rest = f"{rest[: cohort.start()]} {rest[cohort.end() :]}"
    left = []
    for word in rest.replace(",", " ").split():
        is_course = pack.course_named(word) is not None or word.casefold().startswith("npq")
        if is_course and "course" not in found:
            found["course"] = word
        else:
            left.append(word)
    if left:
        found["partner"] = " ".join(left).strip(_QUOTES)
    return found
