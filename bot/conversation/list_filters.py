"""What the words after at-risk, reviews, report or outbox narrow it to. A Delivery Partner's whole name comes before all else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from core.services.typed_names import folded
from reference.pack import Pack

LONGEST = 500  # characters of a question that are read

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER = rf"(\d{{1,4}}|{'|'.join(_NUMBERS)})"
_OUTPUT = re.compile(rf"(?<!\S)(?:outputs?\s*|o){_NUMBER}(?!\S)", re.IGNORECASE)
_COHORT = re.compile(rf"(?<!\S)(?:cohorts?\s*|c){_NUMBER}(?!\S)", re.IGNORECASE)
_COHORT_WORD = re.compile(r"cohorts?", re.IGNORECASE)
_YEAR_AND_LETTER = re.compile(r"20\d\d[a-z]", re.IGNORECASE)  # a cohort as DfE names it
_LONGEST_NUMBER = 4  # digits: a year; a longer one is somebody's
_COMMA = re.compile(r"[,;](?=\S)")
_AROUND = ",;:.·?!()[]\"'“”‘’«»&+–—-"
_UNSAID = frozenset(
    {"", "in", "for", "of", "on", "at", "with", "and", "the", "from", "please", "everybody", "everyone"}
)

Meant = TypeVar("Meant")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was understood (course, cohort, output, partner), and the words that were not."""

    filters: dict[str, str] = field(default_factory=dict)
    unknown: str = ""


def narrow(pack: Pack, words: str, partners: Iterable[str]) -> Narrowed:
    """`partners` are the Delivery Partners of whom the asker may know; a lone number is a cohort where the pack has such a one."""
    found: dict[str, str] = {}
    left = _without_partner(_COMMA.sub(", ", words).split(), partners, found)
    text = _without_number(_OUTPUT, "output", " ".join(word.strip(_AROUND) for word in left), found)
    text = " ".join(_without_cohort(pack, text.split(), found))
    text = _without_number(_COHORT, "cohort", text, found)
    left = _without_course(pack, text.split(), found)
    return Narrowed(found, " ".join(_without_unsaid(_without_lone_cohort(pack, left, found))))


def asked_apart(pack: Pack, found: Narrowed, partners: Collection[str]) -> list[dict[str, str]]:
    """Where all that is left over narrows as well, each of the several that were asked for in one; else none."""
    every = [found.filters]
    while found.unknown:
        found = narrow(pack, found.unknown, partners)
        if not found.filters:
            return []
        if (other := {**every[0], **found.filters}) not in every:
            every.append(other)
    return every


def as_cohort(found: Narrowed) -> Narrowed:
    """A lone number, or year with its letter, that is left over as the cohort, to be refused as none; not beside a name, to
    which it may belong.
    """
    left = found.unknown
    number = left.isdecimal() and len(left) <= _LONGEST_NUMBER
    if not (number or _YEAR_AND_LETTER.fullmatch(left)) or found.filters.keys() & {"partner", "cohort"}:
        return found
    return Narrowed({**found.filters, "cohort": str(int(left)) if number else left})


def perhaps_meant(
    pack: Pack, words: str, found: Narrowed, like: Callable[[str], Iterable[str]]
) -> list[dict[str, str]]:
    """What may have been meant where a word was not understood, by the Delivery Partners whose names are `like` a text.

    They are looked for in all that was typed: "Kent" in the middle of a longer name is no answer to it.
    """
    whole = narrow(pack, words, ())
    names = [name for name in like(whole.unknown) if name != found.filters.get("partner")] if whole.unknown else []
    return [{**whole.filters, "partner": name} for name in names]


def said(word: str, filters: Mapping[str, str]) -> str:
    """The command that asks for this."""
    parts = [
        filters.get("partner", ""),
        filters.get("course", ""),
        f"cohort {filters['cohort']}" if "cohort" in filters else "",
        f"output {filters['output']}" if "output" in filters else "",
    ]
    return " ".join([word, *filter(None, parts)])


def _without_unsaid(words: list[str]) -> list[str]:
    """Without the small words around what is meant; those within it may belong to a name."""
    said_ones = [place for place, word in enumerate(words) if word.casefold() not in _UNSAID]
    return words[said_ones[0] : said_ones[-1] + 1] if said_ones else []


