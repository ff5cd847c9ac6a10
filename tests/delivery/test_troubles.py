"""A channel that takes no posts: its owner is told once, and the fallback gets the posts meanwhile, each once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.clock import Clock
from bot.delivery.owner_notifying import tell_owners
from bot.delivery.worker import Worker
from core.database.database import writing
from core.database.tables import Notice
from core.posts import owner_notices
from core.posts.outbox import Moment
from core.services.staff import staffing
from tests.delivery.conftest import CONSOLE, NOW, Outpost
from tests.fakes.slack import words

HOUR = timedelta(hours=1, minutes=1)


def staff(outpost: Outpost, user: str, role: str = "coordinator", partner: str | None = None) -> None:
    """Somebody on the list, with a chat of their own with the bot."""
    staffing.add_staff(
        outpost.installation,
        CONSOLE,
        platform="slack",
        platform_id=user,
        name=user,
        role=role,
        partner=partner,
        now=NOW,
    )
    outpost.slack.channel(user)


def bind(
    outpost: Outpost, channel: str, partner: str = "Hub A", *, owner: str | None = None, fallback: str | None = None
) -> None:
    staffing.add_place(
        outpost.installation,
        CONSOLE,
        platform="slack",
        platform_id=channel,
        partner=partner,
        course_group=None,
        cohort=None,
        owner=owner,
        fallback=fallback,
        now=NOW,
    )


@pytest.fixture
def watched(outpost: Outpost) -> Outpost:
    """Hub A's posts go to C1, which is archived; Olive looks after it. On each kind of database in turn."""
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    staff(outpost, "U0OLIVE")
    staff(outpost, "U0ADA", "administrator")
    outpost.slack.channel("C1", archived=True)
    bind(outpost, "C1", owner="U0OLIVE")
    return outpost


def told(outpost: Outpost, user: str = "U0OLIVE") -> list[str]:
    return [words(message) for message in outpost.slack.said(user)]


def test_the_owner_is_told_once_how_to_mend_it(watched: Outpost) -> None:
    for hours in range(5):
        watched.hurry(NOW + hours * HOUR)
    (said,) = told(watched)
    assert "Hub A" in said
    assert "C1" in said
    assert "Unarchive the channel" in said
    assert "they wait" in said
    assert told(watched, "U0ADA") == []
    assert "Jane" not in said


def test_without_an_owner_the_administrators_are_told(small: Outpost) -> None:
    small.people("Hub A", "Jane Doe")
    staff(small, "U0ADA", "administrator")
    staff(small, "U0BEA", "administrator", "Hub A")
    staff(small, "U0SAM")
    small.slack.channel("C1", bot_in=False)
    bind(small, "C1")
    small.hurry()
    small.hurry(NOW + HOUR)
    assert ["/invite @NPQ" in said for user in ("U0ADA", "U0BEA") for said in told(small, user)] == [True, True]
    assert told(small, "U0SAM") == []


def test_an_owner_who_has_left_is_told_no_more(watched: Outpost) -> None:
    staff(watched, "U0BEA", "administrator", "Hub A")
    staffing.remove_staff(watched.installation, CONSOLE, platform="slack", platform_id="U0OLIVE", now=NOW)
    watched.hurry()
    assert told(watched) == []
    assert len(told(watched, "U0BEA")) == 1


def test_another_trouble_and_another_time_are_told_again(watched: Outpost) -> None:
    watched.hurry()
    watched.slack.channels["C1"].archived = False
    watched.slack.channels["C1"].members.clear()
    watched.hurry(NOW + HOUR)
    assert ["Unarchive" in said for said in told(watched)] == [True, False]
    watched.slack.channels["C1"].members.add(watched.slack.bot_user)
    watched.hurry(NOW + 2 * HOUR)
    assert len(watched.said("C1")) == 1
    watched.slack.channels["C1"].archived = True
    later = NOW + timedelta(days=7)  # the next review message
    watched.hurry(later)
    watched.hurry(later + HOUR)
    assert len(told(watched)) == 3


def test_one_message_tells_of_several_channels(small: Outpost) -> None:
    staff(small, "U0OLIVE")
    for letter in "ABC":
        small.people(f"Hub {letter}", f"Jane {letter}")
        small.slack.channel(f"C{letter}", archived=True)
        bind(small, f"C{letter}", f"Hub {letter}", owner="U0OLIVE")
    small.hurry()
    (said,) = told(small)
    assert all(f"C{letter}" in said and f"Hub {letter}" in said for letter in "ABC")


def test_who_cannot_be_told_yet_is_told_later(watched: Outpost) -> None:
    watched.slack.trouble("chat.postMessage", "error", "is_archived")
    watched.slack.trouble("chat.postMessage", "status", 429, retry_after=30)
    report = watched.hurry()
    assert told(watched) == []
    assert any("U0OLIVE" in line for line in report.troubles)
    watched.hurry(NOW + timedelta(minutes=2))
    assert len(told(watched)) == 1


