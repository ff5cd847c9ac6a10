"""Messages on their way as staff see them in Slack, and the addresses that operators watch: /readyz and /metrics."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.database import audit
from core.database.database import reading
from core.reminders import occasions
from tests.fakes.slack import FakeSlack, controls, workspace
from tests.flows.conftest import PEOPLE, House, settings_for
from tests.flows.people import Person


def closed(slack: FakeSlack) -> None:
    slack.channel("C0NORTH", archived=True)
    slack.channel("C0SOUTH", bot_in=False)


@pytest.fixture(scope="session")
def stuck_file(house_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of such a house, to copy from."""
    folder = tmp_path_factory.mktemp("stuck")
    shutil.copy(house_file, folder)
    with workspace() as slack, ExitStack() as stack:
        house = House(slack, settings_for(slack, folder), folder, stack)
        house.posts_go_to("C0NORTH")
        house.posts_go_to("C0SOUTH", "Southern Hub")
        closed(slack)
        house.tick()
        house.installation.engine.dispose()
    return folder / "npq.db"


@pytest.fixture
def house(request: pytest.FixtureRequest, bare_house: House, house_file: Path, stuck_file: Path) -> House:
    shutil.copy(stuck_file if "stuck" in request.fixturenames else house_file, bare_house.folder)
    return bare_house


@pytest.fixture
def stuck(house: House, slack: FakeSlack) -> House:
    """Northern Hub's channel is archived, so its message waits; Southern Hub's is in a channel without the bot."""
    closed(slack)
    return house


def labels(message: dict[str, Any]) -> list[str]:
    return [control["text"]["text"] for control in controls(message) if control["type"] == "button"]


def test_a_coordinator_sees_what_waits_and_why(stuck: House, sam: Person) -> None:
    said = sam.says("/npq outbox")
    assert "Waits" in said.words
    assert "Northern Hub" in said.words
    assert "Unarchive the channel" in said.words
    assert "C0NORTH" in said.words
    assert "Southern Hub" not in said.words
    assert set(labels(dict(said.message))) == {"Retry", "Cancel"}


def test_who_sees_every_partner_sees_every_message(stuck: House) -> None:
    for user in ("U0ADMIN", "U0LEAD"):
        said = stuck.person(user).says("/npq outbox")
        assert "Northern Hub" in said.words
        assert "Southern Hub" in said.words
        narrowed = stuck.person(user).says("/npq outbox southern hub")
        assert "Northern Hub" not in narrowed.words


@pytest.mark.parametrize("typed", ["waiting Northern Hub", "northern hub: waiting", "Northern Hub all"])
def test_the_outbox_of_one_partner_in_one_state(stuck: House, typed: str) -> None:
    said = stuck.person("U0ADMIN").says(f"/npq outbox {typed}")
    assert "Northern Hub" in said.words
    assert "Southern Hub" not in said.words
    assert "don't know" not in said.words
    assert "Retry" in labels(dict(said.message))


def test_a_viewer_is_told_that_it_is_not_their_role(stuck: House) -> None:
    said = stuck.person("U0LOOK").says("/npq outbox")
    assert "Your role here (viewer) cannot see or change what is posted" in said.words
    assert labels(dict(said.message)) == []
    assert "I don't know you yet" in stuck.person("U0STRANGER").says("/npq outbox").words


def test_retry_after_the_channel_is_mended(stuck: House, slack: FakeSlack, sam: Person) -> None:
    slack.channels["C0NORTH"].archived = False
    told = sam.is_told(sam.says("/npq outbox").message, "Retry")
    assert "goes out with the next pass" in told
    stuck.tick()
    assert stuck.posts("Output 2", channel="C0NORTH")
    assert (
        "nothing waits" in sam.says("/npq outbox").message["text"]
        or "No messages to show" in sam.says("/npq outbox").words
    )
    assert "Sent" in sam.says("/npq outbox all").words
    with reading(stuck.installation.engine) as session:
        done = [(entry.act, entry.actor, entry.detail["was"]) for entry in audit.entries(session, limit=1)]
    assert done == [("message_retry", "Sam Coordinator", "waiting")]


