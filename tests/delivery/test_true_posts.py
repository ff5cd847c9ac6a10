"""Whatever slips in, stands still or comes late: in the end each post shows what is stored, and stands there once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.clock import real_now
from bot.delivery import pass_work
from bot.delivery.one_pass import tick, update_posts
from bot.delivery.sender import Address, InTime, OutcomeUnknown, Tag, always
from bot.slack.send import SlackSender, web_client
from core.database import audit
from core.database.database import writing
from core.posts import content, outbox
from core.posts.due import messages_due
from core.posts.outbox import LEASE, Message
from core.posts.steps import page_steps
from core.services.acts import declaration
from core.services.acts.recording import Deed
from core.services.imports import import_files
from tests.delivery.conftest import CONSOLE, NOW, Hurried, Outpost

JANE, OMAR = "hub-a/jane-doe", "hub-a/omar-haddad"
AGREED, LATER = "2022-07-29", "2022-08-05"
SHOWS_AGREED, SHOWS_LATER = "29 July 2022", "5 August 2022"


@pytest.fixture
def hub(outpost: Outpost) -> Outpost:
    """On each kind of database: Jane and Omar of Hub A, whose posts go to C1; one message is due."""
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    return outpost


def once_after(place: Any, name: str, do: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does something right after the first time that a step was taken."""
    step, done = getattr(place, name), threading.Event()

    def and_then(*given: Any, **more: Any) -> Any:
        made = step(*given, **more)
        if not done.is_set():
            done.set()
            do()
        return made

    monkeypatch.setattr(place, name, and_then)


STEPS = {
    "it is judged": (content, "reminder_of"),
    "its page is opened": (page_steps, "open_pages"),
    "it is drawn": (pass_work, "page_card"),
    "it is posted": (SlackSender, "post"),
}


