"""Three years from the day on which somebody became SENCO: told in good time, and once it is past (reading 38)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.cards.card import Card, Paragraph, PersonRow, words_of
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.list_cards import at_risk_card
from bot.conversation.cards.status_card import status_card
from core.rules.calendar import months_after
from core.rules.facts import Participant
from core.rules.standing import standing
from core.services.enquiries import AtRisk, AtRiskList
from core.services.staff.actors import Actor
from reference.pack import Pack, PersonalLimit
from tests.conversation.stages import Situation, case_of, looked_at
from tests.reminding import occasions
from tests.rules.conftest import day, declared, deferred, did, person, vote
from tests.rules.lives import PACKS

LIMIT = PersonalLimit("NPQSL", "senco_start_date", 3, 365, "become SENCO", "p. 12")
SINCE = day("2019-02-10")
LAST = day("2022-02-10")
ADMIN = Actor("Ada", "administrator", None)


def limited(pack: Pack, *limits: PersonalLimit) -> Pack:
    return replace(pack, personal_limits=limits or (LIMIT,))


@pytest.fixture
def senco(pack: Pack) -> Pack:
    return limited(pack)


def teacher(**more: Any) -> Participant:
    return person("NPQSL", **{"senco_start_date": SINCE, **more})


def told(pack: Pack, who: Participant, on: date) -> list[tuple[int, str, str]]:
    return [
        (output.output, code, words)
        for output in standing(pack, who, on).outputs
        for code, words in zip(output.warning_codes, output.warnings, strict=True)
        if code.startswith("personal_limit")
    ]


HAVE = "Having become SENCO on 10 February 2019, they have until 10 February 2022 ({}) to complete NPQSL."
HAD = (
    "Having become SENCO on 10 February 2019, they had until 10 February 2022 ({}) to complete NPQSL, which is not declared "
    "as completed."
)
SAID = [
    # so many days before the last one; which code, and what is said
    (366, None, None),
    (365, "personal_limit", HAVE.format("in 365 days")),
    (90, "personal_limit", HAVE.format("in 90 days")),
    (2, "personal_limit", HAVE.format("in 2 days")),
    (1, "personal_limit", HAVE.format("tomorrow")),
    (0, "personal_limit", HAVE.format("today")),  # the day three years after is still in time
    (-1, "personal_limit_past", HAD.format("yesterday")),
    (-2, "personal_limit_past", HAD.format("2 days ago")),
    (-1_200, "personal_limit_past", HAD.format("1,200 days ago")),
]


@pytest.mark.parametrize(("before", "code", "words"), SAID)
def test_what_is_said_on_a_day(senco: Pack, before: int, code: str | None, words: str | None) -> None:
    expected = [] if code is None else [(1, code, words)]
    assert told(senco, teacher(), LAST - timedelta(days=before)) == expected


LEAPS = [
    ("2024-02-29", 3, "2027-02-28"),
    ("2024-02-29", 4, "2028-02-29"),
    ("2096-02-29", 4, "2100-02-28"),
    ("2024-02-28", 3, "2027-02-28"),
    ("2025-03-01", 3, "2028-03-01"),
    ("2024-12-31", 1, "2025-12-31"),
    ("9998-05-01", 3, "9999-12-31"),  # beyond every calendar
]


@pytest.mark.parametrize(("since", "years", "last"), LEAPS)
def test_the_same_day_so_many_years_later(since: str, years: int, last: str) -> None:
    assert months_after(day(since), 12 * years).isoformat() == last


def test_of_29_february_the_28th_is_the_last_day(pack: Pack) -> None:
    who = teacher(senco_start_date=day("2020-02-29"))
    assert "until 28 February 2023 (today)" in told(limited(pack), who, day("2023-02-28"))[0][2]
    assert "until 28 February 2023 (yesterday)" in told(limited(pack), who, day("2023-03-01"))[0][2]


ALL = tuple(declared(number, f"2022-01-{number + 10}") for number in (1, 2, 3, 4))
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("a blank day", {"senco_start_date": None}),
    ("a day that is still to come", {"senco_start_date": day("2022-06-01")}),
    ("withdrawn by the file", {"training_status": "withdrawn"}),
    (
        "removed by both sides",
        {"removal_votes": (vote("2022-01-10", "delivery_partner"), vote("2022-01-11", "lead_provider"))},
    ),
    ("declared as completed", {"declarations": ALL}),
    ("declared as completed, an earlier output not", {"declarations": ALL[:1] + ALL[3:]}),
    ("on another course", {"course": "NPQH"}),
]


@pytest.mark.parametrize("more", [more for _, more in SILENT], ids=[name for name, _ in SILENT])
@pytest.mark.parametrize("on", ["2022-02-01", "2022-03-01"])
def test_when_nothing_is_said(senco: Pack, more: dict[str, Any], on: str) -> None:
    assert told(senco, replace(teacher(), **more), day(on)) == []


def test_until_it_was_declared_it_was_said(senco: Pack) -> None:
    who = teacher(declarations=ALL)
    assert [number for number, *_ in told(senco, who, day("2022-01-13"))] == [4]
    assert told(senco, who, day("2022-01-14")) == []
    voided = teacher(declarations=(*ALL[:3], declared(4, "2022-01-14", state="voided")))
    assert [code for _, code, _ in told(senco, voided, day("2022-03-01"))] == ["personal_limit_past"]


def test_it_is_said_of_the_current_output_whatever_that_says_itself(senco: Pack) -> None:
    met = teacher(activities=(did("2021-12-01"),), declarations=ALL[:2])
    assert [number for number, *_ in told(senco, met, LAST)] == [3]
    away = teacher(deferrals=(deferred("2021-12-01", "2022-09-01"),))
    assert [code for _, code, _ in told(senco, away, LAST)] == ["personal_limit"], "such a limit does not wait"


def test_on_a_course_without_criteria_it_is_said_as_well(pack: Pack) -> None:
    coached = replace(teacher(), course="EHCO")
    assert told(limited(pack, replace(LIMIT, course="EHCO")), coached, LAST)[0][:2] == (1, "personal_limit")


def test_a_pack_without_limits_says_nothing(pack: Pack) -> None:
    assert pack.personal_limits == ()
    assert told(pack, teacher(), LAST) == []


def test_nobody_gets_a_message_of_it(pack: Pack, senco: Pack) -> None:
    def due(by: Pack) -> list[str]:
        return [o.identity for o in occasions(by, [teacher()], (), "North Star", day("2021-11-01"), day("2022-06-01"))]

    assert due(senco) == due(pack)


def told_on(card: Card) -> list[str]:
    """What stands under “Please check”."""
    paragraphs = [[words_of(each) for each in e.lines] for e in card.elements if isinstance(e, Paragraph)]
    return [words for lines in paragraphs if lines[0] == "Please check" for words in lines[1:]]


def test_the_cards_show_it(senco: Pack) -> None:
    situation = Situation(teacher(), LAST - timedelta(days=42))
    whole, output = looked_at(senco, situation)
    case = case_of(senco, situation)
    said = "⚠ " + HAVE.format("in 42 days")
    risk = at_risk_card(senco, ADMIN, AtRiskList([AtRisk(whole, output)], 0), {}, None, situation.on)
    [row] = [element for element in risk.elements if isinstance(element, PersonRow)]
    assert words_of(row.lines[-1]) == said
    for card in (status_card(senco, ADMIN, case, output), details_card(senco, case)):
        assert told_on(card) == [said]
    other = at_risk_card(senco, ADMIN, AtRiskList([AtRisk(whole, whole.outputs[1])], 0), {}, None, situation.on)
    [row] = [element for element in other.elements if isinstance(element, PersonRow)]
    assert words_of(row.lines[-1]) == said, "whichever output the list is about"


@given(
    since=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    years=st.integers(1, 50),
    before=st.integers(1, 1_000),
    offset=st.integers(-1_500, 1_500),
)
def test_from_so_many_days_before_it_it_is_said_each_day(since: date, years: int, before: int, offset: int) -> None:
    last = months_after(since, 12 * years)
    assert (last.year - since.year, last.month) == (years, since.month)
    assert last.day == since.day or (since.month, since.day, last.day) == (2, 29, 28)
    on = last + timedelta(days=offset)
    found = told(
        limited(PACKS["edt-v18"], replace(LIMIT, years=years, warn_before=before)),
        teacher(senco_start_date=since),
        on,
    )
    near = "personal_limit" if -before <= offset <= 0 and on >= since else None
    expected = "personal_limit_past" if offset > 0 else near
    assert [code for _, code, _ in found] == ([expected] if expected else [])
