"""What becomes of a due message: posted once, whatever goes wrong on the way, and redrawn when something is decided."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from sqlmodel import Session

from bot.clock import real_now
from bot.delivery.one_pass import tick, update_posts
from bot.delivery.pass_time import PassTime
from bot.delivery.sender import Address
from bot.delivery.tick_report import TickReport
from bot.platforms import IDS
from bot.slack.send import SlackSender, web_client
from core.database.database import open_database, reading, writing
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import Lane, Moment, Overtaken, lanes
from core.reminders import occasions
from core.reminders.reminder import Occasion, Reminder
from core.services.staff import staffing
from tests.delivery.conftest import CONSOLE, HUBS, NOW, Hurried, Outpost, london
from tests.fakes.slack import words

HOUR = timedelta(hours=1)


def names(count: int) -> list[str]:
    return [f"Person {number:02d}" for number in range(count)]


def spread(outpost: Outpost) -> None:
    """Three hubs with a channel each, two messages for each: six posts."""
    for number, hub in enumerate(HUBS, start=1):
        outpost.people(hub, "Jane Doe", "Omar Haddad")
        outpost.people(hub, "Ann Li", course="NPQH")
        outpost.bind(f"C{number}", hub)


# ---- all goes well


def test_a_due_message_is_posted_once_in_pages_with_its_tags(outpost: Outpost) -> None:
    ids = outpost.people("Hub A", *names(25))
    outpost.bind("C1", "Hub A")
    report = outpost.hurry()
    assert (report.planned, report.sent, report.waiting, report.troubles) == (1, 2, 0, ())
    said = outpost.slack.said("C1")
    assert len(said) == 2
    for number, post in enumerate(said, start=1):
        assert f"Post {number} of 2" in words(post)
        assert f"({number} of 2)" in post["text"]
        assert post["metadata"]["event_type"] == "npq_reminder"
        assert set(post["metadata"]["event_payload"]) == {"token"}, "ids only: the whole workspace can read it"
    assert len({post["metadata"]["event_payload"]["token"] for post in said}) == 2
    named = [[name for name in names(25) if name in words(post)] for post in said]
    assert sorted(name for page in named for name in page) == names(25), "everybody once"
    [message] = outpost.messages("sent")
    with reading(outpost.installation.engine) as session:
        assert tuple(outbox.people_of(session, message)) == tuple(ids)
    assert [(post.channel, post.ts, post.state, post.attempts) for post in outpost.posts()] == [
        ("C1", post["ts"], "sent", 1) for post in said
    ]

    again = outpost.hurry(NOW + timedelta(minutes=5))
    assert again == TickReport()
    assert outpost.tries() == 2


def test_pages_of_one_channel_keep_slacks_pace(small: Outpost) -> None:
    """About one post a second and channel: the pass waits for it, and no 429 is ever asked for."""
    small.slack.one_a_second = True
    small.people("Hub A", *names(25))
    small.bind("C1", "Hub A")
    assert small.tick().sent == 2
    first, second = small.slack.called("chat.postMessage")
    assert second.at - first.at >= 1.0


def test_who_has_become_evidenced_since_the_plan_is_left_out(team: Outpost) -> None:
    """The rules are asked again before a message goes out."""
    team.plan()
    team.evidence("hub-a/jane-doe")
    keeper = Hurried(NOW)
    assert tick(team.installation, team.senders, NOW, timekeeper=keeper).sent == 1
    assert "Jane" not in team.said()[0]
    assert "Omar" in team.said()[0]


def test_a_message_that_has_come_to_concern_nobody_is_not_sent(team: Outpost) -> None:
    """Also when that happens between the plan and the sending of one and the same pass."""

    def both_evidenced() -> None:
        team.evidence("hub-a/jane-doe")
        team.evidence("hub-a/omar-haddad")

    report = tick(
        team.installation,
        team.senders,
        NOW,
        timekeeper=Hurried(NOW),
        cases=Interrupted(team.installation, both_evidenced),
    )
    assert (report.planned, report.sent, report.waiting) == (1, 0, 0)
    assert ("review_upcoming", "2022-06-16", "superseded", "nobody_concerned") in team.told()
    assert team.tries() == 0


def test_nobodys_name_reaches_the_log(team: Outpost, caplog: pytest.LogCaptureFixture) -> None:
    team.slack.trouble("chat.postMessage", "error", "not_in_channel")
    with caplog.at_level(logging.INFO):
        team.hurry()
        team.hurry(NOW + 2 * HOUR)
    assert caplog.text
    assert not [name for name in ("Jane", "Omar", "workload") if name in caplog.text]


def test_without_a_sender_its_messages_wait_and_that_is_said(team: Outpost) -> None:
    team.bind("19:t1@thread.tacv2", "Hub A", platform="teams")
    report = team.hurry()
    assert (report.sent, report.waiting) == (1, 1)
    assert report.troubles == ("teams: not set up here, so 1 of its messages wait.",)


# ---- the outcome of a post is unknown


def test_a_post_that_slack_took_before_it_hung_up_is_found_and_not_posted_again(outpost: Outpost) -> None:
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.slack.trouble("chat.postMessage", "hang_up_after")
    report = outpost.hurry()
    assert (report.sent, report.waiting, report.troubles) == (1, 0, ())
    assert (outpost.tries(), len(outpost.said())) == (1, 1)
    assert outpost.tries("conversations.history") >= 1
    [post] = outpost.posts()
    assert (post.state, post.ts) == ("sent", outpost.slack.said("C1")[0]["ts"]), "and its address is known"
    outpost.extend("hub-a/jane-doe")
    outpost.hurry(NOW + timedelta(minutes=1))
    assert "29 July 2022" in outpost.said()[0]


UNKNOWN: list[tuple[str, Literal["hang_up_before", "status", "error"], Any]] = [
    ("it hangs up before it takes the post", "hang_up_before", None),
    ("it answers 500", "status", 500),
    ("it answers 503", "status", 503),
    ("it speaks of a fatal error", "error", "fatal_error"),
    ("it speaks of an internal error", "error", "internal_error"),
]


@pytest.mark.parametrize(("what", "kind", "value"), UNKNOWN, ids=[row[0].replace(" ", "-") for row in UNKNOWN])
def test_a_post_that_slack_did_not_take_is_looked_for_and_then_posted_once(
    team: Outpost, what: str, kind: Literal["hang_up_before", "status", "error"], value: Any
) -> None:
    team.slack.trouble("chat.postMessage", kind, value)
    assert team.hurry().sent == 1
    first, second = team.slack.called("chat.postMessage")
    assert first.arguments["metadata"] == second.arguments["metadata"], "the same tag, so that either can be found"
    assert len(team.said()) == 1
    between = [call.method for call in team.slack.calls if first.at <= call.at <= second.at]
    assert between.count("conversations.history") >= 2, "looked for at once, and again when it can no longer arrive"
    assert team.hurry(NOW + timedelta(minutes=1)).sent == 0


def test_the_rules_are_asked_again_before_the_second_try(team: Outpost) -> None:
    """Slack was out of order over a weekend; by the time one can look, some or all of them have what they need."""
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    team.evidence("hub-a/jane-doe")
    assert team.hurry(ahead=16).sent == 1
    assert len(team.said()) == 1
    assert "Jane" not in team.said()[0]


def test_nothing_is_posted_at_the_second_try_about_nobody(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    team.evidence("hub-a/jane-doe")
    team.evidence("hub-a/omar-haddad")
    report = team.hurry(ahead=16)
    assert (report.sent, report.waiting, report.superseded) == (0, 0, 1)
    assert team.said() == []
    assert ("review_upcoming", "2022-06-16", "superseded", "nobody_concerned") in team.told()


def test_what_did_not_arrive_goes_to_the_channel_that_gets_it_now(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    staffing.remove_place(team.installation, CONSOLE, platform="slack", platform_id="C1", now=NOW)
    team.bind("C2", "Hub A")
    team.hurry(ahead=16)
    team.hurry(NOW + timedelta(minutes=1), ahead=60)
    assert (team.said("C1"), len(team.said("C2"))) == ([], 1)
    team.hurry(NOW + timedelta(minutes=2), ahead=120)
    assert len(team.said("C2")) == 1


def test_an_earlier_try_that_turns_up_late_is_taken_and_redrawn(team: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel's history lagged; what stands there was drawn before a later deadline was agreed with Jane."""
    history, nothing = team.slack._history, {"messages": [], "has_more": False}
    monkeypatch.setattr(team.slack, "_history", lambda asked: history(asked) if team.tries() > 1 else nothing)
    team.slack.trouble("chat.postMessage", "hang_up_after")
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    team.extend("hub-a/jane-doe", at=NOW + timedelta(seconds=5))
    team.hurry(ahead=16)
    assert team.tries() == 2
    [said] = team.said()
    assert "29 July 2022" in said