@pytest.mark.parametrize(("place", "name"), STEPS.values(), ids=[f"after {step}" for step in STEPS])
def test_a_decision_between_two_steps_is_shown(
    hub: Outpost, place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    once_after(place, name, lambda: hub.extend(JANE), monkeypatch)
    hub.hurry()
    [said] = hub.said()
    assert SHOWS_AGREED in said
    assert hub.tries() == 1


@pytest.mark.parametrize(("place", "name"), STEPS.values(), ids=[f"after {step}" for step in STEPS])
def test_a_withdrawal_between_two_steps_is_shown(
    hub: Outpost, place: Any, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Jane has left, by a report that somebody imports just then: nobody is to write to her."""
    people = tmp_path / "people.csv"
    people.write_text(
        "participant_id,full_name,course,cohort,delivery_partner,application_status,training_status\n"
        f"{JANE},Jane Doe,NPQLTD,1,Hub A,accepted,withdrawn\n"
    )

    def bring_in() -> None:
        assert import_files(hub.installation, CONSOLE, [people], now=NOW).written

    once_after(place, name, bring_in, monkeypatch)
    hub.hurry()
    [said] = hub.said()
    assert "Omar Haddad" in said
    assert "Jane Doe" not in said or "withdrawn" in said.lower()


@pytest.mark.parametrize(("place", "name"), STEPS.values(), ids=[f"after {step}" for step in STEPS])
def test_a_decision_is_shown_though_whoever_posted_died(
    hub: Outpost, place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after the decision, so that nothing of what it saw is written down."""

    class Died(BaseException):
        pass

    def decide_and_die() -> None:
        hub.extend(JANE)
        raise Died

    once_after(place, name, decide_and_die, monkeypatch)
    with pytest.raises(Died):
        hub.hurry()
    hub.hurry(NOW + timedelta(minutes=1), ahead=60)
    [said] = hub.said()
    assert SHOWS_AGREED in said


@contextmanager
def deciding(outpost: Outpost, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While entered, a decision about Jane has been made and marked, and its transaction has not ended."""
    made, end = threading.Event(), threading.Event()
    append = audit.append

    def and_linger(*given: Any, **more: Any) -> None:
        append(*given, **more)
        made.set()
        assert end.wait(60)

    monkeypatch.setattr(audit, "append", and_linger)
    decides = threading.Thread(target=lambda: outpost.extend(JANE))
    decides.start()
    assert made.wait(60)
    try:
        yield
    finally:
        end.set()
        decides.join(timeout=120)


WHERE_MANY_WRITE = pytest.mark.parametrize(
    "database_url", ["postgres"], indirect=True
)  # SQLite has one writer at a time


@WHERE_MANY_WRITE
def test_nothing_is_opened_while_somebody_decides(hub: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision finds no page to mark, and the page would know of no decision."""
    hub.plan()
    with deciding(hub, monkeypatch):
        report = hub.hurry()
        assert (report.sent, report.waiting, hub.posts()) == (0, 1, [])
        assert not any(lane.owner for lane in hub.lanes()), "others may try"
    assert hub.hurry().sent == 1
    [said] = hub.said()
    assert SHOWS_AGREED in said


@WHERE_MANY_WRITE
def test_a_page_waits_for_a_decision_that_ends_shortly(hub: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is judged before, opened after, and drawn again."""
    hub.plan()
    with deciding(hub, monkeypatch):
        reports = []
        opened = threading.Event()
        once_after(content, "reminder_of", opened.set, monkeypatch)
        sends = threading.Thread(target=lambda: reports.append(hub.hurry()))
        sends.start()
        assert opened.wait(60)
    sends.join(timeout=120)
    [said] = hub.said()
    assert SHOWS_AGREED in said


def test_every_page_counts_the_people_of_all_of_them(small: Outpost) -> None:
    small.people("Hub A", *(f"Person {number:02d}" for number in range(60)))
    small.bind("C1", "Hub A")
    small.hurry()
    pages = len(small.said())
    assert pages > 2
    assert all("0 of 60 evidenced" in said for said in small.said())
    small.extend("hub-a/person-58")
    deed = Deed(NOW.date(), NOW)
    declaration.declare(small.installation, CONSOLE, "hub-a/person-59", deed, output=2)
    small.hurry(NOW + timedelta(minutes=1), ahead=60)
    assert ["1 of 60 evidenced" in said for said in small.said()] == [True] * pages
    assert [post.needs_update for post in small.posts()] == [0] * pages


@WHERE_MANY_WRITE
def test_where_a_post_stands_is_written_down_however_long_somebody_holds_its_row(
    hub: Outpost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that marks it stands still before its end. Given up, the post would come again where nobody can look."""
    monkeypatch.setattr("core.posts.outbox.statements.WAITS", 50)
    waited = threading.Event()
    renew = outbox.renew

    def and_tell(*given: Any) -> None:
        renew(*given)
        waited.set()

    monkeypatch.setattr(outbox, "renew", and_tell)
    holding = threading.Event()

    def hold() -> None:
        with writing(hub.installation.engine) as session:
            outbox.mark_stale(session, JANE)
            holding.set()
            assert waited.wait(60)

    holder = threading.Thread(target=hold)

    def begin_to_hold() -> None:
        holder.start()
        assert holding.wait(60)

    once_after(SlackSender, "post", begin_to_hold, monkeypatch)
    hub.hurry()
    holder.join(timeout=120)
    assert (hub.tries(), len(hub.said())) == (1, 1)
    assert [(post.state, post.attempts) for post in hub.posts()] == [("sent", 1)]


# ---- redrawing


class Slow(SlackSender):
    """A platform that takes an edit when it is told to, however long ago it was sent; `then` is what becomes of the call."""

    def __init__(self, outpost: Outpost, then: Exception | None = None) -> None:
        super().__init__(web_client(outpost.slack.token, outpost.slack.api_url))
        self.under_way, self.take = threading.Event(), threading.Event()
        self._then = then

    def update(self, address: Address, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> None:
        assert in_time()
        self.under_way.set()
        assert self.take.wait(60)
        super().update(address, message, tag)
        if self._then is not None:
            raise self._then


class Ending(Hurried):
    """A pass that comes to an end as soon as it is told to."""

    stopping = False


OUTCOMES = {"it is told so": None, "no answer comes": OutcomeUnknown("timeout", 10.0)}


@pytest.mark.parametrize("then", OUTCOMES.values(), ids=OUTCOMES)
@pytest.mark.parametrize("asked_by", [tick, update_posts], ids=["tick", "update_posts"])
def test_a_late_edit_does_not_stay_over_a_newer_one(hub: Outpost, asked_by: Any, then: Exception | None) -> None:
    """The clock steps on, so that the lease is over while the platform still has the edit."""
    hub.hurry()
    hub.extend(JANE, AGREED)
    slow, keeper = Slow(hub, then), Ending(NOW, timedelta(seconds=2))
    redraws = threading.Thread(target=lambda: asked_by(hub.installation, {"slack": slow}, NOW, timekeeper=keeper))
    redraws.start()
    assert slow.under_way.wait(60)
    hub.extend(JANE, LATER)
    assert hub.hurry(ahead=25).updated == 1
    [said] = hub.said()
    assert SHOWS_LATER in said
    keeper.stopping = True  # type: ignore[misc]
    slow.take.set()
    redraws.join(timeout=120)
    [said] = hub.said()
    assert SHOWS_LATER not in said, "the older edit has come last"
    hub.hurry(NOW + timedelta(minutes=1), ahead=60)
    [said] = hub.said()
    assert SHOWS_LATER in said
    assert [post.needs_update for post in hub.posts()] == [0]
    assert hub.hurry(NOW + timedelta(minutes=2), ahead=120).updated == 0, "and then it is left alone"


def test_an_edit_whose_sender_died_is_waited_for_and_made_again(hub: Outpost) -> None:
    """By the tick's clock the lease is over at once; by the real one the edit may still arrive."""

    class Died(BaseException):
        pass

    class Dying(SlackSender):
        def update(self, *_: Any) -> None:
            raise Died

    hub.hurry()
    stale = hub.slack.said("C1")[0]
    hub.extend(JANE, AGREED)
    dying = Dying(web_client(hub.slack.token, hub.slack.api_url))
    with pytest.raises(Died):
        tick(hub.installation, {"slack": dying}, NOW, timekeeper=Hurried(NOW))
    died = real_now()
    hub.extend(JANE, LATER)
    assert hub.glance(NOW + timedelta(minutes=1), real=died).updated == 0, "it may still arrive"
    hub.slack.channels["C1"].messages[0].update(blocks=stale["blocks"])  # and so it does
    assert hub.hurry(NOW + timedelta(minutes=2), ahead=LEASE.total_seconds()).updated == 1
    [said] = hub.said()
    assert SHOWS_LATER in said


def test_an_edit_waits_for_nobody_after_the_clock_was_set_back(hub: Outpost) -> None:
    hub.hurry()
    hub.extend(JANE, AGREED)
    hub.slack.trouble("chat.update", "hang_up_before")
    hub.tick(NOW, Hurried(NOW, timedelta(days=1)), limit=0.1)
    hub.hurry(NOW + timedelta(hours=1))
    [said] = hub.said()
    assert SHOWS_AGREED in said


def test_an_edit_that_certainly_did_not_arrive_is_made_once(hub: Outpost) -> None:
    hub.hurry()
    hub.extend(JANE, AGREED)
    hub.slack.trouble("chat.update", "error", "ratelimited")
    hub.hurry()
    hub.hurry(NOW + timedelta(minutes=2), ahead=120)
    assert hub.tries("chat.update") == 2
    assert [(post.needs_update, post.edit_settles_at) for post in hub.posts()] == [(0, None)]


# ---- standing still


class StandsStill(Hurried):
    """A machine that stands still for longer than a lease while it connects, each time but the first few."""

    def __init__(self, times: int = 1) -> None:
        super().__init__(NOW)
        self.times = times

    def connecting(self) -> None:
        if self.times:
            self.times -= 1
            self.wait(LEASE.total_seconds() + 1)


@pytest.fixture
def standing_still(monkeypatch: pytest.MonkeyPatch) -> StandsStill:
    from bot.slack import http_call

    keeper, connect = StandsStill(), http_call.http.client.HTTPConnection.connect

    def slowly(connection: Any) -> None:
        connect(connection)
        keeper.connecting()

    monkeypatch.setattr(http_call.http.client.HTTPConnection, "connect", slowly)
    return keeper


def test_what_was_connected_after_the_lease_is_not_sent(hub: Outpost, standing_still: StandsStill) -> None:
    """Somebody else may have looked for it in vain by then, and sent it."""
    hub.tick(keeper=standing_still)
    assert [post.attempts for post in hub.posts()] == [2]
    assert (hub.tries(), len(hub.said())) == (1, 1)


def test_an_edit_that_was_connected_after_the_lease_is_not_sent(hub: Outpost, standing_still: StandsStill) -> None:
    standing_still.times = 0
    hub.hurry()
    hub.extend(JANE)
    standing_still.times = 1
    hub.tick(keeper=standing_still)
    assert hub.tries("chat.update") == 1
    [said] = hub.said()
    assert SHOWS_AGREED in said
    assert [post.needs_update for post in hub.posts()] == [0]


# --- of a kind that a later version stored ------------------------------------------------------------------------------


def as_a_later_version_had_it(hub: Outpost) -> None:
    """What went out is of a kind that this version does not know."""
    with writing(hub.installation.engine) as session:
        for message in session.exec(select(Message)).all():
            message.occasion = {**message.occasion, "key": "half_term_note"}
            message.key = "half_term_note"


def test_a_post_of_an_unknown_kind_is_redrawn_as_a_plain_notice(hub: Outpost) -> None:
    hub.hurry()
    as_a_later_version_had_it(hub)
    hub.extend(JANE, at=NOW + timedelta(minutes=1))
    report = hub.hurry(NOW + timedelta(minutes=2), ahead=120)
    assert (report.updated, report.troubles) == (1, ())
    said = next(words for words in hub.said() if "Half term note" in words)
    assert "2 people" in said
    assert "please look at each of them by" in said
    assert "extended to 29 July 2022" in said
    assert "Jane Doe" in said
    assert "Omar Haddad" in said
    assert "Things have changed" not in said


def test_what_went_out_of_an_unknown_kind_is_listed_with_its_people(hub: Outpost) -> None:
    hub.hurry()
    as_a_later_version_had_it(hub)
    listed = messages_due(hub.installation, NOW - timedelta(days=1), NOW)
    told = {message.reminder.occasion.key: message.reminder.people for message in listed if message.sent_at is not None}
    assert [person.participant_id for person in told["half_term_note"]] == [JANE, OMAR]
    assert all(person.still for person in told["half_term_note"])