def test_cancel_and_bring_back(stuck: House, slack: FakeSlack, sam: Person) -> None:
    slack.channels["C0NORTH"].archived = False
    first = sam.says("/npq outbox")
    count = labels(dict(first.message)).count("Cancel")
    assert "does not go out" in sam.is_told(first.message, "Cancel")
    listed = sam.says("/npq outbox")
    assert labels(dict(listed.message)).count("Cancel") == count - 1
    failed = sam.says("/npq outbox failed")
    assert "Cancelled by staff" in failed.words
    assert "next pass" in sam.is_told(failed.message, "Retry")


def test_the_same_press_delivered_twice_is_one_act(stuck: House, sam: Person) -> None:
    before = len(_acts(stuck))
    sam.presses(sam.says("/npq outbox").message, "Cancel", twice=True)
    assert stuck.slack.wait_until(lambda: len(_acts(stuck)) > before)
    assert len(_acts(stuck)) == before + 1


def _acts(house: House) -> list[str]:
    with reading(house.installation.engine) as session:
        return [entry.act for entry in audit.entries(session) if entry.act.startswith("message_")]


def test_another_partners_message_is_as_if_it_were_not_there(stuck: House, sam: Person) -> None:
    theirs = stuck.person("U0ADMIN").says("/npq outbox")
    told = sam.is_told(theirs.message, "Cancel", near="Southern Hub")
    assert "There is no message" in told
    assert _acts(stuck) == []


def test_a_viewer_who_gets_hold_of_a_button_may_not_press_it(stuck: House, sam: Person) -> None:
    told = stuck.person("U0LOOK").is_told(sam.says("/npq outbox").message, "Retry")
    assert "Your role here (viewer)" in told
    assert _acts(stuck) == []


def test_a_held_message_is_asked_about_first(
    house: House, slack: FakeSlack, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occasions.Occasion, "may_repeat", False)
    house.posts_go_to("C0TEAM")
    slack.scopes.discard("channels:history")
    slack.trouble("chat.postMessage", "hang_up_after")
    house.tick()
    stands = len(slack.said("C0TEAM"))
    listed = sam.says("/npq outbox")
    assert "Held: may be posted already" in listed.words
    asked = len(slack.whispers)
    assert "look there first" in sam.is_told(listed.message, "Retry")
    house.tick()
    assert len(slack.said("C0TEAM")) == stands
    assert "next pass" in sam.is_told(slack.whispers[asked].message, "Send it again")
    house.tick()
    assert len(slack.said("C0TEAM")) == stands + 1


def test_a_long_list_comes_in_pages(house: House, slack: FakeSlack) -> None:
    """Every partner has a channel that is not there."""
    header, *_ = PEOPLE.splitlines()
    rows = [f"x-{n},Person {n},NPQLTD,1,Hub {n:02d},,accepted,2021-11-20,2021-11-20" for n in range(15)]
    house.load("\n".join([header, *rows, ""]))
    for number in range(15):
        house.posts_go_to(f"C0HUB{number}", f"Hub {number:02d}")
    house.tick()
    ada = house.person("U0ADMIN")
    said = ada.says("/npq outbox")
    seen = set(re.findall(r"Hub \d\d", said.words))
    while "Next ▶" in labels(dict(said.message)):
        before = len(slack.whispers)
        ada.is_told(said.message, "Next ▶")
        said = slack.whispers[before]
        seen |= set(re.findall(r"Hub \d\d", said.words))
    assert len(seen) == 15


def test_help_names_it(house: House, sam: Person) -> None:
    assert "/npq outbox" in sam.says("/npq help").words


# /readyz


def later(house: House, **more: float) -> House:
    """The same house at another time of the world, its web process started anew."""
    settings = house.settings.model_copy(update={"npq_now": house.now + timedelta(**more)})
    return House(house.slack, settings, house.folder, house.stack)


