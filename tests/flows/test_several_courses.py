"""Somebody on several courses, in both clients: one card with each of them, buttons that say which, and old buttons."""

from __future__ import annotations

import pytest

from tests.flows.two_platforms import There, plain

PEOPLE = """participant_id,full_name,course,cohort,delivery_partner,application_status,contract_returned_on,sponsorship_returned_on
h-1,Nia Bevan,NPQH,1,Northern Hub,accepted,2021-11-20,2021-11-20
h-1,Nia Bevan,EHCO,1,Northern Hub,accepted,2021-11-20,2021-11-20
"""


@pytest.fixture
def here(there: There) -> There:
    there.house.load(PEOPLE)
    return there


def test_status_has_each_course_with_its_next_need_and_a_button(here: There) -> None:
    seen = here.person().asks("status nia")
    said = plain(seen.words)
    assert "NPQ Headship (NPQH)" in said
    assert "Early Headship Coaching Offer (EHCO)" in said
    assert {"Status: NPQH", "Status: EHCO"} <= set(seen.buttons)


def test_a_course_is_chosen_and_its_deadline_extended(here: There) -> None:
    sam = here.person()
    other = sam.chooses(sam.asks("status nia"), "Status: EHCO")
    assert "Output 1: Teacher Confirmed as Eligible" in plain(other.words)
    form = sam.chooses(sam.chooses(sam.asks("status nia"), "Status: NPQH"), "Extend")
    assert "NPQH, cohort 1" in plain(form.words)
    done = sam.fills(form, "Extend", new_deadline="2022-07-29", reason="Workload")
    assert "Nia Bevan (NPQH): the deadline for Output 1 is now 29 July 2022" in plain(done.words)
    assert "29 July 2022" not in plain(sam.chooses(sam.asks("status nia"), "Status: EHCO").words)


def test_an_act_asks_which_course(here: There) -> None:
    sam = here.person()
    asked = sam.asks("defer nia")
    assert "Which course is it about?" in plain(asked.words)
    assert {"Defer: NPQH", "Defer: EHCO"} <= set(asked.buttons)
    form = sam.chooses(asked, "Defer: NPQH")
    assert "NPQH" in plain(form.words)


def test_a_contact_counts_on_both(here: There) -> None:
    sam = here.person()
    form = sam.chooses(sam.asks("status nia"), "Status: NPQH")
    form = sam.chooses(form, "Log contact")
    assert "It counts on EHCO and NPQH, the courses under way." in plain(form.words)
