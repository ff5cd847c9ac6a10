"""Questions by slash command: what comes back, to whom, and in which words."""

from __future__ import annotations

import pytest

from tests.fakes.slack import controls, words
from tests.flows.conftest import House, many
from tests.flows.people import Person


def test_help_lists_the_words(sam: Person) -> None:
    answer = sam.says("/npq help")
    for word in ("status", "at-risk", "reviews", "extend", "defer", "contact", "report"):
        assert word in answer.words


def test_nothing_typed_is_answered_with_help(sam: Person) -> None:
    assert "status" in sam.says("/npq").words


def test_a_word_that_is_nearly_right_gets_a_suggestion(sam: Person) -> None:
    assert "status" in sam.says("/npq statsu jane").words


def test_a_name_alone_is_offered_as_status(sam: Person) -> None:
    answer = sam.says("/npq jane smith")
    assert "Did you mean /npq status jane smith?" in answer.words.replace("*", "")
    assert "Yes, do that" in [one["text"]["text"] for one in controls(answer.message) if one["type"] == "button"]


def test_a_greeting_is_answered_with_one_button(sam: Person) -> None:
    for typed, heading in (("hello", "Hello"), ("thanks!", "You're welcome")):
        answer = sam.says(f"/npq {typed}")
        assert heading in answer.words
        assert [one["text"]["text"] for one in controls(answer.message)] == ["Help"]


def test_what_at_risk_does_not_know_is_not_called_a_delivery_partner(sam: Person) -> None:
    said = sam.says("/npq at-risk cohort 1 sam green").words
    assert "I understood cohort 1, but I don't know “sam green” here." in said
    assert "Delivery Partner “" not in said


@pytest.mark.parametrize(
    ("typed", "told", "offered"),
    [
        (
            "at-risk Northern Hub, Southern Hub",
            "at-risk takes one Delivery Partner at a time, not Northern Hub and Southern Hub.",
            ["at-risk Northern Hub", "at-risk Southern Hub"],
        ),
        (
            "report Northern Hub and Southern Hub",
            "report takes one Delivery Partner at a time",
            ["report Northern Hub", "report Southern Hub"],
        ),
        (
            "at-risk NPQLTD NPQLT output 2",
            "at-risk takes one course at a time, not NPQLTD and NPQLT.",
            ["at-risk NPQLTD output 2", "at-risk NPQLT output 2"],
        ),
        (
            "at-risk cohorts 1, 2 and 3",
            "at-risk takes one cohort at a time, not cohort 1, cohort 2 and cohort 3.",
            ["at-risk cohort 1", "at-risk cohort 2", "at-risk cohort 3"],
        ),
    ],
)
def test_several_in_one_are_offered_one_by_one(house: House, typed: str, told: str, offered: list[str]) -> None:
    answer = house.person("U0LEAD").says(f"/npq {typed}")
    assert told in answer.words
    assert [one["text"]["text"] for one in controls(answer.message) if one["type"] == "button"] == offered


def test_another_partner_is_not_known_to_who_may_not_see_it(sam: Person) -> None:
    answer = sam.says("/npq at-risk Northern Hub, Southern Hub")
    assert "I don't know “Southern Hub” here" in answer.words
    assert "at-risk Southern Hub" not in answer.words


@pytest.mark.parametrize("typed", ["5", "2024", "cohort 2021", "NPQLTD 9", "cohort 5"])
def test_a_cohort_that_the_pack_lacks_is_refused_with_those_it_has(sam: Person, typed: str) -> None:
    assert "; the cohorts are 1, 2, 3, 4." in sam.says(f"/npq at-risk {typed}").words


@pytest.mark.parametrize("typed", ["cohort 1 cohort 1", "Northern Hub Northern Hub"])
def test_the_same_twice_is_asked_for_once(sam: Person, typed: str) -> None:
    assert "At risk: " in sam.says(f"/npq at-risk {typed}").words


def test_a_list_that_cannot_be_narrowed_so_is_offered_whole(sam: Person) -> None:
    answer = sam.says("/npq report Northern Hub cohort 1")
    assert "I can't narrow report to cohort 1." in answer.words
    assert "report Northern Hub" in [one["text"]["text"] for one in controls(answer.message)]


def test_any_word_can_be_typed(sam: Person) -> None:
    """Bolt loses a command with this one in it."""
    assert "payload" in sam.says("/npq status payload").words


