"""One scenario on both platforms: asked and decided alike, and what is recorded is the same to the letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from core.services import enquiries
from tests.fakes.slack import Whisper, controls
from tests.fakes.slack import words as slack_words
from tests.fakes.teams_cards import labels
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE
from tests.flows.people import Person
from tests.flows.people import shown as slack_shown
from tests.flows.two_platforms import ADA, SAM, STRANGER, TEAM, VERA, TwoPlatforms

USERS = {
    "Sam": ("U0COORD", SAM),
    "Vera": ("U0LOOK", VERA),
    "Ada": ("U0ADMIN", ADA),
    "a stranger": ("U0STRANGER", STRANGER),
}


class Hand(Protocol):
    """Somebody at one platform. What is shown there is that platform's own; words are words."""

    def asks(self, text: str) -> Any: ...

    def words(self, shown: Any) -> str: ...

    def buttons(self, shown: Any) -> set[str]: ...

    def opens(self, shown: Any, label: str) -> Any: ...

    def sends(self, form: Any, button: str, **values: str) -> str: ...

    def wrong(self, form: Any, button: str, **values: str) -> str: ...

    def is_asked(self, form: Any, button: str, **values: str) -> Any: ...

    def post_about(self, name: str) -> Any: ...

    def opens_on_post(self, post: Any, label: str, name: str) -> Any: ...


@dataclass
class InSlack:
    house: TwoPlatforms
    person: Person

    def asks(self, text: str) -> Whisper:
        return self.person.says(f"/npq {text}")

    def words(self, shown: Any) -> str:
        return shown.words if isinstance(shown, Whisper) else slack_words(shown)

    def buttons(self, shown: Whisper) -> set[str]:
        found = set()
        for control in controls(shown.message):
            found |= {o["text"]["text"] for o in control.get("options") or [control] if "text" in o}
        return found

    def opens(self, shown: Whisper, label: str) -> Any:
        before = len(self.house.slack.whispers)
        if label in ("Status", "Help", "Yes, do that"):
            self.person.is_told(shown.message, label)
            return self.house.slack.whispers[before]
        return self.person.opens(shown.message, label)

    def sends(self, form: Any, button: str, **values: str) -> str:
        return slack_shown(self.person.submits(form, **values))

    def wrong(self, form: Any, button: str, **values: str) -> str:
        return "\n".join(self.person.submits(form, **values)["errors"].values())

    def is_asked(self, form: Any, button: str, **values: str) -> Any:
        answer = self.person.submits(form, **values)
        assert answer["response_action"] == "update"
        return {**answer["view"], "id": form["id"]}  # Slack keeps the view and changes what is in it

    def post_about(self, name: str) -> Any:
        return self.house.posts(name)[0]

    def opens_on_post(self, post: Any, label: str, name: str) -> Any:
        return self.person.opens(post, label, near=name)


@dataclass
class InTeams:
    house: TwoPlatforms
    colleague: Colleague

    def asks(self, text: str) -> Shown:
        return self.colleague.says(text)

    def words(self, shown: Shown) -> str:
        return shown.words

    def buttons(self, shown: Shown) -> set[str]:
        return set(labels(shown.card or {})) - {"Go"}

    def opens(self, shown: Shown, label: str) -> Shown:
        return self.colleague.presses(shown, label)

    def sends(self, form: Shown, button: str, **values: str) -> str:
        return self.colleague.is_told(form, button, **values)

    def wrong(self, form: Shown, button: str, **values: str) -> str:
        return "\n".join(each[2:] for each in self.sends(form, button, **values).splitlines() if each.startswith("⚠ "))

    def is_asked(self, form: Shown, button: str, **values: str) -> Shown:
        return self.colleague.presses(form, button, **values)

    def post_about(self, name: str) -> Shown:
        return self.house.in_teams(name)[0]

    def opens_on_post(self, post: Shown, label: str, name: str) -> Shown:
        return self.colleague.presses(post, label, whom=name)


def hand_of(house: TwoPlatforms, platform: str, who: str = "Sam") -> Hand:
    here, there = USERS[who]
    return InSlack(house, house.person(here)) if platform == "slack" else InTeams(house, house.colleague(there))


def hands(house: TwoPlatforms, who: str = "Sam") -> tuple[Hand, Hand]:
    return hand_of(house, "slack", who), hand_of(house, "teams", who)


def plain(text: str) -> set[str]:
    """The words, without what tells the platforms apart: marks of a style, how a command is begun, whose id it is."""
    for here, there in USERS.values():
        text = text.replace(there, here)
    text = text.replace("--platform teams", "--platform slack").replace("/npq ", " ")
    return {word.rstrip(":") for word in re.sub(r"[*_`]", "", text).split()}


def recorded(house: TwoPlatforms, who: str = "p-001") -> list[tuple[str, str]]:
    found = enquiries.case(house.installation, CONSOLE, who, as_of=house.now.date()).history
    return [(line.text, line.by) for line in found]


ON_BOTH = pytest.mark.parametrize("platform", ["slack", "teams"])


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
        assert here.buttons(in_slack) == there.buttons(in_teams), asked
        beside = plain(" ".join([*here.buttons(in_slack), "Whom is it about? Type a name"]))
        assert plain(here.words(in_slack)) - beside == plain(there.words(in_teams)) - beside, asked


def test_details_are_the_same_on_both(both: TwoPlatforms) -> None:
    here, there = hands(both)
    in_slack = here.words(here.opens(here.asks("status jane smith"), "Details"))
    in_teams = there.words(there.opens(there.asks("status jane smith"), "Details"))
    assert plain(in_slack) - {"Close"} <= plain(in_teams)
    assert plain(in_teams) - {"Details"} <= plain(in_slack)  # in Slack that is the dialog's title


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