def test_a_post_that_may_still_arrive_is_not_posted_again_yet(team: Outpost) -> None:
    """By the real clock, whatever the tick's says: a pass of an hour later waits as well."""
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    report = team.glance(NOW + HOUR)
    assert (team.tries(), report.sent, report.waiting) == (1, 0, 1)
    assert team.hurry(ahead=16).sent == 1
    assert len(team.said()) == 1


def test_a_lost_answer_to_the_look_is_asked_again_before_anything_is_posted(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "hang_up_after")
    team.slack.trouble("conversations.history", "status", 500, times=2)
    team.hurry()
    team.hurry(NOW + HOUR, ahead=3600)
    team.hurry(NOW + 2 * HOUR, ahead=7200)
    assert (team.tries(), len(team.said())) == (1, 1)
    assert [post.state for post in team.posts()] == ["sent"]


def test_where_nobody_may_look_a_nudge_goes_out_again(team: Outpost) -> None:
    """Without the scope to read the channel an unknown outcome stays unknown: better twice than not at all, once settled."""
    team.slack.scopes.discard("channels:history")
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.hurry()
    assert (team.tries(), len(team.said())) == (2, 1)
    assert [post.state for post in team.posts()] == ["sent"]


def test_where_nobody_may_look_a_removal_waits_for_a_person(team: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occasions, "ASKS_BEFORE_REPEATING", frozenset({"review_upcoming"}))
    team.slack.scopes.discard("channels:history")
    team.slack.trouble("chat.postMessage", "hang_up_before")
    report = team.hurry()
    assert (report.sent, report.held) == (0, 1)
    assert "it may or may not have been posted" in report.troubles[0]
    assert team.hurry(NOW + HOUR, ahead=3600).sent == 0
    assert (team.tries(), [m.state for m in team.messages() if m.reason == "missing_scope"]) == (1, ["held"])


