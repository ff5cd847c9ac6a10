"""Ids, TRNs and e-mails that are one, and those that are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.identity_keys import email_key, id_key, shared, trn_key

UUID = "8f14e45f-ceea-467f-9b2a-3c6b1d2e4f5a"
ONE_ID = [
    ("p-001", "P-001"),
    ("p-001", "p001"),
    ("p-001", "P 001"),
    ("p-001", "p_001"),
    ("p-001", "p\N{EN DASH}001"),
    ("p-001", "p\N{NON-BREAKING HYPHEN}001"),
    ("p-001", "p-\N{ZERO WIDTH SPACE}001"),
    ("p-001", "\N{FULLWIDTH LATIN SMALL LETTER P}-001"),
    ("p-001", "p-1"),
    ("p-001", "#p-001"),
    ("p-001", "'p-001"),
    ("00246", "246"),
    ("00246", "246.0"),
    ("00246", '="00246"'),
    ("NPQ-2022-007", "npq 2022/7"),
    (UUID, UUID.upper()),
    (UUID, f"{{{UUID}}}"),
    (UUID, UUID.replace("-", "")),
    (UUID, f"urn:uuid:{UUID}"),
]
TWO_IDS = [
    ("p-001", "p-002"),
    ("p-1", "p-10"),
    ("1-11", "11-1"),
    ("246", "2460"),
    ("22101166201234567", "22101166201234569"),
    ("73928e05", "73928e50"),
    ("a-1", "b-1"),
    (UUID, UUID.replace("8f", "f8", 1)),
    ("-", "_"),
]
TRNS = [
    ("0012345", "0012345"),
    ("1234567", "1234567"),
    ("12345", "0012345"),
    ("451606", "0451606"),
    ("RP99/12345", "9912345"),
    ("rp9912345", "9912345"),
    ("TRN 0012345", "0012345"),
    ("TRN: 0012345", "0012345"),
    ("12 34 567", "1234567"),
    ("12\N{NO-BREAK SPACE}34567", "1234567"),
    ("99/12345", "9912345"),
    ("3456789.0", "3456789"),
    ("107260.0", "0107260"),
]
NO_TRNS = [
    *(
        "",
        "TBC",
        "N/A",
        "-",
        "?",
        "none",
        "999999999",
        "1.23E+06",
        "1234",
        "12345678",
        "123456.5",
        "-1234567",
    ),
    *("01/02/2023", "2022-06", "1/2/2023", "#1234567", "1234567a", "p-1234567", "\N{ARABIC-INDIC DIGIT ONE}234567"),
]


@pytest.mark.parametrize(("one", "other"), ONE_ID)
def test_one_id(one: str, other: str) -> None:
    assert id_key(one) == id_key(other)


@pytest.mark.parametrize(("one", "other"), TWO_IDS)
def test_two_ids(one: str, other: str) -> None:
    assert id_key(one) != id_key(other)


@given(st.text(min_size=1))
def test_every_id_has_a_key(text: str) -> None:
    assert id_key(text)


@given(st.from_regex(r"[A-Za-z]{0,3}[- _]?[0-9]{1,9}", fullmatch=True))
def test_the_short_way_to_the_key_of_most_ids_is_no_other_key(text: str) -> None:
    assert id_key(text) == id_key(f"{{{text}}}")


@pytest.mark.parametrize(("written", "trn"), TRNS)
def test_a_trn_is_seven_digits_however_it_is_written(written: str, trn: str) -> None:
    assert trn_key(written) == trn


@pytest.mark.parametrize("text", NO_TRNS)
def test_what_is_no_trn_has_no_key(text: str) -> None:
    assert trn_key(text) is None


def test_an_e_mail_in_any_case_or_as_a_link() -> None:
    assert email_key("MailTo:Jane@School.example") == email_key("jane@school.example") == "jane@school.example"
    assert email_key("n/a") is None


def test_who_share_a_key() -> None:
    assert shared([("a", 1), ("b", 2), ("c", 1), ("d", None), ("e", None)]) == [["a", "c"]]
