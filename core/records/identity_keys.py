"""What tells people apart beside their names, as it is compared: ids, teacher reference numbers (TRNs), e-mail addresses.

One way for files, for what is typed and for what is kept. As with names, comparing only finds who is meant or who may be one:
what is stored stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable

from core.records.compared_names import folded

TRN_DIGITS = 7
FEWEST_TRN_DIGITS = 5  # as DfE's own services take them: spreadsheets drop the zeros in front

_MARKS = " #'\"“”„«»{}[]()="  # around an id, and no part of it
_APART = str.maketrans("_./:", "    ")  # dashes are spaces in `folded`
_NUMBERED = re.compile(r"(\D*)0*(\d+)", re.ASCII)
_PLAIN = re.compile("([A-Za-z]*)[- _]?0*([0-9]+)")
_FRACTION = re.compile(r"(?<=\d)\.0+\Z", re.ASCII)
_JOINED = re.compile(r"(?<=[^\W\d]) (?=\d)|(?<=\d) (?=[^\W\d])")
_UUID = re.compile(r"[0-9a-f]{32}")
_TRN = re.compile(r"(?:trn|rp)?[\s:.]*([0-9]{2}\s*[/-]\s*[0-9]{5}|[0-9][0-9\s]*)(?:\.0+)?", re.IGNORECASE)


def id_key(participant_id: str) -> str:
    """An id as compared: in any case, with any dashes or none before its number, without the zeros in front of a number."""
    if found := _PLAIN.fullmatch(participant_id):  # as most are
        return f"{found[1].lower()}{found[2]}"
    bare = folded(participant_id).strip(_MARKS)
    hexadecimal = bare.removeprefix("urn:uuid:").replace(" ", "")
    if _UUID.fullmatch(hexadecimal):
        return hexadecimal
    words = _FRACTION.sub("", bare).translate(_APART).split()
    return _JOINED.sub("", " ".join(map(_without_zeros, words))) or participant_id


def _without_zeros(word: str) -> str:
    found = _NUMBERED.fullmatch(word)
    return f"{found[1]}{found[2]}" if found else word


def trn_digits(text: str) -> str | None:
    """The five to seven digits of a TRN, however it is written as long as that is certain: RP99/12345, 12 34 567, 3456789.0.

    None for whatever else stands where a TRN should.
    """
    if len(text) == TRN_DIGITS and text.isascii() and text.isdecimal():
        return text
    found = _TRN.fullmatch(text.strip())
    digits = re.sub("[^0-9]", "", found[1]) if found else ""
    return digits if FEWEST_TRN_DIGITS <= len(digits) <= TRN_DIGITS else None


def trn_key(text: str) -> str | None:
    """A TRN as compared: its seven digits, of which spreadsheets drop the zeros in front. None for what is none."""
    digits = trn_digits(text)
    return digits and digits.zfill(TRN_DIGITS)


def email_address(text: str) -> str:
    """An e-mail address without the `mailto:` that a copied link has in front."""
    return text[len("mailto:") :].lstrip() if text[:7].casefold() == "mailto:" else text


def email_key(text: str) -> str | None:
    """An e-mail address as compared; None for what is none."""
    if "@" not in text:
        return None
    key = email_address(text.strip()).casefold()
    return text if key == text else key  # most are: no second copy is kept


def shared(keys: Iterable[tuple[str, Hashable | None]]) -> list[list[str]]:
    """Whoever have one key, given with their ids; those who have none are left out."""
    holders: dict[Hashable, list[str]] = defaultdict(list)
    for participant_id, key in keys:
        if key is not None:
            holders[key].append(participant_id)
    return [ids for ids in holders.values() if len(ids) > 1]
