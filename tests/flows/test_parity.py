"""One scenario on both platforms: asked and decided alike, and what is recorded is the same to the letter."""

from __future__ import annotations

import pytest

from core.services import enquiries
from tests.flows.conftest import CONSOLE
from tests.flows.two_platforms import USERS, Anybody, There, TwoPlatforms, plain


def hands(house: TwoPlatforms, who: str = "Sam") -> tuple[Anybody, Anybody]:
    return There(house, "slack").person(who), There(house, "teams").person(who)


def said(text: str) -> set[str]:
    """The words, without what tells the platforms apart: marks of a style, how a command is begun, whose id it is."""
    for here, there in USERS.values():
        text = text.replace(there, here)
    return {word.rstrip(":") for word in plain(text.replace("--platform teams", "--platform slack")).split()}


def recorded(house: TwoPlatforms, who: str = "p-001") -> list[tuple[str, str]]:
    found = enquiries.case(house.installation, CONSOLE, who, as_of=house.now.date()).history
    return [(line.text, line.by) for line in found]


QUESTIONS = {
    "Sam": (
        "help",
        "",
        "status jane smith",
        "status jane",
        "status jane smyth",
        "status zoe southern",
        "status ann",
        "statsu jane",
        "at-risk",
        "at-risk NPQLT 1",
        "at-risk NPQXX",
        "reviews",
        "report",
        "extend",
        "outbox",
    ),
    "Ada": ("status zoe southern", "at-risk"),
    "Vera": ("status jane smith", "extend jane smith", "outbox"),
    "a stranger": ("status jane", "at-risk", "help"),
}


@pytest.mark.parametrize("who", QUESTIONS)
def test_a_question_has_the_same_answer_on_both(both: TwoPlatforms, who: str) -> None:
    here, there = hands(both, who)
    for asked in QUESTIONS[who]:
        in_slack, in_teams = here.asks(asked), there.asks(asked)
        assert set(in_slack.buttons) == set(in_teams.buttons), asked
        beside = said(" ".join([*in_slack.buttons, "Whom is it about? Type a name"]))
        assert said(in_slack.words) - beside == said(in_teams.words) - beside, asked


def test_details_are_the_same_on_both(both: TwoPlatforms) -> None:
    in_slack, in_teams = (said(hand.chooses(hand.asks("status jane smith"), "Details").words) for hand in hands(both))
    assert in_slack - {"Close"} <= in_teams
    assert in_teams - {"Details"} <= in_slack  # in Slack that is the dialog's title


ACTS: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    "extend": (
        "Extend",
        "Extend",
        {"new": "2022-07-29", "reason": "Workload"},
        ("29 July 2022",),
    ),
    "defer": (
        "Defer",
        "Defer",
        {"first": "2022-06-16", "agreed": "2023-01-09", "reason": "Parental leave"},
        ("9 January 2023",),
    ),
    "contact": ("Log contact", "Log contact", {"how": "Phone", "outcome": "No answer"}, ("phone", "no answer")),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_from_the_status_is_recorded_alike(there: There, act: str) -> None:
    label, button, values, parts = ACTS[act]
    sam = there.person()
    told = sam.fills(sam.chooses(sam.asks("status jane smith"), label), button, **values).words
    ((text, by),) = recorded(there.house)
    assert by == "Sam Coordinator"
    for part in parts:
        assert part.casefold() in text.casefold()
        assert part.casefold() in told.casefold()
    assert "Jane Smith" in told


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.usefixtures("posted")
def test_an_act_from_a_post_is_recorded_alike_and_both_posts_say_it(there: There, act: str) -> None:
    label, button, values, _ = ACTS[act]
    sam, other = there.person(), there.other
    (post,) = there.posts("Jane Smith")
    sam.fills(sam.chooses(post, label, "Jane Smith"), button, **values)
    assert there.wait_until(lambda: bool(pencilled(there)))
    assert other.wait_until(lambda: bool(pencilled(other)))
    assert pencilled(there) == pencilled(other)
    assert "by Sam Coordinator" in pencilled(there)[0]


def pencilled(there: There) -> list[str]:
    """The lines of the post about Jane Smith that say what was decided since it went out."""
    (post,) = there.posts("Jane Smith")
    return [line for line in post.words.splitlines() if line.startswith("✎")]


