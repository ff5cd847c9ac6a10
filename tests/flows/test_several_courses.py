"""Somebody on several courses, in both clients: one card with each of them, buttons that say which, and old buttons."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.services.acts import extension
from core.services.acts.recording import Deed
from core.services.staff.actors import Actor
from tests.flows.colleagues import Shown
from tests.flows.people import Seen
from tests.flows.two_platforms import TEAM, There, plain

HEADER = (
    "participant_id,full_name,course,cohort,delivery_partner,application_status,training_status,"
    "contract_returned_on,sponsorship_returned_on\n"
)
BACK = "2021-11-20,2021-11-20\n"
PEOPLE = f"""{HEADER}h-1,Nia Bevan,NPQH,1,Northern Hub,accepted,active,{BACK}\
h-1,Nia Bevan,EHCO,1,Northern Hub,accepted,active,{BACK}\
h-3,Tia Threes,NPQH,1,Northern Hub,accepted,active,{BACK}\
h-3,Tia Threes,NPQSL,1,Northern Hub,accepted,active,{BACK}\
h-3,Tia Threes,NPQLTD,1,Northern Hub,accepted,active,{BACK}\
h-4,Dee Parted,NPQH,1,Southern Hub,accepted,active,{BACK}\
h-4,Dee Parted,NPQSL,1,Northern Hub,accepted,active,{BACK}"""
GONE = f"{HEADER}h-3,Tia Threes,NPQH,1,Northern Hub,accepted,withdrawn,{BACK}"
DECLARED = "participant_id,output,declared_on,evidence_cutoff,state,course\n{},1,2021-12-20,2021-12-13,payable,{}\n"

ATTENDED = "event_id,event_type,event_date,participant_id,status,course\ne-t,f2f,2022-05-10,h-3,attended,{}\n"


@pytest.fixture
def here(there: There) -> There:
    there.house.load(PEOPLE)
    return there


def of_before(seen: Any) -> Any:
    """What somebody sees with buttons and forms as they were drawn before anybody could take several courses."""
    if isinstance(seen, Seen):
        return Seen(_without_course(seen.view), seen.typed)
    assert isinstance(seen, Shown)
    return replace(seen, card=_without_course(seen.card))


def _without_course(drawn: Any) -> Any:
    if isinstance(drawn, dict):
        return {key: _without_course(value) for key, value in drawn.items()}
    if isinstance(drawn, list):
        return [_without_course(each) for each in drawn]
    if isinstance(drawn, str) and drawn.startswith('{"v":'):
        return json.dumps({key: value for key, value in json.loads(drawn).items() if key != "c"})
    return drawn


def typed(there: There, text: str) -> Any:
    """What a command shows that opens a form."""
    if there.platform == "teams":
        return there.person().asks(text)
    slack = there.house.slack
    before = len(slack.opened)
    there.house.person("U0COORD").types(f"/npq {text}")
    assert slack.wait_until(lambda: len(slack.opened) > before)
    return Seen(slack.opened[-1])


# --- asking -----------------------------------------------------------------------------------------------------------


def test_status_has_each_course_with_its_next_need_and_a_button(here: There) -> None:
    seen = here.person().asks("status nia")
    said = plain(seen.words)
    assert said.count("Cohort 1 (November 2021) · Northern Hub") == 1
    assert "NPQ Headship (NPQH)" in said
    assert "Early Headship Coaching Offer (EHCO)" in said
    assert "Needs any one of: attend a face-to-face event or live webinar" in said
    assert seen.buttons == ["Status: NPQH", "Status: EHCO"]


def test_what_several_courses_need_alike_is_said_once_and_by_when(here: There) -> None:
    for course in ("NPQH", "NPQSL"):
        here.house.load(DECLARED.format("h-3", course))
    said = plain(here.person().asks("status tia").words)
    assert "Output 2 (review 23 June 2022): ? Can't tell yet · review coming up" in said
    assert "Needs the same as NPQH." in said


def test_a_kept_answer_never_stands_for_one_of_several_courses(here: There) -> None:
    sam = here.person()
    for _ in range(3):  # what is worked out ahead comes a moment later
        assert sam.asks("status nia").buttons == ["Status: NPQH", "Status: EHCO"]


def test_one_course_leads_back_to_all(here: There) -> None:
    sam = here.person()
    one = sam.chooses(sam.asks("status tia"), "Status: NPQSL")
    assert "Also on NPQH and NPQLTD." in plain(one.words)
    assert sam.chooses(one, "All courses").buttons == ["Status: NPQH", "Status: NPQSL", "Status: NPQLTD"]
    assert "All courses" not in sam.asks("status jane smith").buttons


TYPED = ("status tia NPQSL", "status tia npq-senior-leadership", "status tia on NPQSL", "status “Tia Threes” (NPQSL)")


@pytest.mark.parametrize("text", TYPED)
def test_a_course_may_be_typed_after_the_name(here: There, text: str) -> None:
    assert "NPQ Senior Leadership (NPQSL) · cohort 1" in plain(here.person().asks(text).words)


@pytest.mark.parametrize("text", ["status tia NPQSL output 2", "status tia output 2 NPQSL"])
def test_a_course_and_an_output_may_be_typed(here: There, text: str) -> None:
    assert "Output 2: Retention Point\n○ Not met yet" in plain(here.person().asks(text).words)


def test_a_course_that_they_do_not_take_is_refused_with_those_that_they_take(here: There) -> None:
    said = plain(here.person().asks("status tia NPQLT").words)
    assert "Tia Threes is not on NPQLT; they take NPQH, NPQLTD and NPQSL." in said


def test_an_output_is_looked_for_on_the_courses_that_have_it(here: There) -> None:
    said = plain(here.person().asks("status nia output 4").words)
    assert "NPQ Headship (NPQH) · cohort 1" in said
    assert "Output 4: Teacher Assessed" in said


def test_type_ahead_lists_the_person_once_and_then_asks_which(here: There) -> None:
    sam = here.person()
    assert sam.finds(sam.asks("status"), "tia") == ["Tia Threes · NPQH, NPQLTD and NPQSL"]
    assert sam.finds(sam.asks("status"), "tia threse") == ["Tia Threes · NPQH, NPQLTD and NPQSL"]
    assert sam.picks(sam.asks("extend"), "tia").buttons == ["Extend: NPQH", "Extend: NPQSL", "Extend: NPQLTD"]


def test_a_nearly_right_name_is_suggested_once(here: There) -> None:
    sam = here.person()
    near = sam.asks("status tia threse output 1")
    assert near.buttons == ["Status"]
    assert "NPQH, NPQLTD and NPQSL · h-3" in plain(near.words)
    assert len(sam.chooses(near, "Status").buttons) == 3


# --- deciding ---------------------------------------------------------------------------------------------------------


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
    assert "Needs" not in plain(asked.words)
    assert {"Defer: NPQH", "Defer: EHCO"} <= set(asked.buttons)
    form = sam.chooses(asked, "Defer: NPQH")
    assert "NPQH" in plain(form.words)


def test_an_act_of_a_course_that_is_typed_opens_its_form(here: There) -> None:
    assert "Tia Threes · NPQSL, cohort 1" in plain(typed(here, "extend tia NPQSL").words)


def test_a_contact_counts_on_all(here: There) -> None:
    sam = here.person()
    form = sam.chooses(sam.chooses(sam.asks("status nia"), "Status: NPQH"), "Log contact")
    assert "It counts on EHCO and NPQH, the courses under way." in plain(form.words)
    assert "Output" not in plain(form.words)
    done = plain(sam.fills(form, "Log contact", how="Phone", outcome="No answer").words)
    assert "Nia Bevan (EHCO and NPQH): contact by phone on 16 June 2022 logged, no answer." in done
    for course in ("NPQH", "EHCO"):
        one = sam.chooses(sam.asks(f"status nia {course}"), "Details")
        assert "Contact tried by phone (no answer), logged by Sam Coordinator" in plain(one.words)
    again = sam.fills(form, "Log contact", how="E-mail", outcome="No answer")
    assert "Something was recorded for Nia Bevan in the meantime" in plain(again.words)
    assert "It counts on EHCO and NPQH" in plain(again.words)


def test_a_contact_of_a_course_that_is_typed_counts_on_that_one(here: There) -> None:
    sam = here.person()
    form = typed(here, "contact nia NPQH")
    assert "It counts on" not in plain(form.words)
    done = plain(sam.fills(form, "Log contact", how="Phone", outcome="No answer").words)
    assert "Nia Bevan (NPQH): contact by phone" in done
    assert "Nothing yet." in plain(sam.chooses(sam.asks("status nia EHCO"), "Details").words)


def test_what_was_recorded_on_another_course_meanwhile_is_named_with_it(here: There) -> None:
    sam = here.person()
    late = sam.asks("status tia NPQSL")
    form = sam.chooses(late, "Extend")
    other = sam.chooses(sam.asks("status tia NPQH"), "Extend")
    sam.fills(other, "Extend", new_deadline="2022-07-29", reason="Workload")
    told = "NPQH: Output 1 extended to 29 July 2022 by Sam Coordinator"
    again = sam.fills(form, "Extend", new_deadline="2022-08-02", reason="Workload")
    assert f"so nothing has been changed. {told}, 16 June 2022." in plain(again.words)
    assert f"Already recorded since then: {told} on 16 June 2022." in plain(sam.chooses(late, "Defer").words)
    done = sam.fills(again, "Extend", new_deadline="2022-08-02", reason="Workload")
    assert "Tia Threes (NPQSL): the deadline for Output 1 is now 2 August 2022" in plain(done.words)


def test_removal_takes_two_and_is_of_one_course(here: There) -> None:
    sam, lee = here.person(), here.person("Lee")
    proposed = sam.fills(typed(here, "remove tia NPQSL"), "Decide", decision="Approve removal")
    assert "Tia Threes (NPQSL): the Delivery Partner proposed removal" in plain(proposed.words)
    asked = lee.asks("remove tia")
    form = lee.chooses(asked, "Removal: NPQSL")
    assert "approved by the Delivery Partner" in plain(form.words)
    done = lee.fills(form, "Decide", decision="Approve removal")
    assert "Tia Threes (NPQSL): both sides approved; they are withdrawn from the course." in plain(done.words)
    assert sam.asks("extend tia").buttons == ["Extend: NPQH", "Extend: NPQLTD"]


def test_back_from_deferral_on_one_course(here: There) -> None:
    sam = here.person()
    form = typed(here, "defer tia NPQSL")
    sam.fills(form, "Defer", first="2022-06-16", agreed="2022-12-01", reason="Other")
    assert "On deferral" in plain(sam.asks("status tia").words)
    form = sam.chooses(sam.asks("status tia NPQSL"), "Record return")
    done = sam.fills(form, "Record", back="2022-06-16")
    assert "Tia Threes (NPQSL): back from deferral on 16 June 2022" in plain(done.words)


def test_only_courses_on_which_it_would_be_taken_are_offered(here: There) -> None:
    sam = here.person()
    assert "Tia Threes is not on deferral on 16 June 2022." in plain(sam.asks("resume tia").words)
    assert "Tia Threes (NPQSL) is not on deferral on 16 June 2022." in plain(sam.asks("resume tia NPQSL").words)
    form = typed(here, "defer tia NPQSL")
    sam.fills(form, "Defer", first="2022-06-16", agreed="2022-12-01", reason="Other")
    assert sam.asks("resume tia").buttons == ["Record return: NPQSL"]


# --- of before --------------------------------------------------------------------------------------------------------


def test_a_button_and_a_form_of_before_mean_the_enrolment_of_then(here: There) -> None:
    sam = here.person()
    old = of_before(sam.asks("status tia NPQLTD"))
    form = sam.chooses(old, "Extend")
    assert "Tia Threes · NPQH, cohort 1" in plain(form.words)
    done = sam.fills(of_before(form), "Extend", new_deadline="2022-07-29", reason="Workload")
    assert "Tia Threes (NPQH): the deadline for Output 1 is now 29 July 2022" in plain(done.words)


def test_of_an_enrolment_that_is_over_they_say_so_and_open_the_choice(here: There) -> None:
    sam = here.person()
    old = of_before(sam.asks("status tia NPQH"))
    form = of_before(sam.chooses(old, "Extend"))
    here.house.load(GONE)
    over = "This was about NPQH, which is over. Which course is it about?"
    ways: list[Callable[[], Any]] = [
        lambda: sam.chooses(old, "Extend"),
        lambda: sam.fills(form, "Extend", new_deadline="2022-07-29", reason="Workload"),
    ]
    for way in ways:
        asked = way()
        assert over in plain(asked.words)
        assert asked.buttons == ["Extend: NPQSL", "Extend: NPQLTD"]
        assert "Tia Threes · NPQSL" in plain(sam.chooses(asked, "Extend: NPQSL").words)
    assert "This was about NPQH, which is over." in plain(sam.chooses(old, "Details").words)


def test_the_choice_that_opens_instead_forgets_the_output_of_the_course_that_is_over(here: There) -> None:
    sam = here.person()
    here.house.load(DECLARED.format("h-3", "NPQH"))
    old = of_before(sam.asks("status tia NPQH"))
    assert "Output 2" in plain(sam.chooses(old, "Extend").words)
    here.house.load(GONE)
    asked = sam.chooses(old, "Extend")
    assert "This was about NPQH, which is over." in plain(asked.words)
    assert "Output 1" in plain(sam.chooses(asked, "Extend: NPQSL").words)


def test_a_button_that_names_a_course_which_was_corrected_means_their_one_enrolment(here: There) -> None:
    sam = here.person()
    sole = f"{HEADER}h-9,Uma One,NPQLT,1,Northern Hub,accepted,active,{BACK}"
    here.house.load(sole)
    card = sam.asks("status uma")
    form = sam.chooses(card, "Extend")
    here.house.load(sole.replace("NPQLT,", "NPQLTD,"))
    assert "Uma One · NPQLTD, cohort 1" in plain(sam.chooses(card, "Extend").words)
    done = sam.fills(form, "Extend", new_deadline="2022-07-29", reason="Workload")
    assert "Uma One: the deadline for Output 1 is now 29 July 2022" in plain(done.words)


# --- two Delivery Partners --------------------------------------------------------------------------------------------


def test_each_delivery_partner_sees_its_own_course_and_hears_nothing_of_the_other(here: There) -> None:
    sam = here.person()
    card = sam.asks("status dee")
    form = sam.chooses(card, "Extend")
    house = here.house
    southern = Deed(house.now.date(), house.now, course="NPQH")
    until = date(2022, 7, 29)
    extension.extend(
        house.installation, Actor.console("Southern"), "h-4", southern, output=1, until=until, reason="workload"
    )
    seen = [
        card,
        sam.asks("status dee"),
        sam.asks("status dee NPQH"),
        sam.chooses(card, "Defer"),
        sam.chooses(card, "Details"),
        sam.chooses(card, "Log contact"),
        sam.chooses(of_before(card), "Extend"),
        sam.fills(of_before(form), "Extend", new_deadline="2022-08-01", reason="Workload"),
        sam.fills(form, "Extend", new_deadline="2022-08-01", reason="Workload"),
        sam.asks("at-risk"),
        sam.asks("status dee parte"),
    ]
    for each in seen:
        words = plain(each.words).replace("status dee NPQH", "").replace("is not on NPQH", "")
        about_dee = [line for line in words.splitlines() if "Nia" not in line and "Tia" not in line]
        assert not any("Southern" in line or "29 July" in line for line in about_dee), words
        assert "Headship" not in words, words
    assert sam.finds(sam.asks("status"), "dee") == ["Dee Parted · NPQSL, cohort 1"]
    assert here.person("Lee").asks("status dee").buttons == ["Status: NPQH", "Status: NPQSL"]


def test_in_a_post_too(here: There) -> None:
    here.house.posts_go_to("C0TEAM")
    here.house.teams_posts_go_to(TEAM)
    here.house.hurry()
    about = [plain(post.words) for post in here.posts("Dee Parted")]
    assert about
    assert all("Dee Parted · NPQSL" in words and "Southern" not in words for words in about)


# --- lists and posts --------------------------------------------------------------------------------------------------


def test_people_and_enrolments_are_each_called_what_they_are(here: There) -> None:
    sam = here.person()
    assert "At risk: 7 people, 9 enrolments" in plain(sam.asks("at-risk").words)
    reviews = plain(sam.asks("reviews").words)
    assert "0 of 4 enrolments evidenced, 4 wait for an earlier output" in reviews
    assert "0 of 5 evidenced, 1 waits for an earlier output" in reviews
    report = plain(sam.asks("report").words)
    assert "Participants: 7 people, 10 enrolments: 10 at one of the outputs below." in report
    assert "Current output of 4 enrolments." in report


def test_a_row_of_a_list_is_chosen_with_its_course(here: There) -> None:
    sam = here.person()
    listed = sam.asks("at-risk NPQSL")
    assert "NPQSL, cohort 1" in plain(sam.chooses(listed, "Extend", "Tia Threes").words)
    if here.platform == "teams":
        every = sam.asks("at-risk")
        assert "NPQSL, cohort 1" in plain(sam.chooses(every, "Extend", "Tia Threes (NPQSL)").words)


def test_a_post_names_somebody_once_with_both_courses_and_asks_which(here: There) -> None:
    sam, house = here.person(), here.house
    for course in ("NPQH", "NPQSL"):
        house.load(DECLARED.format("h-3", course))
    house.posts_go_to("C0TEAM")
    house.teams_posts_go_to(TEAM)
    house.hurry()
    [post] = here.posts("Output 2: review on 23 June 2022", "Leadership")
    said = plain(post.words)
    assert said.count("Tia Threes") == 1
    assert "Tia Threes · NPQH · Can't tell yet" in said
    assert "\nNPQSL · Can't tell yet · review coming up\nNeeds the same as NPQH." in said
    assert "0 of 4 enrolments evidenced. 2 enrolments wait for an earlier output." in said
    assert "1 person is not evidenced yet." in said
    asked = sam.chooses(post, "Extend", "Tia Threes")
    assert {"Extend: NPQH", "Extend: NPQSL"} <= set(asked.buttons)
    form = sam.chooses(asked, "Extend: NPQSL")
    assert "Output 2" in plain(form.words)
    sam.fills(form, "Extend", new_deadline="2022-07-29", reason="Workload")
    house.hurry()
    [post] = here.posts("Output 2: review on 23 June 2022", "Leadership")
    said = plain(post.words)
    assert "NPQSL · Can't tell yet · review coming up, deadline extended to 29 July 2022" in said
    assert "Tia Threes · NPQH · Can't tell yet · review coming up\n" in said
    specialist = here.posts("Output 1: please get in touch", "Specialist")
    assert all("Tia Threes · NPQLTD" in plain(each.words) and "NPQH" not in each.words for each in specialist)


def test_a_redrawn_post_tells_of_the_course_that_it_named(here: There) -> None:
    house = here.house
    for course in ("NPQH", "NPQSL"):
        house.load(DECLARED.format("h-3", course))
    house.load(ATTENDED.format("NPQH"))
    house.posts_go_to("C0TEAM")
    house.teams_posts_go_to(TEAM)
    house.hurry()
    [post] = here.posts("Output 2: review on 23 June 2022", "Tia Threes")
    assert "Tia Threes · NPQSL" in plain(post.words)
    house.load(ATTENDED.format("NPQSL"))
    house.hurry()
    [post] = here.posts("Output 2: review on 23 June 2022", "Tia Threes")
    said = plain(post.words)
    assert "Tia Threes · NPQSL · Met on 10 May 2022" in said
    assert "NPQH" not in said.partition("Tia Threes")[2].partition("\n")[0]
    assert "NPQH · Met" not in said
