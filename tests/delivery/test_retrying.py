"""What staff are told when they send a message again while its platform takes no posts, and what then becomes of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.conversation.cards.outbox_cards import state, when
from bot.slack.send import SlackSender
from core.database.database import writing
from core.posts.outbox import Lane, Message
from core.reminders import occasions
from core.rules.calendar import LONDON
from core.services import outbox_actions
from core.services.refusals import Refusal
from tests.delivery.conftest import CONSOLE, NOW, Outpost

ASKED = 1200  # seconds that Slack asks to wait


@pytest.fixture
def asked_to_wait(outpost: Outpost) -> Outpost:
    """Two messages for one channel; Slack has answered the first with 429."""
    outpost.people("Hub A", "Jane Doe")
    outpost.people("Hub A", "Ann Li", course="NPQH")
    outpost.bind("C1", "Hub A")
    outpost.slack.trouble("chat.postMessage", "status", 429, retry_after=ASKED)
    outpost.glance()
    return outpost


def live(outpost: Outpost) -> list[Message]:
    """The messages that are still wanted: those of earlier days are superseded from the start."""
    return [message for message in outpost.messages() if message.state != "superseded"]


def waiting(outpost: Outpost) -> int:
    return next(message.id for message in outpost.messages("waiting")) or 0


def planned(outpost: Outpost) -> int:
    return next(message.id for message in outpost.messages("planned")) or 0


def cancel(outpost: Outpost, message: int) -> str:
    return outbox_actions.cancel(outpost.installation, CONSOLE, message, now=NOW).said


def retry(outpost: Outpost, message: int, *, may_repeat: bool = False) -> outbox_actions.OutboxChange:
    return outbox_actions.retry(outpost.installation, CONSOLE, message, now=NOW, may_repeat=may_repeat)


def becomes(outpost: Outpost, message: int, state: str, reason: str = "") -> int:
    with writing(outpost.installation.engine) as session:
        session.execute(update(Message).where(Message.id == message).values(state=state, reason=reason))  # type: ignore[arg-type]
    return message


def cancelled_first(outpost: Outpost) -> int:
    message = waiting(outpost)
    cancel(outpost, message)
    return message


def cancelled_second(outpost: Outpost) -> int:
    message = planned(outpost)
    cancel(outpost, message)
    return message


AGAIN: dict[str, Callable[[Outpost], int]] = {
    "the one that Slack did not take, cancelled": cancelled_first,
    "the one behind it, cancelled": cancelled_second,
    "failed": lambda outpost: becomes(outpost, planned(outpost), "failed", "msg_too_long"),
    "held": lambda outpost: becomes(outpost, planned(outpost), "held", "missing_scope"),
}


def about() -> set[str]:
    """The times that may be named for when the wait ends, on a clock that goes on meanwhile."""
    ends = datetime.now(UTC).astimezone(LONDON) + timedelta(seconds=ASKED)
    return {f"{ends + timedelta(seconds=seconds):%H:%M}" for seconds in (-60, 0, 60)}


@pytest.mark.parametrize("which", AGAIN.values(), ids=AGAIN)
def test_it_goes_out_once_slack_takes_posts_again(asked_to_wait: Outpost, which: Callable[[Outpost], int]) -> None:
    message = which(asked_to_wait)
    change = retry(asked_to_wait, message, may_repeat=True)
    told = re.fullmatch(
        rf"Message {message} goes out when Slack takes posts again, about (\d\d:\d\d), if it is still due then\.",
        change.said,
    )
    assert told is not None, change.said
    assert told[1] in about(), "by the real clock, in a rehearsal too"
    assert change.delivery.state == "planned"
    assert state(change.delivery) == f"Goes out when Slack takes posts again, about {told[1]}"
    tries = asked_to_wait.tries()
    asked_to_wait.glance()
    assert asked_to_wait.tries() == tries, "what Slack has asked for is kept"
    asked_to_wait.hurry(NOW + timedelta(minutes=21), ahead=ASKED + 60)
    assert [m.state for m in live(asked_to_wait)] == ["sent", "sent"]
    assert len(asked_to_wait.said()) == 2


def test_only_what_waits_by_itself_is_refused(asked_to_wait: Outpost) -> None:
    for message in (waiting(asked_to_wait), planned(asked_to_wait)):
        with pytest.raises(Refusal, match=r"goes out by itself when Slack takes posts again, about \d\d:\d\d[.;]"):
            retry(asked_to_wait, message)
    [first, second] = outbox_actions.listing(asked_to_wait.installation, CONSOLE, now=NOW)
    assert (first.state, second.state) == ("waiting", "planned")
    assert "goes out when Slack takes posts again, about" in when(first)
    assert not outbox_actions.retryable(first)


def test_a_wait_that_is_over_is_not_told_of(asked_to_wait: Outpost) -> None:
    message = cancelled_first(asked_to_wait)
    ago = datetime.now(UTC) - timedelta(hours=1)
    with writing(asked_to_wait.installation.engine) as session:
        session.execute(update(Lane).values(wait_since_real=ago, wait_until_real=ago + timedelta(seconds=ASKED)))
    assert (
        retry(asked_to_wait, message).said == f"Message {message} goes out with the next pass, if it is still due then."
    )


def test_a_wait_for_a_post_that_may_still_arrive_is_not_slacks(outpost: Outpost) -> None:
    """The channel waits for its first post; whoever cancels and retries the second is told of the next pass."""
    outpost.people("Hub A", "Jane Doe")
    outpost.people("Hub A", "Ann Li", course="NPQH")
    outpost.bind("C1", "Hub A")
    outpost.slack.trouble("chat.postMessage", "hang_up_before")
    outpost.glance()
    outpost.glance()
    assert [message.state for message in live(outpost)] == ["unknown", "planned"]
    message = cancelled_second(outpost)
    assert "with the next pass" in retry(outpost, message).said
    with pytest.raises(Refusal, match="on its way just now"):
        retry(outpost, outpost.messages("unknown")[0].id or 0)


def test_the_rest_of_a_message_waits_like_a_whole_one(small: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first page is out, the second was answered with 429."""
    small.people("Hub A", *(f"Person {number:02d}" for number in range(30)))
    small.bind("C1", "Hub A")
    post = SlackSender.post

    def and_no_more(*given: Any) -> Any:
        address = post(*given)
        small.slack.trouble("chat.postMessage", "status", 429, retry_after=ASKED)
        return address

    with monkeypatch.context() as patch:
        patch.setattr(SlackSender, "post", and_no_more)
        small.tick()
    message = waiting(small)
    assert "The rest of message" in cancel(small, message)
    assert "when Slack takes posts again" in retry(small, message).said
    [listed] = outbox_actions.listing(small.installation, CONSOLE, now=NOW)
    assert re.match(r"Partly sent; the rest goes out when Slack takes posts again, about \d\d:\d\d", state(listed))
    assert not outbox_actions.retryable(listed)
    with pytest.raises(Refusal, match=f"The rest of message {message} goes out by itself when Slack"):
        retry(small, message)
    assert "The rest of message" in cancel(small, message), "it can be taken back as before"
    retry(small, message)
    small.hurry(NOW + timedelta(minutes=21), ahead=ASKED + 60)
    assert [m.state for m in live(small)] == ["sent"]
    assert len(small.said()) == len(small.posts())


