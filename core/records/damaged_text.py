"""Letters as they were meant: text that was damaged on its way is put right where that is certain.

Three things happen to text on its way: marks that nobody sees get into it, its letters are written as a web page writes them
(“Ren&eacute;e”), and UTF-8 is read as an older encoding, so that “Siobhán” becomes “SiobhÃ¡n”. A real name must never be taken
for a damaged one, so a sequence that could also be meant (“CAFÉ’S” is the bytes of another letter too) proves nothing by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from html.entities import html5

DROPPED_MARKS = "marks that nobody sees were left out"
PUT_RIGHT = "letters that were damaged on the way (UTF-8 read as another encoding) were put right"
AS_A_PAGE = "letters that were written as in a web page (such as &eacute;) were put right"

_MOST_TIMES = 3  # so often text may have been read wrongly, one time upon the other
_LOST = "\N{REPLACEMENT CHARACTER}"

_UNSEEN = re.compile(
    "[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)  # soft hyphen, direction marks, zero-width and word joining marks, stray BOMs
_JOINERS = re.compile("[\u200c\u200d]")  # parts of Persian and Indic words and of emoji
_UNJOINED = (
    "LATIN",
    "GREEK",
    "CYRILLIC",
    "ARMENIAN",
    "HEBREW",
    "GEORGIAN",
    "DIGIT",
)  # scripts in which no joiner is meant

_AROUND = re.compile(rf"^(?:\s|{_UNSEEN.pattern}|{_JOINERS.pattern})+|(?:\s|{_UNSEEN.pattern}|{_JOINERS.pattern})+$")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_C1 = re.compile(
    "[\x80-\x84\x86-\x9f]|(?<=\\w)\x85|\x85(?=\\w)"
)  # of an older encoding read as Latin-1; NEL may end a line
_CUT_OFF = re.compile(r"(?<=[a-z])[ÃÂ](?=\s|$)")  # its second half was a no-break space, and is lost
_HOMELESS = dict.fromkeys((0x81, 0x8D, 0x8F, 0x90, 0x9D))  # bytes that are nothing in Windows-1252


class Damaged(Exception):
    """Text whose right letters are not certain; `letters` is the part that shows it."""

    def __init__(self, letters: str) -> None:
        super().__init__(letters)
        self.letters = letters


@dataclass(frozen=True, slots=True)
class Mended:
    """Text as it was meant, and what was done to it: nothing in most cases."""

    text: str
    done: tuple[str, ...] = ()


def mended(text: str) -> Mended:
    """Text as it was meant. Raises `Damaged` where that is not certain."""
    if is_plain(text):
        return Mended(text)
    bare = _without_entities(text)
    right = _read_rightly(bare)
    seen = _without_unseen(right)
    happened = {AS_A_PAGE: bare != text, PUT_RIGHT: right != bare, DROPPED_MARKS: _tells(right, seen)}
    return Mended(seen, tuple(what for what, has in happened.items() if has))


def is_plain(text: str) -> bool:
    """Whether nothing in a text can have been damaged: quickly, for this is asked of every cell."""
    return text.isascii() and ("&" not in text or ";" not in text)


def cleaned(text: str) -> str:
    """Text as it was meant as far as that is certain: for what somebody types."""
    try:
        return mended(text).text.strip()
    except Damaged:
        return _without_unseen(text).strip()


def _tells(before: str, after: str) -> bool:
    """Whether marks were left out between other characters: around a text they are white space."""
    return len(_AROUND.sub("", before)) != len(after.strip())


# ---- letters as a web page writes them


def _without_entities(text: str) -> str:
    """“Ren&eacute;e” as “Renée”, however often it was written so: only what is an entity from its & to its semicolon."""
    before = ""
    while text != before:
        before, text = text, _ENTITY.sub(_letter, text)
    return text


def _letter(found: re.Match[str]) -> str:
    return unescape(found[0]) if found[0][1] == "#" or found[0][1:] in html5 else found[0]


# ---- marks that nobody sees


def _without_unseen(text: str) -> str:
    text = _UNSEEN.sub("", text)
    return _JOINERS.sub(_joiner, text) if _JOINERS.search(text) else text


def _joiner(found: re.Match[str]) -> str:
    """A joiner stays behind a letter of a script that has joiners, and behind an emoji."""
    before = found.string[: found.start()].rstrip("\u200c\u200d")[-1:]
    if before.isascii() or before.isspace() or unicodedata.name(before, "").startswith(_UNJOINED):
        return ""
    return found[0]


# ---- UTF-8 that was read as another encoding


def _read_rightly(text: str) -> str:
    if _LOST in text:
        raise Damaged(_word_at(text, text.index(_LOST)))
    right, sign = text, _sign(text)
    if sign is None:
        if cut_off := _CUT_OFF.search(text):
            raise Damaged(_word_at(text, cut_off.start()))
        return _as_windows(text) if _C1.search(text) else text
    for _ in range(_MOST_TIMES):
        before, right = right, next((one for one in (reading.undone(right) for reading in _readings()) if one), right)
        if right == before:
            break
    if _LOST in right or _sign(right) is not None or not _plausible(right):
        raise Damaged(_word_at(text, sign))
    return right


def _as_windows(text: str) -> str:
    """Control codes as the letters and marks of Windows-1252 that were meant, where they can't be the bytes of DOS instead."""
    right = text.translate(_WINDOWS)
    for found in _C1.finditer(text):
        place = found.start()
        if not _may_stand(right[place], right[:place], right[place + 1 :]):
            raise Damaged(_word_at(text, place))
    return right