def test_status_by_name_is_private_and_says_what_is_still_needed(house: House, sam: Person) -> None:
    answer = sam.says("/npq status jane smith")
    assert "Jane Smith" in answer.words
    assert "NPQLTD" in answer.words
    assert "23 June 2022" in answer.words
    assert house.slack.said("C0TEAM") == []


@pytest.mark.parametrize(
    "who", ["p-001", "JANE.SMITH@example.org", "<mailto:jane.smith@example.org|jane.smith@example.org>"]
)
def test_status_by_id_or_email(sam: Person, who: str) -> None:
    assert "Jane Smith" in sam.says(f"/npq status {who}").words


def test_two_people_of_one_name_are_both_offered_and_nothing_is_guessed(sam: Person) -> None:
    answer = sam.says("/npq status jane")
    assert "Jane Smith" in answer.words
    assert "Jane Doe" in answer.words
    assert "23 June 2022" not in answer.words


def test_one_of_two_can_be_chosen_from_the_answer(sam: Person) -> None:
    answer = sam.says("/npq status jane")
    status_of_doe = [c for c in controls(answer.message) if c["type"] == "button" and "p-002" in c.get("value", "")]
    assert status_of_doe, "no button chooses Jane Doe"
    told = sam.is_told(answer.message, status_of_doe[0]["text"]["text"], near="Jane Doe")
    assert "Jane Doe" in told
    assert "23 June 2022" in told


def test_someone_absent_and_someone_whom_one_may_not_see_read_the_same(house: House) -> None:
    """Zoe is with Southern Hub: for Northern's coordinator she does not exist."""
    sam, ada = house.person("U0COORD"), house.person("U0ADMIN")
    unseen = sam.says("/npq status Zoe Southern").words
    absent = sam.says("/npq status Zoe Sauthern").words
    assert unseen.replace("Zoe Southern", "NAME") == absent.replace("Zoe Sauthern", "NAME")
    assert sam.says("/npq status p-100").words.replace("p-100", "ID") == sam.says("/npq status p-999").words.replace(
        "p-999", "ID"
    )
    assert "NPQLTD" in ada.says("/npq status Zoe Southern").words


def test_a_name_cannot_shout(sam: Person) -> None:
    """The fake refuses any mrkdwn in which `<!channel>` stands unescaped."""
    answer = sam.says("/npq status ann")
    assert "Ann <!channel> & Co" in answer.words


def test_what_is_typed_cannot_shout_either(sam: Person) -> None:
    assert "<!channel>" in sam.says("/npq status &lt;!channel&gt; &amp; <b>").words
    assert "<!everyone>" in sam.says("/npq <!everyone>").words


def test_an_unlinked_person_is_told_their_id_and_what_to_do(house: House) -> None:
    told = house.person("U0STRANGER").says("/npq status jane").words
    wanted = (
        'npq staff add --platform slack --id U0STRANGER --name "YOUR NAME" --role ROLE --partner "DELIVERY PARTNER"'
    )
    assert wanted in told
    assert told.count("I don't know you yet") == 1
    assert "Jane" not in told


def test_at_risk_comes_in_pages_that_turn(house: House, sam: Person) -> None:
    house.load(*many(60))
    seen: set[str] = set()
    page = sam.says("/npq at-risk NPQLTD 1")
    for _ in range(40):
        seen |= {f"Person {n:03d}" for n in range(60) if f"Person {n:03d} " in page.words}
        forward = [c for c in controls(page.message) if c["type"] == "button" and "Next" in c["text"]["text"]]
        if not forward:
            break
        sam.is_told(page.message, forward[0]["text"]["text"])
        page = house.slack.whispers[-1]
        assert page.replaces, "a turned page takes the place of the one before"
    assert len(seen) == 60


def test_at_risk_of_a_course_that_does_not_exist(sam: Person) -> None:
    assert "NPQLTD" in sam.says("/npq at-risk NPQXX").words


def test_reviews(sam: Person) -> None:
    answer = sam.says("/npq reviews")
    assert "23 June 2022" in answer.words
    assert "Northern Hub" in answer.words
    assert "Southern Hub" not in answer.words


def test_report(sam: Person) -> None:
    assert "Northern Hub" in sam.says("/npq report").words


def test_type_ahead_finds_people_one_may_see(sam: Person) -> None:
    answer = sam.says("/npq status jane")
    assert len(sam.looks_up(answer.message, "ja")) == 2
    assert sam.looks_up(answer.message, "zoe") == []


