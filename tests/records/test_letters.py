"""Damaged letters are put right where that is certain; what somebody may have meant is left as it stands."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.letters import DROPPED_MARKS, PUT_RIGHT, Damaged, cleaned, mended

NAMES = [
    "Siobhán O’Brien", "Oliver Ó Maolchathaigh", "Zoë Ångström", "Ângela", "São", "Conceição", "Élodie Dupré",
    "François Lefèvre", "Núñez", "MUÑOZ", "María Peña", "Díaz", "Müller", "MÜLLER", "MÖLLER", "Strauß", "Öztürk",
    "Şule Şahin", "Yıldız", "Łukasz Śliwa", "Wiśniewska-Żak", "Żółć", "Jiří Dvořák", "Úžasný", "Ľubomír", "Győző",
    "Constanța", "Ștefan", "Đorđe", "Nguyễn Thị Hồng", "Lê", "Ørsted", "Åse", "Þórður", "Əli Məmmədov", "naïve",
    "Пётр Иванов", "Μαρία Παπαδοπούλου", "שרה כהן", "محمد علي", "می‌خواهم", "अमित कुमार", "क्‍ष", "李小龙", "김민준",
    "田中 さくら", "สมชาย", "🎓 Emma", "👩‍🏫 Priya", "“Ça va”", "Jean–Luc", "£5 – 10°",
]  # fmt: skip
MEANT = [
    "Ã", "Â", "XÃ", "IRMÃ", "“IRMÃ”", "IRMÃ’S", "CAFÉ’S", "“ANDRÉ”", "ANDRÉ’S", "«ALLÉ»", "LIBERTÉ…", "ÉLAN™",
    "HYVÄ…", "ISÄ’S", "Å\xa0være", "JIŘÍ\xa0ŠMÍD", "HORNÍ²", "à…", "été’”", "À–B", "MÃE", "NGUYỄN XÃ", "THỊ XÃ–HUYỆN XÃ",
]  # fmt: skip
_HOMELESS = {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # in Windows-1252


def misread(text: str, encoding: str) -> str:
    """Its UTF-8 read as an older encoding."""
    if encoding == "cp1252":
        return "".join(chr(b) if b in _HOMELESS else bytes([b]).decode("cp1252") for b in text.encode())
    return text.encode().decode(encoding)


@pytest.mark.parametrize("name", [*NAMES, *MEANT])
def test_what_somebody_may_have_meant_is_left(name: str) -> None:
    for text in (name, f"{name} x", f"x {name}"):
        assert mended(text).text == text
        assert mended(text).done == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_utf_8_that_was_read_as_another_encoding(name: str, encoding: str) -> None:
    once = misread(name, encoding)
    assert mended(once).text == name
    assert mended(once).done == (PUT_RIGHT,)
    assert mended(misread(once, encoding)).text == name


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("SiobhÃ¡n Oâ€™Brien", "Siobhán O’Brien"),
        ("LÃª Thá»‹ Há»“ng", "Lê Thị Hồng"),
        ("Siobh√°n O‚ÄôBrien", "Siobhán O’Brien"),  # Mac Roman
        ("ZoĂ« BĂĽhler", "Zoë Bühler"),  # Windows-1250
        ("Siobh├ín", "Siobhán"),  # a DOS console
        ("O\x92Brien", "O’Brien"),  # Windows-1252 read as Latin-1
        ("Jane\xa0Doe\u200b", "Jane\xa0Doe"),
    ],
)
def test_the_letters_that_were_meant(damaged: str, right: str) -> None:
    assert mended(damaged).text == right


@pytest.mark.parametrize("text", ["Siobh\ufffdn", "Zoë SiobhÃ¡n", "voilÃ ", "JohnÂ Smith", "Åukasz Ł SiobhÃ¡n"])
def test_what_cannot_be_known_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        mended(text)


@pytest.mark.parametrize(
    ("text", "right", "told"),
    [
        ("Amina\u200b Khan", "Amina Khan", True),
        ("Am\u200dina\u200c Khan", "Amina Khan", True),
        ("\u202aAmina\u202c Kh\u00adan", "Amina Khan", True),
        ("\ufeffAmina Khan\u200e", "Amina Khan", False),
        ("Ami\ufeffna", "Amina", True),
        ("محمد\u200f علي", "محمد علي", True),
    ],
)
def test_marks_that_nobody_sees_are_left_out(text: str, right: str, told: bool) -> None:
    assert mended(text).text.strip() == right
    assert (DROPPED_MARKS in mended(text).done) is told


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Co", "Cn", "Cs"]), max_size=30))
def test_any_text_is_left_put_right_or_refused(text: str) -> None:
    with suppress(Damaged):
        found = mended(text)
        assert found.done or found.text == text
        assert cleaned(found.text) == found.text.strip()


LATIN = string.ascii_letters + "áàâäãåæçéèêëíìîïñóòôöõøúùûüýß '’-."  # no two of these are one byte of UTF-8 each


@given(st.text(alphabet=LATIN, max_size=40))
def test_names_of_western_letters_are_never_touched(text: str) -> None:
    for name in (text.lower(), text.upper(), text.title()):
        assert mended(name).text == name