def _without_number(pattern: re.Pattern[str], name: str, text: str, found: dict[str, str]) -> str:
    """Without the number of an output, or of a cohort where none is named yet; and notes it."""
    if name in found or (given := pattern.search(text)) is None:
        return text
    found[name] = str(_number(given[1]))
    return f"{text[: given.start()]} {text[given.end() :]}"


def _number(given: str) -> int:
    word = given.casefold()
    return _NUMBERS.index(word) + 1 if word in _NUMBERS else int(given)


def _without_partner(words: Sequence[str], partners: Iterable[str], found: dict[str, str]) -> list[str]:
    known: dict[tuple[str, ...], list[str]] = {}
    for name in partners:
        known.setdefault(_key(name), []).append(name)
    parts = [(place, part) for place, word in enumerate(words) for part in _key(word)]
    run = _longest_run([part for _, part in parts], known)
    if run is None:
        return list(words)
    start, end, names = run
    first, last = parts[start][0], parts[end - 1][0]
    found["partner"] = names[0] if len(names) == 1 else " ".join(words[first : last + 1]).strip(_AROUND)
    before = [part for place, part in parts[:start] if place == first]
    after = [part for place, part in parts[end:] if place == last]
    return [*words[:first], *before, *after, *words[last + 1 :]]


def _without_course(pack: Pack, words: list[str], found: dict[str, str]) -> list[str]:
    known = {tuple(words[a:b]): True for a in range(len(words)) for b in range(a + 1, min(a + 7, len(words) + 1))
             if pack.course_named(" ".join(words[a:b])) is not None}  # fmt: skip
    run = _longest_run(words, known)
    if run is None:
        unknown = [place for place, word in enumerate(words) if word.casefold().startswith("npq")]
        run = (unknown[0], unknown[0] + 1, True) if unknown else None
    if run is None:
        return words
    start, end, _ = run
    found["course"] = " ".join(words[start:end])
    return [*words[:start], *words[end:]]


def _without_cohort(pack: Pack, words: list[str], found: dict[str, str]) -> list[str]:
    """Without "cohort" and the key of one that the pack has after it, in one word or two: "2026 b"."""
    for place, word in enumerate(words):
        for length in (2, 1):
            after = words[place + 1 : place + 1 + length]
            if not _COHORT_WORD.fullmatch(word) or len(after) != length or not _is_one_key(after):
                continue
            if known := pack.cohort_named(" ".join(after)):
                found["cohort"] = known.key
                return [*words[:place], *words[place + 1 + length :]]
    return words


def _is_one_key(words: Sequence[str]) -> bool:
    """Whether these words may be one key: a second one is its letter, "2026 b"."""
    return len(words) == 1 or (len(words[1]) == 1 and words[1].isalpha())


def _without_lone_cohort(pack: Pack, words: list[str], found: dict[str, str]) -> list[str]:
    """Without the key of a cohort that the pack has, where none is named yet: one that begins with a figure needs no word."""
    for length in (2, 1):
        for place in range(len(words) - length + 1):
            run = words[place : place + length]
            key = " ".join(run) if _is_one_key(run) else ""
            if "cohort" not in found and key[:1].isdecimal() and (known := pack.cohort_named(key)):
                found["cohort"] = known.key
                return [*words[:place], *words[place + length :]]
    return words


def _key(text: str) -> tuple[str, ...]:
    """A name as compared word for word: as names are folded, "and" for &, without the points and commas around its words."""
    apart = _COMMA.sub(" ", folded(text).replace("&", " and "))
    return tuple(filter(None, (word.strip(_AROUND) for word in apart.split())))


def _longest_run(words: Sequence[str], known: Mapping[tuple[str, ...], Meant]) -> tuple[int, int, Meant] | None:
    """The longest run of words that is known, the first of them; where it begins and ends, and what it is."""
    for length in range(min(len(words), max(map(len, known), default=0)), 0, -1):
        for start in range(len(words) - length + 1):
            meant = known.get(tuple(words[start : start + length]))
            if meant is not None:
                return start, start + length, meant
    return None
