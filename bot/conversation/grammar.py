"""What may be typed after `/npq`. Nearly right words get a suggestion; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.acts import BY_WORD
from bot.conversation.list_filters import LONGEST, narrow, said
from core.services.outbox_actions import STATES
from core.services.typed_names import cleaned
from reference.pack import Pack

WORDS = ("help", "status", "at-risk", "reviews", *BY_WORD, "report", "outbox")
ABOUT_SOMEBODY = frozenset({"status", *BY_WORD})
AT_THE_CONSOLE = frozenset({"declare", "move"})  # commands of `npq` that the chat does not have
ALIKE = 60  # of 100: how alike a word must be to be suggested

GREETINGS = frozenset({"hello", "hi", "hey", "hiya", "morning", "afternoon", "evening", "good"})
THANKS = frozenset({"thanks", "thank", "thx", "cheers", "ta"})

_OUTPUT = re.compile(r"(?:^|\s)(?:output\s*|o)(\d{1,2})\s*$", re.IGNORECASE)
_ANY_WORD = re.compile(rf"(?<![\w-])(at[\s_-]?risk|{'|'.join(WORDS)})(?![\w-])", re.IGNORECASE)
_AT_RISK = re.compile(r"^at[\s_]?risk\b", re.IGNORECASE)
_LINKING = re.compile(r"^(?:of|for|on|to|about)\s+", re.IGNORECASE)
_ON = re.compile(r"[\s,:(]+(?:on|in|for|takes)?[\s,:(]*$", re.IGNORECASE)
_LEADING = re.compile(r"^/?npq(?:\s+|$)", re.IGNORECASE)
_QUOTES = "\"'“”‘’"


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command understood: its word, whom it is about and which output, or the words that narrow a list."""

    word: str
    who: str = ""
    output: int | None = None
    narrowed_by: str = ""
    on_course: tuple[str, str, int | None] | None = (
        None  # where nobody is called WHO: who else, on which course, which output
    )


@dataclass(frozen=True, slots=True)
class Courtesy:
    """A greeting, or thanks."""

    is_thanks: bool


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A word that is none of ours, in a `text`; `suggestion` is the whole command that may have been meant."""

    word: str
    suggestion: str | None
    text: str = ""


def parse(pack: Pack, text: str) -> TypedCommand | NotUnderstood | Courtesy:
    """What was typed after the command's name (a leading `/npq` does no harm). Nothing typed asks for help."""
    flat = _AT_RISK.sub("at-risk", _LEADING.sub("", " ".join(cleaned(text[:LONGEST]).split())))
    typed, _, rest = flat.partition(" ")
    word = typed.casefold()
    if not word:
        return TypedCommand("help")
    if word not in WORDS:
        return _courtesy(pack, flat) or NotUnderstood(typed, _suggestion(pack, flat), flat)
    if word in ABOUT_SOMEBODY:
        return _about_somebody(pack, word, rest)
    return TypedCommand(word, narrowed_by="" if word == "help" else rest)


def state_asked_for(words: str) -> dict[str, str]:
    """ "all", or the state of messages, which outbox takes instead of a Delivery Partner; nothing for other words."""
    word = words.strip(_QUOTES).strip().casefold()
    if word == "all":
        return {"all": "yes"}
    return {"state": word} if word in STATES else {}


def _courtesy(pack: Pack, flat: str) -> TypedCommand | Courtesy | None:
    """A greeting or thanks; what is asked after a greeting is answered."""
    typed, _, rest = flat.partition(" ")
    word = typed.casefold().strip(",.!:;")
    if word in THANKS or (word in GREETINGS and not rest):
        return Courtesy(word in THANKS)
    if word not in GREETINGS:
        return None
    asked = parse(pack, rest)
    return asked if isinstance(asked, TypedCommand) else Courtesy(is_thanks=False)


def _suggestion(pack: Pack, flat: str) -> str | None:
    """The command that is named in what was typed, or the one whose word its first is nearly like."""
    if named := _ANY_WORD.search(flat):
        word = _AT_RISK.sub("at-risk", named[1].casefold())
        rest = flat[named.end() :].strip(" ,.:;?!")
        return (
            f"{word} {_LINKING.sub('', rest)}".strip()
            if word in ABOUT_SOMEBODY
            else said(word, narrow(pack, rest, ()).filters)
        )

    if flat.partition(" ")[0].casefold() in AT_THE_CONSOLE:  # "move" is like "remove", and means something else
        return None

    from rapidfuzz import fuzz, process  # here: it takes 4 MB, and most words are right

    typed, _, rest = flat.partition(" ")
    best = process.extractOne(typed.casefold(), WORDS, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return f"{best[0]} {rest}".strip() if best else None


def _about_somebody(pack: Pack, word: str, rest: str) -> TypedCommand:
    who, output = _without_output(rest)
    return TypedCommand(word, _LINKING.sub("", _bare(who)), output, on_course=_on_course(pack, who, output))


def _without_output(text: str) -> tuple[str, int | None]:
    found = _OUTPUT.search(text)
    return (text[: found.start()], int(found[1])) if found else (text, None)


def _on_course(pack: Pack, text: str, output: int | None) -> tuple[str, str, int | None] | None:
    """ "jane npqh" and "jane on NPQH", with the output before or after it: who is meant, if nobody is called that, and on which course."""
    before, _, last = text.strip().rpartition(" ")
    course = pack.course_named(last.strip("()[],.;:?!" + _QUOTES)) if before else None
    if course is None:
        return None
    who, other = _without_output(_ON.sub("", before))
    who = _LINKING.sub("", _bare(who))
    return (who, course.code, output if other is None else other) if who else None


def _bare(who: str) -> str:
    return who.strip().strip(_QUOTES).strip()
