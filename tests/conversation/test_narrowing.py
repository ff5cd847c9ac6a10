"""What narrows a list: Delivery Partners by their whole names first, then outputs, cohorts and courses; and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.list_filters import Narrowed, as_cohort, narrow, perhaps_meant, said
from core.services.enquiries import like
from reference.loading import load_pack
from reference.pack import Pack

NORTHERN = load_pack(str(Path(__file__).parents[1] / "packs" / "northern-2026"))
PARTNERS = (
    "North Star",
    "Hub",
    "Hub 2",
    "Kent, Surrey and Sussex Hub",
    "Academies 21 Trust",
    "St. Mary’s – East",
    "Cohort 3 Alliance",
)

UNDERSTOOD = [
    ("NPQSL", {"course": "NPQSL"}),
    ("npqltd", {"course": "npqltd"}),
    ("npq-leading-behaviour-culture", {"course": "npq-leading-behaviour-culture"}),
    ("NPQ LTD cohort 2", {"course": "NPQ LTD", "cohort": "2"}),
    ("NPQXX", {"course": "NPQXX"}),  # to be refused by name
    ("EHCO", {"course": "EHCO"}),
    ("cohort 2", {"cohort": "2"}),
    ("Cohort 9", {"cohort": "9"}),  # to be refused by number
    ("cohort three", {"cohort": "3"}),
    ("2", {"cohort": "2"}),
    ("c2", {"cohort": "2"}),
    ("cohort2", {"cohort": "2"}),
    ("NPQSL, cohort 2, please", {"course": "NPQSL", "cohort": "2"}),
    ("NPQLTD – cohort 3", {"course": "NPQLTD", "cohort": "3"}),
    ("NPQLTD - 3", {"course": "NPQLTD", "cohort": "3"}),
    ("cohort 2 output 3", {"cohort": "2", "output": "3"}),
    ("output 3 NPQSL 2", {"course": "NPQSL", "cohort": "2", "output": "3"}),
    ("north star", {"partner": "North Star"}),
    ('"North Star"', {"partner": "North Star"}),
    ("in North-Star for NPQSL 2", {"course": "NPQSL", "cohort": "2", "partner": "North Star"}),
    ("NPQSL cohort 2 output 3 North Star", {"course": "NPQSL", "cohort": "2", "output": "3", "partner": "North Star"}),
    ("Hub 2", {"partner": "Hub 2"}),
    ("Hub 2 cohort 1", {"partner": "Hub 2", "cohort": "1"}),
    ("1 hub 2", {"partner": "Hub 2", "cohort": "1"}),
    ("Hub 3", {"partner": "Hub", "cohort": "3"}),
    ("Hub-2 NPQSL", {"partner": "Hub 2", "course": "NPQSL"}),
    ("Kent, Surrey and Sussex Hub", {"partner": "Kent, Surrey and Sussex Hub"}),
    ("kent surrey and sussex hub, cohort 2", {"partner": "Kent, Surrey and Sussex Hub", "cohort": "2"}),
    ("Academies 21 Trust", {"partner": "Academies 21 Trust"}),
    ("2 Academies 21 Trust", {"partner": "Academies 21 Trust", "cohort": "2"}),
    ("st mary's - east 3", {"partner": "St. Mary’s – East", "cohort": "3"}),
    ("cohort 3 alliance", {"partner": "Cohort 3 Alliance"}),
    ("", {}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "filters"), UNDERSTOOD)
def test_what_is_understood(pack: Pack, words: str, filters: dict[str, str]) -> None:
    assert narrow(pack, words, PARTNERS) == Narrowed(filters)


@pytest.mark.parametrize(
    ("words", "filters", "unknown"),
    [
        ("sam green", {}, "sam green"),
        ("cohort 3 sam green", {"cohort": "3"}, "sam green"),
        ("21", {}, "21"),
        ("2024", {}, "2024"),
        ("Hub 7", {"partner": "Hub"}, "7"),
        ("South Hub NPQSL", {"partner": "Hub", "course": "NPQSL"}, "South"),
        ("for Kent, and Sussex please", {}, "Kent and Sussex"),
        ("2 3", {"cohort": "2"}, "3"),
    ],
)
def test_what_is_not_understood_is_left_over(pack: Pack, words: str, filters: dict[str, str], unknown: str) -> None:
    assert narrow(pack, words, PARTNERS) == Narrowed(filters, unknown)


NAMES_IN_NAMES = (
    "Kent",
    "Hub",
    "Kent, Surrey and Sussex Hub",
    "Norfolk",
    "Norfolk and Waveney",
    "A & B Hub",
    "Northern Hub",
)


@pytest.mark.parametrize(
    ("words", "partner"),
    [
        ("Kent, Surrey & Sussex Hub", "Kent, Surrey and Sussex Hub"),
        ("KENT,SURREY AND SUSSEX HUB", "Kent, Surrey and Sussex Hub"),
        ("kent;surrey;&sussex hub", "Kent, Surrey and Sussex Hub"),
        ("Norfolk & Waveney", "Norfolk and Waveney"),
        ("Norfolk&Waveney", "Norfolk and Waveney"),
        ("a and b hub", "A & B Hub"),
        ("A&B Hub", "A & B Hub"),
    ],
)
def test_an_ampersand_is_and_and_a_comma_parts_words(pack: Pack, words: str, partner: str) -> None:
    assert narrow(pack, f"NPQSL,{words},cohort 2", NAMES_IN_NAMES) == Narrowed(
        {"partner": partner, "course": "NPQSL", "cohort": "2"}
    )


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("kent surrey sussex hub", {"partner": "Kent, Surrey and Sussex Hub"}),
        ("Norfolk Waveney", {"partner": "Norfolk and Waveney"}),
        ("Nothern Hub", {"partner": "Northern Hub"}),
        ("Nothern Hub cohort 2", {"cohort": "2", "partner": "Northern Hub"}),
    ],
)
def test_a_longer_name_is_thought_of_where_a_part_of_it_is_a_name(
    pack: Pack, words: str, first: dict[str, str]
) -> None:
    found = narrow(pack, words, NAMES_IN_NAMES)
    assert found.unknown
    assert perhaps_meant(pack, words, found, lambda typed: like(typed, NAMES_IN_NAMES))[0] == first


def test_what_is_understood_already_is_not_offered_again(pack: Pack) -> None:
    found = narrow(pack, "Hub xyz", ["Hub"])
    assert perhaps_meant(pack, "Hub xyz", found, lambda typed: like(typed, ["Hub"])) == []


def test_of_two_names_spelt_alike_the_words_stay_as_typed(pack: Pack) -> None:
    """So that whoever looks them up takes the very name, or asks which."""
    assert narrow(pack, "NORTH HUB 2", ["North Hub", "NORTH HUB"]).filters == {"partner": "NORTH HUB", "cohort": "2"}


def test_the_command_that_asks_for_the_same_is_understood_so(pack: Pack) -> None:
    for words, filters in UNDERSTOOD:
        assert narrow(pack, said("", narrow(pack, words, PARTNERS).filters), PARTNERS).filters == filters


pieces = st.sampled_from(["Hub", "2", "cohort", "output", "o2", "NPQSL", "²", "٣", ",", "-"])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.lists(pieces, max_size=9).map(" ".join))
def test_whatever_is_typed_is_sorted(pack: Pack, words: str) -> None:
    found = narrow(pack, words, PARTNERS)
    assert set(found.filters) <= {"course", "cohort", "output", "partner"}
    assert all(found.filters[name].isdecimal() for name in found.filters.keys() & {"cohort", "output"})


TODAYS = [
    # what is typed → cohort, course
    ("2026b", "2026b", None),
    ("2026 b", "2026b", None),
    ("cohort 2026 B", "2026b", None),
    ("NPQH cohort 2026b", "2026b", "NPQH"),
    ("NPQSENCO 2025 b", "2025b", "NPQSENCO"),
    ("cohort 2026", "2026b", None),  # DfE's bare year: one cohort has it
    ("2025 NPQLT", "2025b", "NPQLT"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "cohort", "course"), TODAYS)
def test_todays_cohorts_are_understood_however_they_are_typed(typed: str, cohort: str, course: str | None) -> None:
    found = narrow(NORTHERN, typed, ())
    assert found.filters == {"cohort": cohort} | ({"course": course} if course else {})
    assert found.unknown == ""


def test_a_cohort_that_the_pack_lacks_is_left_to_be_refused_by_its_key() -> None:
    assert as_cohort(narrow(NORTHERN, "2027a", ())).filters == {"cohort": "2027a"}
    assert as_cohort(narrow(NORTHERN, "7", ())).filters == {"cohort": "7"}