def test_a_fault_in_one_channel_stops_no_other(team: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    team.people("Hub B", *names(2))
    team.slack.channel("C2")
    team.bind("C2", "Hub B")
    post = SlackSender.post

    def breaks(self: SlackSender, channel: str, *rest: Any) -> Address:
        if channel == "C1":
            raise ZeroDivisionError("Jane Smith")
        return post(self, channel, *rest)

    monkeypatch.setattr(SlackSender, "post", breaks)
    report = team.hurry()
    assert [message["text"] for message in team.slack.said("C2")]
    assert any("please report it" in trouble for trouble in report.troubles)
    assert "Jane" not in "".join(report.troubles)


def test_one_page_of_unknown_outcome_holds_up_the_next_and_loses_none(small: Outpost) -> None:
    small.people("Hub A", *names(25))
    small.bind("C1", "Hub A")
    small.slack.trouble("chat.postMessage", "hang_up_after")
    small.slack.trouble("chat.postMessage", "hang_up_before")
    assert small.hurry().sent == 2
    assert [f"Post {n} of 2" in said for n, said in enumerate(small.said(), start=1)] == [True] * 2


def test_every_page_tells_of_everybody_also_when_it_is_sent_again(small: Outpost) -> None:
    """How many are not evidenced does not depend on which page one reads, or on what went wrong on the way."""
    small.people("Hub A", *names(25))
    small.bind("C1", "Hub A")
    small.slack.trouble("chat.postMessage", "hang_up_before")
    assert small.hurry().sent == 2
    assert ["25 people are not evidenced yet" in said for said in small.said()] == [True] * 2
    small.extend("hub-a/person-00", at=NOW + timedelta(minutes=1))
    assert small.hurry(NOW + timedelta(minutes=2)).updated == 2
    assert ["25 people are not evidenced yet" in said for said in small.said()] == [True] * 2


# ---- too fast


def test_too_fast_waits_as_long_as_slack_says_by_the_real_clock(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "status", 429, retry_after=2)
    report = team.tick()
    assert (report.sent, report.waiting) == (0, 1)
    assert "ratelimited: the platform has asked to wait; tried again in 2 s" in report.troubles[0]
    assert _soon(lambda: team.tick(NOW + timedelta(days=1)).sent == 1, 60)
    refused, taken = team.slack.called("chat.postMessage")
    assert taken.at - refused.at >= 2.0, "the tick's clock, a day ahead, does not hurry Slack"
    assert len(team.said()) == 1


def test_a_short_wait_is_waited_for_within_the_pass(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "status", 429, retry_after=1)
    assert team.tick().sent == 1
    first, second = team.slack.called("chat.postMessage")
    assert second.at - first.at >= 1.0


def test_a_channel_that_must_wait_holds_up_no_other(small: Outpost) -> None:
    spread(small)
    small.slack.trouble("chat.postMessage", "status", 429, retry_after=30)
    assert small.hurry().sent == 4
    assert sorted(len(small.said(channel)) for channel in ("C1", "C2", "C3")) == [0, 2, 2]


# ---- a place that takes nothing


def spoil(outpost: Outpost, reason: str, *, mended: bool = False) -> None:
    channel = outpost.slack.channels["C1"]
    match reason:
        case "not_in_channel":
            (channel.members.add if mended else channel.members.discard)(outpost.slack.bot_user)
        case "is_archived":
            channel.archived = not mended
        case "token_revoked":
            outpost.slack.revoked = not mended


UNWELL = [
    ("not_in_channel", "/invite"),
    ("is_archived", "Unarchive"),
    ("token_revoked", "SLACK_BOT_TOKEN"),
]


@pytest.mark.parametrize(("reason", "mend"), UNWELL, ids=[row[0] for row in UNWELL])
def test_a_place_that_refuses_is_tried_again_an_hour_later_and_recovers(team: Outpost, reason: str, mend: str) -> None:
    """CONTRACT: "is tried again by any tick from one hour later on"."""
    spoil(team, reason)
    report = team.hurry()
    assert (report.sent, report.failed, report.waiting) == (0, 0, 1)
    [trouble] = report.troubles
    assert reason in trouble
    assert mend in trouble
    assert (team.place().state, mend in team.place().trouble) == ("unwell", True)
    for minutes in (1, 30, 59):
        assert team.hurry(NOW + timedelta(minutes=minutes)).troubles == ()
    assert team.tries() == 1, "not a single try within the hour"
    assert team.hurry(NOW + timedelta(minutes=60, seconds=5)).waiting == 1
    assert team.tries() == 2, "still not mended: once more, then another hour"
    assert team.hurry(NOW + timedelta(minutes=119)).waiting == 1
    assert team.tries() == 2

    spoil(team, reason, mended=True)
    assert team.hurry(NOW + timedelta(minutes=121)).sent == 1
    assert (team.place().state, team.place().trouble) == ("well", "")
    assert len(team.said()) == 1
    assert [m.state for m in team.messages() if m.due_on == date(2022, 6, 16)] == ["sent"]


def test_exactly_an_hour_later_is_soon_enough(team: Outpost) -> None:
    spoil(team, "is_archived")
    team.tick(rehearsal=True)
    spoil(team, "is_archived", mended=True)
    assert team.tick(NOW + HOUR, rehearsal=True).sent == 1


def test_exactly_an_hour_later_is_soon_enough_also_after_a_slow_pass(small: Outpost) -> None:
    """CONTRACT: "`npq tick --at T` takes T for planning, leases and retries", however long that pass took."""
    small.people("Hub B", "Ann Li")
    small.bind("C2", "Hub B")
    small.people("Hub A", "Jane Doe")
    small.bind("C1", "Hub A")
    spoil(small, "is_archived")
    small.plan()
    small.slack.trouble("chat.postMessage", "late", 1.8)
    assert small.tick().sent == 1
    assert (len(small.said("C2")), small.tries()) == (1, 1), "the slow one first, then the refused one"
    spoil(small, "is_archived", mended=True)
    assert small.tick(NOW + HOUR).sent == 1


def test_an_hour_of_the_real_clock_will_do_when_the_ticks_stands_still(team: Outpost) -> None:
    spoil(team, "is_archived")
    team.hurry(rehearsal=True)
    spoil(team, "is_archived", mended=True)
    assert team.hurry(rehearsal=True, ahead=3590).sent == 0
    assert team.hurry(rehearsal=True, ahead=3610).sent == 1


def test_people_are_judged_afresh_when_the_place_is_mended(team: Outpost) -> None:
    """Reading 20: on the day the message goes out, by what is stored then."""
    spoil(team, "not_in_channel")
    team.hurry()
    spoil(team, "not_in_channel", mended=True)
    team.evidence("hub-a/jane-doe")
    assert team.hurry(NOW + 2 * HOUR).sent == 1
    assert "Jane" not in team.said()[0]


def test_one_place_that_refuses_holds_up_no_other(small: Outpost) -> None:
    spread(small)
    spoil(small, "not_in_channel")
    report = small.hurry()
    assert (report.sent, report.waiting) == (4, 2)
    assert len(report.troubles) == 1


def test_a_message_that_is_not_accepted_fails_alone(small: Outpost) -> None:
    """What Slack says of the message itself will not be different in an hour."""
    small.people("Hub A", "Jane Doe")
    small.people("Hub A", "Ann Li", course="NPQH")
    small.bind("C1", "Hub A")
    small.slack.trouble("chat.postMessage", "error", "invalid_blocks")
    report = small.hurry()
    assert (report.sent, report.failed, report.waiting) == (1, 1, 0)
    assert "invalid_blocks" in report.troubles[0]
    assert small.place().state == "well"
    assert small.hurry(NOW + 2 * HOUR).troubles == ()
    assert small.tries() == 2


# ---- several who deliver at once


def at_once(*jobs: Callable[[], TickReport]) -> list[TickReport]:
    """Runs the jobs in threads that start together."""
    barrier = threading.Barrier(len(jobs))
    done: list[TickReport] = []
    failed: list[Exception] = []

    def run(job: Callable[[], TickReport]) -> None:
        barrier.wait()
        try:
            done.append(job())
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failed == []
    return done


def worker(outpost: Outpost, url: str) -> Callable[[], TickReport]:
    """A pass of another process: its own connections, its own caseloads, its own client."""
    senders = {"slack": SlackSender(web_client(outpost.slack.token, outpost.slack.api_url))}

    def one_pass() -> TickReport:
        installation = Installation(open_database(url), outpost.installation.pack, platforms=IDS)
        try:
            return tick(installation, senders, NOW)
        finally:
            installation.engine.dispose()

    return one_pass


def test_two_workers_at_once_post_everything_exactly_once(outpost: Outpost, database_url: str) -> None:
    """Six messages, three channels, and one answer that gets lost on the way."""
    spread(outpost)
    outpost.slack.trouble("chat.postMessage", "hang_up_after")
    reports = at_once(worker(outpost, database_url), worker(outpost, database_url))
    assert [len(outpost.said(channel)) for channel in ("C1", "C2", "C3")] == [2, 2, 2]
    assert len(outpost.slack.called("chat.postMessage")) == 6
    assert len({post["metadata"]["event_payload"]["token"] for c in "123" for post in outpost.slack.said(f"C{c}")}) == 6
    assert {m.state for m in outpost.messages() if m.due_on == date(2022, 6, 16)} == {"sent"}
    assert sum(report.sent for report in reports) == 6
    assert all(report.troubles == () for report in reports)


# ---- leases


def claimed(outpost: Outpost, seconds_ago: float) -> outbox.Turn:
    """Another process has taken the channel's turn and has not been heard of since."""
    with writing(outpost.installation.engine) as session:
        moment = Moment(NOW, real_now() - timedelta(seconds=seconds_ago))
        turn = outbox.claim(session, "slack", "C1", "somewhere:1:else", moment)
    assert turn is not None
    return turn


def test_a_lease_is_respected_while_it_runs(team: Outpost) -> None:
    claimed(team, 0)
    report = team.glance()
    assert (report.sent, report.waiting, team.tries()) == (0, 1, 0)


def test_a_lease_that_runs_out_is_taken_over(outpost: Outpost) -> None:
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    before = time.monotonic()
    dead = claimed(outpost, outbox.LEASE.total_seconds() - 0.3)
    assert outpost.tick().sent == 1, "the same pass waits for the rest of it"
    assert outpost.slack.called("chat.postMessage")[0].at - before >= 0.29
    with reading(outpost.installation.engine) as session:
        lane = session.get(Lane, ("slack", "C1"))
    assert lane is not None
    assert lane.fence > dead.fence
    with pytest.raises(Overtaken), writing(outpost.installation.engine) as session:
        outbox.hold(session, dead)


def test_a_clock_that_is_set_back_blocks_nothing(team: Outpost) -> None:
    """A rehearsal in the future, then back: leases and waits made then are over."""
    spoil(team, "is_archived")
    team.hurry(london("2022-06-22T09:30"))
    spoil(team, "is_archived", mended=True)
    assert team.hurry(NOW).sent == 1


def while_the_database_is_busy(
    outpost: Outpost, ends: Callable[[Session, outbox.Turn, Moment], None], a_pass: Callable[[], TickReport]
) -> tuple[TickReport, float]:
    """A pass begins while another process is writing to the channel's lane. Its report, and when the other ended."""
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    keeper = PassTime(NOW)
    reports: list[TickReport] = []
    thread = threading.Thread(target=lambda: reports.append(a_pass()))
    with writing(outpost.installation.engine) as session:
        turn = outbox.claim(session, "slack", "C1", "somewhere:1:else", keeper.moment())
        assert turn is not None
        thread.start()
        time.sleep(0.4)  # it has looked at its clock, and waits for the database
        ended = time.monotonic()
        ends(session, turn, keeper.moment())
    thread.join(timeout=120)
    return reports[0], ended


def test_who_waited_for_the_database_keeps_the_pace_all_the_same(small: Outpost) -> None:
    """The other process has just posted there: "the platform's pace holds across processes"."""

    def has_posted(session: Session, turn: outbox.Turn, moment: Moment) -> None:
        outbox.release(session, turn, paced=(moment.real, moment.real + timedelta(seconds=1)))

    report, ended = while_the_database_is_busy(small, has_posted, small.tick)
    assert report.sent == 1
    assert small.slack.called("chat.postMessage")[0].at - ended >= 0.99


def test_who_waited_for_the_database_respects_a_lease_all_the_same(small: Outpost) -> None:
    """The other process is about to post there."""
    report, _ = while_the_database_is_busy(small, lanes.renew, small.glance)
    assert (report.sent, small.tries()) == (0, 0)


class Suspended(SlackSender):
    """A worker that stops in its tracks right before it sends, until it is woken."""

    def __init__(self, outpost: Outpost) -> None:
        super().__init__(web_client(outpost.slack.token, outpost.slack.api_url))
        self.stopped = threading.Event()
        self.wake = threading.Event()

    def draw(self, card: Any) -> Mapping[str, Any]:
        drawn = super().draw(card)
        self.stopped.set()
        assert self.wake.wait(60)
        return drawn


def test_a_worker_that_was_suspended_past_its_lease_does_not_post_again(outpost: Outpost) -> None:
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    sleepy = Suspended(outpost)
    reports: list[TickReport] = []
    thread = threading.Thread(
        target=lambda: reports.append(tick(outpost.installation, {"slack": sleepy}, NOW, timekeeper=Hurried(NOW)))
    )
    thread.start()
    assert sleepy.stopped.wait(60)
    assert outpost.hurry(ahead=16).sent == 1, "somebody else took over"
    sleepy.wake.set()
    thread.join(timeout=120)
    assert [report.sent for report in reports] == [0]
    assert (outpost.tries(), len(outpost.said())) == (1, 1)


# ---- after a decision


def test_after_a_decision_the_post_is_redrawn_in_place(outpost: Outpost) -> None:
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    outpost.hurry()
    [before] = outpost.slack.said("C1")
    outpost.extend("hub-a/jane-doe", at=NOW + timedelta(minutes=5))
    report = outpost.hurry(NOW + timedelta(minutes=6))
    assert (report.updated, report.sent, report.planned) == (1, 0, 0)
    [after] = outpost.slack.said("C1")
    assert after["ts"] == before["ts"]
    assert "Output 2 extended to 29 July 2022 by Sam" in words(after)
    assert "workload" not in words(after), "the reason is not for a channel"
    assert after["metadata"] == before["metadata"], "it can still be found"
    assert outpost.hurry(NOW + timedelta(minutes=7)).updated == 0


def test_the_other_pages_tell_of_a_later_deadline_too(small: Outpost) -> None:
    """What to do next is the whole message's."""
    ids = small.people("Hub A", *names(25))
    small.bind("C1", "Hub A")
    small.hurry()
    small.extend(ids[24])
    assert small.hurry(NOW + timedelta(minutes=1)).updated == 2
    first, second = small.said()
    assert "29 July 2022" in second
    assert "agreed deadline" in first


def test_who_is_evidenced_since_stays_on_the_post_that_named_them(team: Outpost) -> None:
    """Nobody vanishes from a page: the decision about them is shown, with where they stand."""
    team.hurry()
    team.evidence("hub-a/jane-doe")
    team.evidence("hub-a/omar-haddad")
    with writing(team.installation.engine) as session:
        outbox.mark_stale(session, "hub-a/jane-doe")
    assert team.hurry(NOW + timedelta(minutes=1)).updated == 1
    assert "Jane Doe" in team.said()[0]
    assert "Omar Haddad" in team.said()[0]


def test_right_after_a_decision_posts_are_redrawn_and_nothing_new_is_sent(team: Outpost) -> None:
    team.hurry()
    team.people("Hub B", "Ann Li")
    team.bind("C2", "Hub B")
    team.extend("hub-a/jane-doe")
    report = update_posts(team.installation, team.senders, NOW, timekeeper=Hurried(NOW))
    assert (report.updated, report.sent) == (1, 0)
    assert "29 July 2022" in team.said()[0]
    assert team.said("C2") == []


def test_a_post_that_was_deleted_is_left_alone_from_then_on(team: Outpost) -> None:
    team.hurry()
    team.slack.channels["C1"].messages.clear()
    team.extend("hub-a/jane-doe")
    assert team.hurry(NOW + timedelta(minutes=1)).updated == 0
    team.extend("hub-a/jane-doe", "2022-08-05")
    team.hurry(NOW + timedelta(minutes=2))
    assert team.tries("chat.update") == 1
    assert team.said() == [], "and nothing is posted in its place"


def test_a_redrawing_that_fails_is_tried_again(team: Outpost) -> None:
    team.hurry()
    team.extend("hub-a/jane-doe")
    team.slack.trouble("chat.update", "status", 500)
    assert team.hurry(NOW + timedelta(minutes=1)).updated == 0
    assert team.hurry(NOW + timedelta(minutes=2)).updated == 1
    assert "29 July 2022" in team.said()[0]


def decide_while_sending(outpost: Outpost, kind: Literal["late", "late_after"]) -> None:
    [jane] = outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    outpost.slack.trouble("chat.postMessage", kind, 0.3)
    thread = threading.Thread(target=outpost.hurry)
    thread.start()
    assert _soon(lambda: [post.state for post in outpost.posts()] in (["sending"], ["sent"]))
    outpost.extend(jane, at=NOW + timedelta(minutes=1))
    thread.join(timeout=120)
    outpost.hurry(NOW + timedelta(minutes=2))
    [said] = outpost.said()
    assert "29 July 2022" in said
    assert outpost.tries() == 1


def test_a_decision_while_the_post_is_being_sent_is_shown_soon_after(outpost: Outpost) -> None:
    decide_while_sending(outpost, "late_after")


def test_a_decision_right_before_the_post_is_there_is_shown_soon_after(small: Outpost) -> None:
    decide_while_sending(small, "late")


class Interrupted(Caseloads):
    """Somebody acts right after the message of 16 June was judged, before anything about it is written down."""

    def __init__(self, installation: Installation, then: Callable[[], None]) -> None:
        super().__init__(installation)
        self.left = [then]

    def concerns_anybody(self, session: Session, occasion: Occasion, day: date) -> bool:
        concerns = super().concerns_anybody(session, occasion, day)
        self._interrupt(occasion)
        return concerns

    def remind(self, session: Session, occasion: Occasion, day: date) -> Reminder | None:
        reminder = super().remind(session, occasion, day)
        self._interrupt(occasion)
        return reminder

    def _interrupt(self, occasion: Occasion) -> None:
        if occasion.due_on == date(2022, 6, 16) and self.left:
            self.left.pop()()


def test_a_decision_while_the_message_is_being_judged_is_shown_soon_after(team: Outpost) -> None:
    """With many people that takes a while. CONTRACT: "After a decision the post is updated at once or by the next tick"."""
    team.plan()
    cases = Interrupted(team.installation, lambda: team.extend("hub-a/jane-doe", at=NOW + timedelta(minutes=1)))
    tick(team.installation, team.senders, NOW, timekeeper=Hurried(NOW), cases=cases)
    assert cases.left == [], "the decision fell in between"
    team.hurry(NOW + timedelta(minutes=2))
    [said] = team.said()
    assert "29 July 2022" in said


def test_a_decision_before_an_unknown_outcome_is_cleared_is_shown(team: Outpost) -> None:
    """The post is there, nobody knows it yet, and its people are decided about meanwhile."""
    team.slack.trouble("chat.postMessage", "hang_up_after")
    team.slack.trouble("conversations.history", "status", 500)
    team.glance()
    team.extend("hub-a/jane-doe", at=NOW + timedelta(minutes=1))
    team.hurry(NOW + HOUR, ahead=3600)
    team.hurry(NOW + HOUR + timedelta(minutes=1), ahead=3700)
    [said] = team.said()
    assert "29 July 2022" in said


def test_a_decision_before_the_second_try_is_in_the_post_that_goes_out(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    team.extend("hub-a/jane-doe", at=NOW + timedelta(minutes=1))
    assert team.hurry(NOW + timedelta(minutes=2), ahead=60).sent == 1
    [said] = team.said()
    assert "29 July 2022" in said


# ---- it falls over in the middle


class Fallen(BaseException):
    """The process is gone, whatever it was doing."""


class Falling(SlackSender):
    """Falls over before or after the post went out."""

    def __init__(self, outpost: Outpost, *, after: bool) -> None:
        super().__init__(web_client(outpost.slack.token, outpost.slack.api_url))
        self.after = after

    def post(self, channel: str, message: Mapping[str, Any], tag: Any) -> Any:
        if self.after:
            super().post(channel, message, tag)
        raise Fallen


def fall_over(outpost: Outpost, *, after: bool) -> None:
    outpost.people("Hub A", *names(25))
    outpost.bind("C1", "Hub A")
    with suppress(Fallen):
        tick(outpost.installation, {"slack": Falling(outpost, after=after)}, NOW, timekeeper=Hurried(NOW))
    assert [post.state for post in outpost.posts()] == ["sending", "planned"]
    report = outpost.hurry(NOW + timedelta(minutes=1), ahead=30)
    assert (report.sent, report.waiting) == (2, 0)
    assert ["Post 1 of 2" in said for said in outpost.said()] == [True, False]
    assert len(outpost.said()) == 2


def test_whoever_falls_over_right_after_a_post_does_not_double_it(outpost: Outpost) -> None:
    fall_over(outpost, after=True)


def test_whoever_falls_over_right_before_a_post_does_not_lose_it(small: Outpost) -> None:
    fall_over(small, after=False)


def test_a_message_half_of_which_went_out_a_month_ago_is_given_up(small: Outpost) -> None:
    """The rest would be too late; it is recorded as failed and blocks nothing after it."""
    small.people("Hub A", *names(25))
    small.bind("C1", "Hub A")
    with suppress(Fallen):
        tick(small.installation, {"slack": Falling(small, after=True)}, NOW, timekeeper=Hurried(NOW))
    report = small.hurry(london("2022-07-18T09:30"), ahead=3600)
    assert report.waiting == 0
    about_june = [m for m in small.messages() if m.due_on == date(2022, 6, 16)]
    assert [m.state for m in about_june] == ["failed"]
    assert [post.state for post in small.posts() if post.message_id == about_june[0].id] == ["sent", "failed"]


def _soon(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
