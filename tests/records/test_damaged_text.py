"""Damaged letters are put right where that is certain; what somebody may have meant is left as it stands."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.damaged_text import AS_A_PAGE, DROPPED_MARKS, PUT_RIGHT, Damaged, cleaned, mended

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


@pytest.mark.parametrize("name", ["S\ufffdan", "O\ufffdBrien", "Zoë \ufffdlvarez"])
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac_roman", "cp1250", "cp850"])
def test_a_letter_that_was_lost_before_the_text_was_read_wrongly_is_lost(name: str, encoding: str) -> None:
    try:
        once = misread(name, encoding)
    except UnicodeDecodeError:
        once = misread(name.replace("ë", "e"), encoding)
    for text in (once, misread(once, "cp1252")):
        with pytest.raises(Damaged):
            mended(text)


@pytest.mark.parametrize(
    "name",
    [
        "José",
        "Jérôme",
        "François",
        "Björk",
        "Müller",
        "Łódź",
        "Malmö",
        "Ærø",
        "Lærke",
        "Søren",
        "Renée",
        "Hélène",
        "ÇELIK",
        "MÜLLER",
        "Städt",
        "août",
        "Élodie",
        "étude",
        "Niccolò",
        "Perù",
        "Città",
        "Città",
        "Åse",
        "Voilà",
        "Tomás",
        "Íñigo",
        "Öz",
        "MÖLLER",
    ],
)
@pytest.mark.parametrize("encoding", ["cp437", "cp850", "cp852"])
def test_the_bytes_of_dos_are_refused(name: str, encoding: str) -> None:
    """Read as Latin-1 some of them are control codes; where all of them are other letters, nothing shows it."""
    try:
        text = name.encode(encoding).decode("latin-1")
    except UnicodeEncodeError:
        return
    if any("\x80" <= character < "\xa0" for character in text):
        with pytest.raises(Damaged):
            mended(text)


@pytest.mark.parametrize(
    "name",
    [
        *("O’Brien", "Teachers’ Hub", "’t Hart", "“Ada” Lovelace", "‘Ada’ Lovelace", "Jean–Luc", "North – South"),
        *("2021–22", "Škoda", "Tomaš", "Žofie Šimková", "ALŽBETA", "Œuvre", "Anaïs Cœur", "Kent—Medway"),
    ],
)
def test_the_marks_and_letters_of_windows_are_put_right(name: str) -> None:
    text = name.encode("cp1252").decode("latin-1")
    assert (mended(text).text, mended(text).done) == (name, (PUT_RIGHT,))


@pytest.mark.parametrize(
    "text", ["M\x81ller", "A\x8dda", "5\x80", "Ren\x83", "\x82mile", "Ada\x94", "\x93Ada", "x\x85y"]
)
def test_control_codes_that_stand_for_no_letter(text: str) -> None:
    with pytest.raises(Damaged) as found:
        mended(text)
    assert found.value.letters.isprintable(), "a terminal shows it"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("O&#39;Brien", "O'Brien"),
        ("O&#x27;Brien", "O'Brien"),
        ("O&rsquo;Brien", "O’Brien"),
        ("O&#146;Brien", "O’Brien"),
        ("Ren&eacute;e", "Renée"),
        ("Ren&#233;e &Oslash;rsted", "Renée Ørsted"),
        ("&Lstrok;ucja", "Łucja"),
        ("Kent &amp; Medway Hub", "Kent & Medway Hub"),
        ("Kent &amp;amp; Medway Hub", "Kent & Medway Hub"),
        ("Ren&amp;eacute;e", "Renée"),
        ("&quot;Ada&quot;", '"Ada"'),
        ("Ren&Atilde;&copy;e", "Renée"),
        ("Jane&nbsp;Doe", "Jane\xa0Doe"),
    ],
)
def test_letters_written_as_a_web_page_writes_them(text: str, right: str) -> None:
    assert mended(text).text == right
    assert mended(text).done[0] == AS_A_PAGE
    assert cleaned(text) == right


@pytest.mark.parametrize(
    "text",
    ["AT&T", "R&D;", "R&D; Q&A", "Kent & Medway; Surrey", "&eacute", "&xyz;", "A&E; &;", "&#;", "=C3=A9", "%C3%A9"],
)
def test_what_is_no_entity_stays(text: str) -> None:
    assert (mended(text).text, mended(text).done) == (text, ())


@pytest.mark.parametrize("text", ["Si&#65533;n", "Si&#0;n", "Si&iuml;&iquest;&frac12;n", "Si&#129;n"])
def test_an_entity_of_a_lost_letter(text: str) -> None:
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