def _sign(text: str) -> int | None:
    return next((place for place in (reading.sign(text) for reading in _readings()) if place is not None), None)


def _word_at(text: str, place: int) -> str:
    start = max(text.rfind(" ", 0, place), place - 40) + 1
    end = text.find(" ", place)
    word = text[start : end if end > 0 else len(text)][:60]
    return "".join(
        _LOST if unicodedata.category(one) in ("Cc", "Cf") else one for one in word
    )  # a terminal would obey them


class _Reading:
    """One way to read UTF-8 wrongly: each byte as a character of an older encoding."""

    def __init__(self, encoding: str, *, proofs: str = "") -> None:
        characters = [_character(byte, encoding) for byte in range(256)]
        self._bytes = {ord(character): byte for byte, character in enumerate(characters)}
        if encoding == "cp1252":
            self._bytes |= {byte: byte for byte in range(0x80, 0xA0)}  # Latin-1 has controls there
        self._proofs = re.compile(proofs) if proofs else None
        self._lost = "".join(characters[byte] for byte in _LOST.encode())
        follow = "".join(re.escape(chr(code)) for code, byte in self._bytes.items() if 0x80 <= byte < 0xC0)

        def lead(first: int, last: int) -> str:
            return "".join(re.escape(chr(code)) for code, byte in self._bytes.items() if first <= byte <= last)

        self._sequence = re.compile(
            f"[{lead(0xC2, 0xDF)}][{follow}]|[{lead(0xE0, 0xEF)}][{follow}]{{2}}|[{lead(0xF0, 0xF4)}][{follow}]{{3}}"
        )

    def sign(self, text: str) -> int | None:
        """Where the text shows that it was read in this way; None where all of it may be meant."""
        if self._lost in text:
            return text.index(self._lost)
        if self._proofs is not None and not self._proofs.search(text):
            return None
        found = list(self._sequences(text))
        if len(found) > 1 and self._is_all(text):
            return 0
        return next((one.start() for one in found if _proves(one) or (_hints(one) and self._all_right(text))), None)

    def undone(self, text: str) -> str | None:
        """The text read rightly, where it was read in this way from its first to its last letter."""
        return self._all_right(text) if self.sign(text) is not None else None

    def _sequences(self, text: str) -> Iterator[re.Match[str]]:
        return (one for one in self._sequence.finditer(text) if self._all_right(one[0]) is not None)

    def _all_right(self, text: str) -> str | None:
        try:
            return bytes(self._bytes[ord(character)] for character in text).decode()
        except (KeyError, UnicodeDecodeError):
            return None

    def _is_all(self, text: str) -> bool:
        """Whether every letter is such a sequence."""
        rest = self._sequence.sub(lambda one: one[0] if self._all_right(one[0]) is None else "", text)
        return rest.isascii() and not any(map(str.isalpha, rest))