@pytest.mark.parametrize("act", ACTS)
def test_what_is_recorded_says_nothing_of_where_it_was_done(both: TwoPlatforms, act: str) -> None:
    """Sam does it to one in Slack and to another in Teams."""
    label, button, values, _ = ACTS[act]
    for hand, who in zip(hands(both), ("p-001", "p-002"), strict=True):
        hand.fills(hand.chooses(hand.asks(f"status {who}"), label), button, **values)
    assert recorded(both, "p-001") == recorded(both, "p-002")


def test_a_wrong_value_is_said_in_the_same_words(there: There) -> None:
    sam = there.person()
    form = sam.chooses(sam.asks("status jane smith"), "Extend")
    assert sam.fills(form, "Extend", new="2022-06-20", reason="Workload").wrong == (WRONG,)
    assert recorded(there.house) == []


WRONG = "The new deadline must be later than 14 July 2022; please choose 15 July 2022 or a later day."


def test_a_late_press_is_told_what_was_decided_on_the_other_platform(there: There) -> None:
    sam, ada = there.person(), there.other.person("Ada")
    old = sam.asks("status jane smith")
    ada.fills(ada.chooses(ada.asks("status jane smith"), "Extend"), "Extend", new="2022-07-29", reason="Workload")
    told = sam.chooses(old, "Extend").words.replace("*", "")
    assert "Already recorded since then: Output 2 extended to 29 July 2022 by Ada Admin" in told


DOUBTED: dict[str, tuple[str, str, dict[str, str], str, str]] = {
    # label, button, what is filled in, what is asked, the choice that says yes
    "an extension to 2036": (
        "Extend",
        "Extend",
        {"new": "2036-06-30", "reason": "Workload"},
        "30 June 2036 lies after the last date of NPQLTD in cohort 1 (24 April 2023). Is it meant?",
        "Yes, I mean 30 June 2036",
    ),
    "a deferral to 2099": (
        "Defer",
        "Defer",
        {"first": "2022-06-16", "agreed": "2099-01-01", "reason": "Parental leave"},
        "1 January 2099 lies after the last date of NPQLTD in cohort 4 (23 July 2024). Is it meant?",
        "Yes, I mean 1 January 2099",
    ),
    "a deferral from 2016": (
        "Defer",
        "Defer",
        {"first": "2016-06-16", "agreed": "2023-01-09", "reason": "Parental leave"},
        "16 June 2016 lies before cohort 1 began (1 November 2021). Is it meant?",
        "Yes, I mean 16 June 2016",
    ),
    "a contact in 2016": (
        "Log contact",
        "Log contact",
        {"how": "Phone", "outcome": "No answer", "when": "2016-06-15"},
        "15 June 2016 lies before cohort 1 began (1 November 2021). Is it meant?",
        "Yes, I mean 15 June 2016",
    ),
}


@pytest.mark.parametrize("doubted", DOUBTED)
def test_a_date_outside_the_course_is_asked_about_before_it_is_recorded(there: There, doubted: str) -> None:
    label, button, values, question, yes = DOUBTED[doubted]
    sam = there.person()
    asked = sam.fills(sam.chooses(sam.asks("status jane smith"), label), button, **values)
    assert question in asked.words
    asked = sam.fills(asked, button)  # sent once more as it stands: what was filled in is kept, and it says no
    assert question in asked.words
    assert recorded(there.house) == []
    told = sam.fills(asked, button, **{f"⚠ {question[:12].casefold()}": yes}).words
    assert question.removesuffix(" Is it meant?") in told, "the warning stays beside what was recorded"
    assert len(recorded(there.house)) == 1


def test_a_corrected_date_is_not_asked_about_again(there: There) -> None:
    sam = there.person()
    form = sam.chooses(sam.asks("status jane smith"), "Extend")
    asked = sam.fills(form, "Extend", new="2036-07-29", reason="Workload")
    sam.fills(asked, "Extend", new="2022-07-29")
    assert [text for text, _ in recorded(there.house)] == ["Output 2 extended to 29 July 2022"]


def test_yes_to_one_date_is_no_yes_to_another(there: There) -> None:
    sam = there.person()
    form = sam.chooses(sam.asks("status jane smith"), "Defer")
    first = sam.fills(form, "Defer", first="2016-06-16", agreed="2099-01-01", reason="Other")
    second = sam.fills(first, "Defer", **{"⚠ 16 june 2016": "Yes, I mean 16 June 2016"})
    assert "1 January 2099 lies after the last date" in second.words
    assert recorded(there.house) == []
    sam.fills(second, "Defer", **{"⚠ 1 january 2099": "Yes, I mean 1 January 2099"})
    deferred = "Deferred from 16 June 2016, agreed return 1 January 2099"
    assert [text for text, _ in recorded(there.house)] == [deferred]