def test_what_may_have_arrived_is_not_told_again(watched: Outpost) -> None:
    watched.slack.trouble("chat.postMessage", "error", "is_archived")
    watched.slack.trouble("chat.postMessage", "hang_up_after")
    for hours in range(3):
        watched.hurry(NOW + hours * HOUR)
    assert len(told(watched)) == 1


def test_who_dies_while_telling_leaves_it_so(watched: Outpost) -> None:
    """Begun, and never brought to an end: the next process does not know whether it arrived."""
    watched.slack.trouble("chat.postMessage", "error", "is_archived")
    watched.slack.trouble("chat.postMessage", "status", 429, retry_after=1)
    watched.hurry()
    real = datetime.now(NOW.tzinfo)
    with writing(watched.installation.engine) as session:
        (due,) = owner_notices.due(session, ["slack"], NOW + HOUR)
        owner_notices.begin(session, due, real)
    for seconds in (0, 30, 61, 600):
        moment = Moment(NOW + HOUR, real + timedelta(seconds=seconds))
        assert tell_owners(watched.installation, watched.senders, moment) == []
    assert told(watched) == []
    with writing(watched.installation.engine) as session:
        assert session.get(Notice, due[0].id).state == "held"  # type: ignore[union-attr]


def test_mended_before_anybody_was_told(watched: Outpost) -> None:
    watched.slack.trouble("chat.postMessage", "error", "is_archived")
    watched.slack.trouble("chat.postMessage", "error", "restricted_action")
    watched.slack.channels["C1"].archived = False
    watched.hurry()
    watched.hurry(NOW + HOUR)
    watched.hurry(NOW + 2 * HOUR)
    assert len(watched.said("C1")) == 1
    assert told(watched) == []


# the fallback


@pytest.fixture
def covered(watched: Outpost) -> Outpost:
    """While C1 is unwell, C9 stands in for it."""
    bind(watched, "C1", fallback="C9")
    watched.slack.channel("C9")
    return watched


def test_the_fallback_gets_the_post_with_the_next_pass(covered: Outpost) -> None:
    covered.hurry()
    covered.hurry(NOW + timedelta(minutes=1))
    assert len(covered.said("C9")) == 1
    assert "C9" in told(covered)[0]
    assert covered.told("waiting", "planned") == []


def test_what_went_to_the_fallback_does_not_come_again_when_the_channel_is_well(covered: Outpost) -> None:
    covered.hurry()
    covered.hurry(NOW + timedelta(minutes=1))
    covered.slack.channels["C1"].archived = False
    for hours in (1, 2, 3):
        covered.hurry(NOW + hours * HOUR)
    assert (len(covered.said("C1")), len(covered.said("C9"))) == (0, 1)
    assert covered.place("C1").state == "unwell"  # until a post has arrived there
    later = NOW + timedelta(days=6)  # 22 June, the day before the review
    covered.hurry(later)
    covered.hurry(later + HOUR)
    assert (len(covered.said("C1")), len(covered.said("C9"))) == (1, 1)
    assert covered.place("C1").state == "well"


def test_both_unwell_the_message_waits_and_comes_once(covered: Outpost) -> None:
    covered.slack.channels["C9"].archived = True
    for minutes in range(0, 400, 20):
        covered.hurry(NOW + timedelta(minutes=minutes))
    assert covered.tries("chat.postMessage", "C1") + covered.tries("chat.postMessage", "C9") <= 14
    assert len(told(covered)) == 2  # of the one and of the other
    covered.slack.channels["C9"].archived = False
    covered.slack.channels["C1"].archived = False
    for minutes in range(400, 600, 20):
        covered.hurry(NOW + timedelta(minutes=minutes))
    assert len(covered.said("C1")) + len(covered.said("C9")) == 1


def test_what_has_begun_in_the_channel_is_not_begun_again_in_the_fallback(outpost: Outpost) -> None:
    """The first page stands in the channel when it is archived: the rest waits there."""
    outpost.people("Hub A", *(f"Person {number:02d} Long-Longername" for number in range(45)))
    outpost.slack.channel("C1")
    outpost.slack.channel("C9")
    bind(outpost, "C1", fallback="C9")
    outpost.glance()
    assert len(outpost.said("C1")) == 1
    outpost.slack.channels["C1"].archived = True
    for minutes in (1, 2, 30):
        outpost.hurry(NOW + timedelta(minutes=minutes))
    assert outpost.said("C9") == []
    outpost.slack.channels["C1"].archived = False
    outpost.hurry(NOW + 2 * HOUR)
    posts = [post for post in outpost.posts() if post.state == "sent"]
    assert len(outpost.said("C1")) == len(posts) == posts[0].pages > 1
    assert outpost.said("C9") == []


def test_a_channel_bound_again_is_tried_at_its_hour_and_keeps_its_fallback(covered: Outpost) -> None:
    bind(covered, "C1")
    assert covered.place("C1").fallback == "C9"
    assert covered.place("C1").owner == "U0OLIVE"


def test_a_worker_that_was_left_running_does_nothing_to_a_newer_versions_database(
    team: Outpost, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(team.installation, team.senders, Clock(NOW))
    with team.installation.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert worker.one_pass() is None
    assert team.said() == []
    assert "This database belongs to a newer version of npq; install that version." in caplog.text