def _character(byte: int, encoding: str) -> str:
    if encoding == "cp1252" and byte in _HOMELESS:
        return chr(byte)
    return bytes([byte]).decode(encoding, errors="replace")


_LETTERS = frozenset("ŠŒŽšœžŸŚŤŹśťźłĄŞŻąşĽľż")  # what may stand behind an accented capital within a word
_ENDING = frozenset("“”«»‹›™®…‘²³¹")  # what may stand behind a letter, no letter behind it
_JOINING = frozenset("’´–—\xad\xa0")  # what may stand behind a letter and before another
_USUAL = frozenset(
    "ÃÅÄĂĹ"
)  # how the first bytes of most accented letters are misread; none stands before those letters


def _proves(found: re.Match[str]) -> bool:
    """Whether nobody means these characters in a row, where they stand."""
    text, (start, end) = found.string, found.span()
    lead, following = found[0][0], found[0][1:]
    before, after = text[start - 1 : start], text[end : end + 1]
    if len(following) > 2 or not lead.isalpha() or (lead.isupper() and before.islower()):
        return True  # four bytes; no letter; a capital within a word
    if any(not _may_follow(lead, mark) for mark in following):
        return True
    if after.isalpha() and all(mark in _ENDING for mark in following):
        return True
    if lead == "Ã" and not before.isalpha():
        return True  # no word begins with it
    return lead in _USUAL and following != "\xa0" and _goes_on(text[end:]) and (after.islower() or not before.isalpha())


def _hints(found: re.Match[str]) -> bool:
    """Whether few would mean it: “MÃ–LLER”, where all of the text can be read so."""
    return found[0] == "Ã–" and found.string[found.end() : found.end() + 1].isalpha()


def _may_follow(lead: str, mark: str) -> bool:
    if lead in _USUAL and (mark in _LETTERS or mark == "\xad"):
        return False
    return mark in _ENDING or mark in _JOINING or mark in _LETTERS


def _goes_on(rest: str) -> bool:
    """Whether a word goes on, and not only with a genitive's s."""
    return rest[:1].isalpha() and not re.match(r"s\b", rest, re.IGNORECASE)


_SELDOM = re.compile(
    "[\u0180-\u018e\u0190-\u019f\u01a2-\u01ae\u01b1-\u01cc\u01dd-\u0217\u021c-\u0258\u025a-\u02b8\u02be-\u02ff]"
)


def _plausible(text: str) -> bool:
    """Whether somebody may have meant this: letters that names are written in, and no word in two scripts."""
    if _SELDOM.search(text) or any(
        unicodedata.category(one) in ("Cc", "Cn", "Co") for one in text if one not in "\n\r\t"
    ):
        return False
    return all(len({script for one in word if (script := _script(one))}) <= 1 for word in re.split(r"[\W_]+", text))


def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").partition(" ")[0]
    return "CJK" if name in ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else name


@cache
def _readings() -> tuple[_Reading, ...]:
    """Made when they are first needed: most of what is typed and read has no letter beyond ASCII."""
    return (
        _Reading("cp1252"),
        _Reading("mac_roman", proofs="√|‚Ä|≈|ƒ[ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü]"),
        _Reading("cp1250", proofs="[ĂĹĽÄČ][^A-Za-z ]|â€"),
        _Reading("cp850", proofs="[├┬┼─╚╔]|ÔÇ"),
    )


_WINDOWS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in _HOMELESS and code != 0x85
}


def _may_stand(mark: str, before: str, after: str) -> bool:
    """Whether a letter or mark of Windows-1252 stands where somebody would write it: “Bj”rk” was “Björk” in DOS."""
    last, following = before[-1:], after[:1]
    if mark in "ŠŒŽŸ":
        return not last.islower() and not (last.isupper() and following.islower())
    if mark in "šœž":
        return last.isalpha() and not following.isupper()
    if mark == "’":
        return last.isalnum() or following.isalnum()
    if mark == "‘":
        return not last.isalnum() and following.isalnum() and "’" in after
    if mark == "“":
        return not last.isalnum() and "”" in after
    if mark == "”":
        return not following.isalnum() and "“" in before
    return mark in "–—" and not following.islower() and last.isalnum() == following.isalnum()