def readyz(house: House) -> tuple[int, str]:
    answer = httpx.get(f"{house.address}/readyz")
    return answer.status_code, answer.text


def test_ready_until_a_message_is_a_working_hour_late(stuck: House) -> None:
    assert readyz(stuck) == (200, "ready\n")
    status, said = readyz(later(stuck, minutes=61))
    assert status == 503
    assert "Unarchive the channel" in said
    assert "/invite @NPQ" in said
    assert httpx.get(f"{later(stuck, minutes=61).address}/healthz").text == "alive\n"


def test_ready_again_when_it_has_gone_out(stuck: House, slack: FakeSlack) -> None:
    after = later(stuck, hours=2)
    assert readyz(after)[0] == 503
    slack.channels["C0NORTH"].archived = False
    slack.channels["C0SOUTH"].members.add(slack.bot_user)
    assert after.tick().waiting == 0
    assert readyz(House(slack, after.settings, after.folder, after.stack)) == (200, "ready\n")


def test_a_database_that_is_not_there_is_said_first(bare_house: House) -> None:
    status, said = readyz(bare_house)
    assert status == 503
    assert "npq migrate" in said


# /metrics

SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+]+)$')


def metrics(house: House) -> dict[str, float]:
    """The page, parsed by the rules of the text format: each sample belongs to a family that was declared before it."""
    answer = httpx.get(f"{house.address}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    declared: dict[str, str] = {}
    found: dict[str, float] = {}
    for line in answer.text.splitlines():
        if line.startswith("# HELP "):
            assert len(line.split(" ", 3)) == 4
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in declared
            assert kind in ("counter", "gauge", "histogram")
            declared[name] = kind
        else:
            sample = SAMPLE.match(line)
            assert sample, line
            name = sample[1]
            family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in declared else name
            assert family in declared, line
            key = f"{name}{{{sample[2]}}}" if sample[2] else name
            assert key not in found
            found[key] = float(sample[3])
    return found


@pytest.fixture
def measured(stuck: House) -> House:
    return House(stuck.slack, stuck.settings.model_copy(update={"npq_metrics": True}), stuck.folder, stuck.stack)


def test_metrics_are_off_unless_asked_for(house: House) -> None:
    assert httpx.get(f"{house.address}/metrics").status_code == 404


def test_what_the_metrics_say(measured: House, slack: FakeSlack) -> None:
    measured.person("U0COORD").says("/npq status jane smith")
    found = metrics(measured)
    waits = found['npq_messages{platform="slack",state="waiting"}']
    assert waits >= 2
    assert found['npq_posts_refused_total{platform="slack",reason="is_archived"}'] == 1
    assert found['npq_posts_refused_total{platform="slack",reason="not_in_channel"}'] == 1
    assert found["npq_late_messages"] == 0
    assert found["npq_oldest_late_seconds"] == 0
    assert found["npq_database_up"] == 1
    assert found["npq_last_plan_timestamp_seconds"] == pytest.approx(measured.now.timestamp(), abs=60)
    assert found['npq_http_requests_total{path="/slack/events",status="200"}'] == 1
    assert found['npq_http_answer_seconds_count{path="/slack/events"}'] == 1
    buckets = [n for key, n in found.items() if key.startswith('npq_http_answer_seconds_bucket{path="/slack/events"')]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 1
    slack.channels["C0NORTH"].archived = False
    measured.person("U0COORD").is_told(measured.person("U0COORD").says("/npq outbox").message, "Retry")
    measured.tick()
    assert metrics(measured)['npq_posts_sent_total{platform="slack"}'] >= 1


def test_metrics_name_nobody(measured: House) -> None:
    text = httpx.get(f"{measured.address}/metrics").text
    for name in ("Jane", "Hub", "C0NORTH", "U0COORD", "Sam"):
        assert name not in text


def test_late_stands_in_the_metrics(measured: House) -> None:
    after = later(measured, hours=2)
    found = metrics(after)
    assert found["npq_late_messages"] >= 2
    assert found["npq_oldest_late_seconds"] >= 7200