def test_a_mention_is_answered_privately_and_once(house: House, sam: Person) -> None:
    asked = {"type": "app_mention", "text": "<@U0NPQBOT> status jane smith"}
    assert sam.event(asked, event_id="Ev1").status_code == 200
    assert house.slack.wait_until(lambda: len(house.slack.whispers) == 1)
    assert sam.event(asked, event_id="Ev1", retry=1).status_code == 200
    assert not house.slack.wait_until(lambda: len(house.slack.whispers) > 1, seconds=0.5)
    assert house.slack.whispers[0].user == sam.id
    assert "Jane Smith" in house.slack.whispers[0].words
    assert house.slack.said("C0TEAM") == []


def test_a_direct_message_is_read_like_a_command(house: House, sam: Person) -> None:
    house.slack.channel("D0SAM")
    sam.event({"type": "message", "channel_type": "im", "channel": "D0SAM", "text": "help"})
    assert house.slack.wait_until(lambda: bool(house.slack.said("D0SAM")))
    assert "status" in words(house.slack.said("D0SAM")[0])


def test_the_bots_own_messages_are_not_answered(house: House, sam: Person) -> None:
    house.slack.channel("D0SAM")
    own = {"type": "message", "channel_type": "im", "channel": "D0SAM", "text": "help", "bot_id": "B1"}
    assert sam.event(own).status_code == 200
    assert not house.slack.wait_until(lambda: bool(house.slack.said("D0SAM")), seconds=0.3)


def test_nearly_the_right_name_offers_who_may_be_meant(sam: Person) -> None:
    answer = sam.says("/npq status jane smyth")
    assert "Did you mean Jane Smith" in answer.words
    sam.presses(answer.message, "Status", near="Jane Smith")


def test_the_curly_apostrophe_of_a_phone_is_no_other_name(house: House, sam: Person) -> None:
    header = "participant_id,full_name,course,cohort,delivery_partner"
    house.load(f"{header}\np-050,Siobhan O'Dowd,NPQLTD,1,Northern Hub\n")
    assert "Siobhan O'Dowd" in sam.says("/npq status siobhan o’dowd").words.splitlines()[0]


def test_the_menu_after_a_bare_extend_opens_the_form(house: House, sam: Person) -> None:
    """Choosing somebody does what was asked for."""
    answer = sam.says("/npq extend")
    menu = next(c for c in controls(answer.message) if c["type"] == "external_select")
    chosen = sam.interacts(
        {
            "type": "block_suggestion",
            "user": {"id": sam.id},
            "team": {"id": "T1"},
            "api_app_id": "A1",
            "action_id": menu["action_id"],
            "block_id": menu["block_id"],
            "value": "jane smith",
        }
    ).json()["options"][0]
    sam.interacts(
        {
            "type": "block_actions",
            "user": {"id": sam.id, "team_id": "T1"},
            "team": {"id": "T1"},
            "api_app_id": "A1",
            "trigger_id": house.slack.trigger(),
            "response_url": house.slack.response_url(sam.id),
            "container": {"type": "message", "is_ephemeral": True},
            "channel": {"id": "C0TEAM"},
            "actions": [
                {
                    "type": "external_select",
                    "action_id": menu["action_id"],
                    "block_id": menu["block_id"],
                    "selected_option": chosen,
                    "action_ts": "1.1",
                }
            ],
        }
    )
    assert house.slack.wait_until(lambda: bool(house.slack.opened))
    assert house.slack.opened[-1]["title"]["text"] == "Extend the deadline"


def test_an_act_asked_for_in_a_message_is_answered_with_its_buttons(house: House, sam: Person) -> None:
    house.slack.channel("D0SAM")
    sam.event({"type": "message", "channel_type": "im", "channel": "D0SAM", "text": "extend jane smith"})
    assert house.slack.wait_until(lambda: bool(house.slack.said("D0SAM")))
    assert {"Extend", "Defer"} <= {c["text"]["text"] for c in controls(house.slack.said("D0SAM")[0]) if "text" in c}


def test_a_rehearsal_is_named_in_private_answers_and_forms_too(sam: Person) -> None:
    answer = sam.says("/npq status p-001")
    assert "Rehearsal" in answer.words
    assert "Rehearsal" in words(sam.opens(answer.message, "Extend"))
