"""Questions that people ask, in Slack and in Teams: what comes back, and in which words."""

from __future__ import annotations

import re

import pytest

from tests.flows.conftest import many
from tests.flows.two_platforms import STAFF_ADD, Anybody, There, plain


@pytest.fixture
def sam(there: There) -> Anybody:
    """The coordinator of Northern Hub."""
    return there.person()


def test_help_lists_the_words_as_they_are_typed_there(there: There, sam: Anybody) -> None:
    answer = sam.asks("help")
    for word in ("status", "at-risk", "reviews", "extend", "defer", "contact", "report", "outbox"):
        assert word in answer.words
    assert ("/npq outbox" in answer.words) == ("/npq" in answer.words) == (there.platform == "slack")


def test_nothing_typed_is_answered_with_help(sam: Anybody) -> None:
    assert "status" in sam.asks("").words


def test_a_word_that_is_nearly_right_gets_a_suggestion_that_can_be_taken(sam: Anybody) -> None:
    answer = sam.asks("statsu jane smith")
    assert "Did you mean status jane smith?" in plain(answer.words)
    assert "23 June 2022" in sam.chooses(answer, "Yes, do that").words


def test_a_command_of_the_console_is_not_taken_for_another(sam: Anybody) -> None:
    answer = sam.asks("move jane smith")
    assert "npq move is a command for the console" in plain(answer.words)
    assert answer.buttons == ["Help"]


def test_a_name_alone_is_offered_as_status(sam: Anybody) -> None:
    answer = sam.asks("jane smith")
    assert "Did you mean status jane smith?" in plain(answer.words)
    assert "Yes, do that" in answer.buttons


def test_a_greeting_is_answered_with_one_button(sam: Anybody) -> None:
    for typed, heading in (("hello", "Hello"), ("thanks!", "You're welcome")):
        answer = sam.asks(typed)
        assert heading in answer.words
        assert answer.buttons == ["Help"]


def test_what_at_risk_does_not_know_is_not_called_a_delivery_partner(sam: Anybody) -> None:
    said = sam.asks("at-risk cohort 1 sam green").words
    assert "I understood cohort 1, but I don't know “sam green” here." in said
    assert "Delivery Partner “" not in said


SEVERAL = {
    "at-risk Northern Hub, Southern Hub": (
        "at-risk takes one Delivery Partner at a time, not Northern Hub and Southern Hub.",
        ["at-risk Northern Hub", "at-risk Southern Hub"],
    ),
    "report Northern Hub and Southern Hub": (
        "report takes one Delivery Partner at a time",
        ["report Northern Hub", "report Southern Hub"],
    ),
    "at-risk NPQLTD NPQLT output 2": (
        "at-risk takes one course at a time, not NPQLTD and NPQLT.",
        ["at-risk NPQLTD output 2", "at-risk NPQLT output 2"],
    ),
    "at-risk cohorts 1, 2 and 3": (
        "at-risk takes one cohort at a time, not cohort 1, cohort 2 and cohort 3.",
        ["at-risk cohort 1", "at-risk cohort 2", "at-risk cohort 3"],
    ),
}


def test_several_in_one_are_offered_one_by_one(there: There) -> None:
    lee = there.person("Lee")
    for typed, (told, offered) in SEVERAL.items():
        answer = lee.asks(typed)
        assert told in answer.words
        assert answer.buttons == offered


def test_another_partner_is_not_known_to_who_may_not_see_it(sam: Anybody) -> None:
    answer = sam.asks("at-risk Northern Hub, Southern Hub")
    assert "I don't know “Southern Hub” here" in answer.words
    assert "at-risk Southern Hub" not in [answer.words, *answer.buttons]


def test_a_cohort_that_the_pack_lacks_is_refused_with_those_it_has(sam: Anybody) -> None:
    for typed in ("5", "2024", "cohort 2021", "NPQLTD 9", "cohort 5"):
        assert "; the cohorts are 1, 2, 3, 4." in sam.asks(f"at-risk {typed}").words, typed


def test_the_same_twice_is_asked_for_once(sam: Anybody) -> None:
    for typed in ("cohort 1 cohort 1", "Northern Hub Northern Hub"):
        assert "At risk: " in sam.asks(f"at-risk {typed}").words, typed


def test_a_list_that_cannot_be_narrowed_so_is_offered_whole(sam: Anybody) -> None:
    answer = sam.asks("report Northern Hub cohort 1")
    assert "I can't narrow report to cohort 1." in answer.words
    assert "report Northern Hub" in answer.buttons


def test_status_is_private_and_says_what_is_still_needed(there: There, sam: Anybody) -> None:
    answer = sam.asks("status jane smith")
    for said in ("Jane Smith", "NPQLTD", "23 June 2022", "What is still needed", "Rehearsal"):
        assert said in answer.words
    assert answer.buttons == ["Extend", "Defer", "Log contact", "Details"]
    assert there.posts() == []


