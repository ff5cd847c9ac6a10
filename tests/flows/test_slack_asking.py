"""Questions in Slack as they come there alone: mentions, direct messages, and what Slack itself makes of what is typed."""

from __future__ import annotations

from tests.fakes.slack import controls, words
from tests.flows.conftest import House
from tests.flows.people import Person


def test_any_word_can_be_typed(sam: Person) -> None:
    """Bolt loses a command with this one in it."""
    assert "payload" in sam.says("/npq status payload").words


def test_status_by_an_email_that_slack_makes_a_link_of(sam: Person) -> None:
    told = sam.says("/npq status <mailto:jane.smith@example.org|jane.smith@example.org>").words
    assert "Jane Smith" in told.splitlines()[0]


def test_what_is_typed_cannot_shout_either(sam: Person) -> None:
    """The fake refuses any mrkdwn in which `<!channel>` stands unescaped."""
    assert "<!channel>" in sam.says("/npq status &lt;!channel&gt; &amp; <b>").words
    assert "<!everyone>" in sam.says("/npq <!everyone>").words


def test_a_mention_is_answered_privately_and_once(house: House, sam: Person) -> None:
    asked = {"type": "app_mention", "text": "<@U0NPQBOT> status jane smith"}
    assert sam.event(asked, event_id="Ev1").status_code == 200
    assert house.slack.wait_until(lambda: len(house.slack.whispers) == 1)
    assert sam.event(asked, event_id="Ev1", retry=1).status_code == 200
    house.ends()
    assert len(house.slack.whispers) == 1
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
    house.ends()
    assert house.slack.said("D0SAM") == []


def test_an_act_asked_for_in_a_message_is_answered_with_its_buttons(house: House, sam: Person) -> None:
    house.slack.channel("D0SAM")
    sam.event({"type": "message", "channel_type": "im", "channel": "D0SAM", "text": "extend jane smith"})
    assert house.slack.wait_until(lambda: bool(house.slack.said("D0SAM")))
    assert {"Extend", "Defer"} <= {c["text"]["text"] for c in controls(house.slack.said("D0SAM")[0]) if "text" in c}