@ON_BOTH
@pytest.mark.parametrize("act", ACTS)
def test_an_act_from_the_status_is_recorded_alike(both: TwoPlatforms, platform: str, act: str) -> None:
    label, button, values, said = ACTS[act]
    hand = hand_of(both, platform)
    told = hand.sends(hand.opens(hand.asks("status jane smith"), label), button, **values)
    ((text, by),) = recorded(both)
    assert by == "Sam Coordinator"
    for part in said:
        assert part.casefold() in text.casefold()
        assert part.casefold() in told.casefold()
    assert "Jane Smith" in told


@ON_BOTH
@pytest.mark.parametrize("act", ACTS)
def test_an_act_from_a_post_is_recorded_alike_and_both_posts_say_it(
    both: TwoPlatforms, platform: str, act: str
) -> None:
    both.posts_go_to("C0TEAM")
    both.teams_posts_go_to(TEAM)
    both.tick()
    label, button, values, _ = ACTS[act]
    hand = hand_of(both, platform)
    post = hand.post_about("Jane Smith")
    hand.sends(hand.opens_on_post(post, label, "Jane Smith"), button, **values)
    assert both.slack.wait_until(lambda: bool(pencilled(slack_words(both.posts("Jane Smith")[0]))))
    assert both.teams.wait_until(lambda: bool(pencilled(both.in_teams("Jane Smith")[0].words)))
    in_slack, in_teams = both.posts("Jane Smith"), both.in_teams("Jane Smith")
    assert len(in_slack) == len(in_teams) == 1
    assert pencilled(slack_words(in_slack[0])) == pencilled(in_teams[0].words)
    assert "by Sam Coordinator" in pencilled(in_teams[0].words)[0]


def pencilled(words: str) -> list[str]:
    """The lines of a post that say what was decided since it went out."""
    return [line for line in words.splitlines() if line.startswith("✎")]


@pytest.mark.parametrize("act", ACTS)
def test_what_is_recorded_says_nothing_of_where_it_was_done(both: TwoPlatforms, act: str) -> None:
    """Sam does it to one in Slack and to another in Teams."""
    label, button, values, _ = ACTS[act]
    for hand, who in zip(hands(both), ("p-001", "p-002"), strict=True):
        hand.sends(hand.opens(hand.asks(f"status {who}"), label), button, **values)
    assert recorded(both, "p-001") == recorded(both, "p-002")


@ON_BOTH
def test_a_wrong_value_is_said_in_the_same_words(both: TwoPlatforms, platform: str) -> None:
    hand = hand_of(both, platform)
    form = hand.opens(hand.asks("status jane smith"), "Extend")
    assert hand.wrong(form, "Extend", new="2022-06-20", reason="Workload") == WRONG
    assert recorded(both) == []


WRONG = "The new deadline must be later than 14 July 2022; please choose 15 July 2022 or a later day."


@ON_BOTH
def test_a_late_press_is_told_what_was_decided_on_the_other_platform(both: TwoPlatforms, platform: str) -> None:
    hand, other = (hand_of(both, platform), hand_of(both, "teams" if platform == "slack" else "slack", "Ada"))
    old = hand.asks("status jane smith")
    other.sends(other.opens(other.asks("status jane smith"), "Extend"), "Extend", new="2022-07-29", reason="Workload")
    said = hand.words(hand.opens(old, "Extend")).replace("*", "")
    assert "Already recorded since then: Output 2 extended to 29 July 2022 by Ada Admin" in said


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


@ON_BOTH
@pytest.mark.parametrize("doubted", DOUBTED)
def test_a_date_outside_the_course_is_asked_about_before_it_is_recorded(
    both: TwoPlatforms, platform: str, doubted: str
) -> None:
    label, button, values, question, yes = DOUBTED[doubted]
    hand = hand_of(both, platform)
    asked = hand.is_asked(hand.opens(hand.asks("status jane smith"), label), button, **values)
    assert question in hand.words(asked)
    asked = hand.is_asked(asked, button)  # sent once more as it stands: what was filled in is kept, and it says no
    assert question in hand.words(asked)
    assert recorded(both) == []
    told = hand.sends(asked, button, **{f"⚠ {question[:12].casefold()}": yes})
    assert question.removesuffix(" Is it meant?") in told, "the warning stays beside what was recorded"
    assert len(recorded(both)) == 1


@ON_BOTH
def test_a_corrected_date_is_not_asked_about_again(both: TwoPlatforms, platform: str) -> None:
    hand = hand_of(both, platform)
    form = hand.opens(hand.asks("status jane smith"), "Extend")
    asked = hand.is_asked(form, "Extend", new="2036-07-29", reason="Workload")
    hand.sends(asked, "Extend", new="2022-07-29")
    assert [text for text, _ in recorded(both)] == ["Output 2 extended to 29 July 2022"]


@ON_BOTH
def test_yes_to_one_date_is_no_yes_to_another(both: TwoPlatforms, platform: str) -> None:
    hand = hand_of(both, platform)
    form = hand.opens(hand.asks("status jane smith"), "Defer")
    first = hand.is_asked(form, "Defer", first="2016-06-16", agreed="2099-01-01", reason="Other")
    second = hand.is_asked(first, "Defer", **{"⚠ 16 june 2016": "Yes, I mean 16 June 2016"})
    assert "1 January 2099 lies after the last date" in hand.words(second)
    assert recorded(both) == []
    hand.sends(second, "Defer", **{"⚠ 1 january 2099": "Yes, I mean 1 January 2099"})
    assert [text for text, _ in recorded(both)] == ["Deferred from 16 June 2016, agreed return 1 January 2099"]