def test_status_by_id_or_email(sam: Anybody) -> None:
    for who in ("p-001", "JANE.SMITH@example.org"):
        assert "Jane Smith" in sam.asks(f"status {who}").words.splitlines()[0], who


def test_two_people_of_one_name_are_both_offered_nothing_is_guessed_and_one_can_be_chosen(sam: Anybody) -> None:
    answer = sam.asks("status jane")
    assert "Jane Smith" in answer.words
    assert "Jane Doe" in answer.words
    assert "23 June 2022" not in answer.words
    told = sam.chooses(answer, "Status", "Jane Doe").words
    assert "Jane Doe" in told
    assert "23 June 2022" in told


def test_nearly_the_right_name_offers_who_may_be_meant(sam: Anybody) -> None:
    answer = sam.asks("status jane smyth")
    assert "Did you mean Jane Smith" in answer.words
    assert "23 June 2022" in sam.chooses(answer, "Status", "Jane Smith").words


def test_someone_absent_and_someone_whom_one_may_not_see_read_the_same(there: There, sam: Anybody) -> None:
    """Zoe is with Southern Hub: for Northern's coordinator she does not exist."""
    unseen, absent = sam.asks("status Zoe Southern").words, sam.asks("status Zoe Sauthern").words
    assert unseen.replace("Zoe Southern", "NAME") == absent.replace("Zoe Sauthern", "NAME")
    unseen, absent = sam.asks("status p-100").words, sam.asks("status p-999").words
    assert unseen.replace("p-100", "ID") == absent.replace("p-999", "ID")
    assert "NPQLTD" in there.person("Ada").asks("status Zoe Southern").words


def test_a_name_cannot_shout(sam: Anybody) -> None:
    """Slack, as the tests have it, refuses any text in which `<!channel>` stands as its own."""
    assert "Ann <!channel> & Co" in sam.asks("status ann").words


def test_the_curly_apostrophe_of_a_phone_is_no_other_name(there: There, sam: Anybody) -> None:
    header = "participant_id,full_name,course,cohort,delivery_partner"
    there.house.load(f"{header}\np-050,Siobhan O'Dowd,NPQLTD,1,Northern Hub\n")
    assert "Siobhan O'Dowd" in sam.asks("status siobhan o’dowd").words.splitlines()[0]


def test_an_unlinked_person_is_told_their_id_and_what_to_do(there: There) -> None:
    told = there.person("a stranger").asks("status jane").words
    assert STAFF_ADD[there.platform] in told
    assert told.count("I don't know you yet") == 1
    assert "Jane" not in told


def test_at_risk_comes_in_pages_that_turn(there: There, sam: Anybody) -> None:
    there.house.load(*many(60))
    page = sam.asks("at-risk NPQLTD 1")
    seen = set(re.findall(r"Person \d{3} ", page.words))
    while "Next ▶" in page.buttons:
        page = sam.turns(page, "Next ▶")
        seen |= set(re.findall(r"Person \d{3} ", page.words))
    assert len(seen) == 60


def test_at_risk_of_a_course_that_does_not_exist(sam: Anybody) -> None:
    assert "NPQLTD" in sam.asks("at-risk NPQXX").words


def test_reviews_and_report(sam: Anybody) -> None:
    reviews = sam.asks("reviews").words
    assert "23 June 2022" in reviews
    assert "Northern Hub" in reviews
    assert "Southern Hub" not in reviews
    assert "Northern Hub" in sam.asks("report").words


def test_type_ahead_finds_people_one_may_see_and_opens_what_was_asked_for(sam: Anybody) -> None:
    for asked in ("status jane", "extend"):
        answer = sam.asks(asked)
        assert sorted(sam.finds(answer, "ja")) == ["Jane Doe · NPQLTD, cohort 1", "Jane Smith · NPQLTD, cohort 1"]
        assert sam.finds(answer, "zoe") == []
    form = sam.picks(answer, "jane smith")
    assert "Extend the deadline" in form.title
    assert "Jane Smith" in form.words


def test_a_rehearsal_is_named_in_private_answers_and_forms_too(sam: Anybody) -> None:
    answer = sam.asks("status p-001")
    assert "Rehearsal" in answer.words
    assert "Rehearsal" in sam.chooses(answer, "Extend").words


def test_a_viewer_may_look_but_not_decide(there: There) -> None:
    vera = there.person("Vera")
    answer = vera.asks("status p-001")
    assert "Jane Smith" in answer.words
    assert answer.buttons == ["Details"]
    assert "viewer" in vera.asks("extend jane smith").words