def test_what_waits_behind_one_that_its_channel_refused_can_be_tried_at_once(small: Outpost) -> None:
    small.people("Hub A", "Jane Doe")
    small.people("Hub A", "Ann Li", course="NPQH")
    small.bind("C1", "Hub A", archived=True)
    small.glance()
    small.slack.channels["C1"].archived = False
    message = planned(small)
    [behind] = [each for each in outbox_actions.listing(small.installation, CONSOLE, now=NOW) if each.id == message]
    assert outbox_actions.retryable(behind)
    assert "with the next pass" in retry(small, message).said
    small.hurry(NOW + timedelta(seconds=5), ahead=5)
    assert [m.state for m in live(small)] == ["sent", "sent"]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_cancelled_and_retried_meanwhile_goes_out_once(
    asked_to_wait: Outpost, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occasions.Occasion, "may_repeat", False)
    dice, last = random.Random(seed), dict[int, str]()
    ids = [message.id or 0 for message in live(asked_to_wait)]
    for step in range(12):
        message, act = dice.choice(ids), dice.choice(("cancel", "retry", "pass"))
        with suppress(Refusal):  # whoever is refused has nothing to do
            if act == "cancel":
                cancel(asked_to_wait, message)
                last[message] = act
            elif act == "retry":
                retry(asked_to_wait, message)
                last[message] = act
            else:
                asked_to_wait.glance(NOW + timedelta(seconds=step))
    asked_to_wait.hurry(NOW + timedelta(minutes=30), ahead=ASKED + 600)
    wanted = [message for message in ids if last.get(message) != "cancel"]
    assert [m.id for m in asked_to_wait.messages("sent")] == wanted
    assert len(asked_to_wait.said()) == len(wanted)
