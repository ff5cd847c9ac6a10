"""Cells that say who or which: TRNs, e-mail addresses and ids, and what spreadsheets and other systems make of them."""

from __future__ import annotations

import re

from core.records.identity_keys import TRN_DIGITS, email_address, trn_digits
from core.spreadsheets import spoilt_cells
from core.spreadsheets.cells import Value, whole
from core.spreadsheets.file_problems import shown

A_TRN = "the teacher reference number, seven digits"
CUT = "Excel has cut this number: format the column as text and export it again."
NO_TRN = "Not a teacher reference number: give seven digits, or leave the cell blank where there is none yet."
NO_ID = (
    "This is no id (it stands for none, or a spreadsheet has formatted it as a number): give the id as it was issued."
)

LONGEST_ID = 255  # characters of a new id; buttons and forms carry it, and both platforms limit what these hold

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_a_number = whole(0, 9_999)
_ORDINARY = re.compile(r"\d+|[A-Za-z]{1,2}[-_]?\d+|[0-9a-f]{8}-[0-9a-f-]{27}", re.ASCII)  # as most are
_CUT = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]\d+", re.ASCII | re.IGNORECASE)
_QUOTES = "'\"ʼ‘’‚‛“”„‟«»‹›`´′″＇＂"


def cohort(raw: str) -> Value:
    """A cohort as it is written, a number without what a spreadsheet puts around it; which it is, the policy pack says."""
    return str(_a_number(raw)) if _NUMBER.fullmatch(raw) else raw


def is_year(given: str) -> bool:
    """Whether this is a bare year, as DfE's newer services name cohorts."""
    return _YEAR.fullmatch(given) is not None


def trn(raw: str) -> str:
    """A TRN of seven digits, whichever way it is written; anything else as it stands, for it may be stored so."""
    digits = trn_digits(raw)
    return digits if digits and len(digits) == TRN_DIGITS else raw


def email(raw: str) -> str:
    """An e-mail address, without the `mailto:` of a copied link."""
    return email_address(raw)


def trn_trouble(given: str) -> str:
    """What is said of a cell that holds no TRN."""
    return CUT if _CUT.fullmatch(given) else NO_TRN


def id_trouble(given: str) -> str | None:
    """Why an id that nobody has can be none, and what would be right; None for one that looks sound."""
    if len(given) > LONGEST_ID:
        return f"An id of {len(given):,} characters is too long: give the id as it was issued, {LONGEST_ID} characters at most."
    if _ORDINARY.fullmatch(given):
        return None
    if _CUT.fullmatch(given):
        return CUT
    if spoilt_cells.is_date(given):
        return spoilt_cells.MADE_A_DATE
    bare = given.lstrip(f"=#{_QUOTES} ")
    is_formula = given[0] == "=" and given[1:2] not in tuple(_QUOTES)
    if bare == given or is_formula:
        return NO_ID if spoilt_cells.is_formatted(given) or spoilt_cells.stands_for_nothing(given) else None
    bare = shown(bare.rstrip(f"{_QUOTES} "))
    right = f"give {bare}" if bare else "give the id alone"
    if given[0] == "#":
        return f"The # in front is no part of an id (Brightspace puts it there): {right}."
    return f"The quotation mark in front is no part of an id (spreadsheets mark text with it): {right}."
