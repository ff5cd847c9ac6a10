"""Answers that are kept finished: the same as those worked out, and never older than what another process just changed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from core.rules.calendar import london_day
from core.services import finishing_answers
from tests.fakes.slack import controls
from tests.flows.conftest import House
from tests.flows.people import Person

NPQ = "from bot.cli import main; main()"


def another_process(house: House, *arguments: str) -> None:
    """`npq` with these arguments, on the same database."""
    settings = {"DATABASE_URL": house.settings.database_url, "NPQ_NOW": house.now.isoformat()}
    command = [sys.executable, "-c", NPQ, *arguments]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def wait_until_kept(house: House, user: str, who: str) -> None:
    """Until the web process has the answer finished."""
    assert house.address
    deadline = time.monotonic() + 20
    while finishing_answers.find(house.installation, "slack", user, "", who, london_day(house.now)) is None:
        assert time.monotonic() < deadline, "the answer was not worked out ahead"
        time.sleep(0.02)


@pytest.fixture
def ready(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A web process that has finished everybody's answers, and looks for what is new at short intervals."""
    monkeypatch.setattr("bot.web.quick_answers.LOOK_EVERY", 0.1)
    for person in ("p-001", "p-002", "p-003", "p-004"):
        wait_until_kept(house, "U0COORD", person)
    return house


def test_a_kept_answer_is_what_would_be_worked_out(ready: House) -> None:
    another_process(ready, "contact", "p-001", "--channel", "phone", "--outcome", "no-answer")
    for user in ("U0COORD", "U0LOOK", "U0ADMIN", "U0LEAD"):
        person = ready.person(user)
        for who in ("p-001", "jane doe", "ann@example.org"):
            person.says(f"/npq status {who}")
            wait_until_kept(ready, user, who)
            kept, worked_out = person.says(f"/npq status {who}"), person.says(f"/npq status {who} output 2")
            assert kept.message == worked_out.message
            assert "Rehearsal" in kept.words


def test_a_decision_in_another_process_is_in_the_very_next_answer(ready: House, sam: Person) -> None:
    before = sam.says("/npq status p-001")
    another_process(ready, "extend", "p-001", "--output", "2", "--until", "2022-07-30", "--reason", "workload")
    after = sam.says("/npq status p-001")
    assert "30 July 2022" not in before.words
    assert "30 July 2022" in after.words
    wait_until_kept(ready, "U0COORD", "p-001")
    assert sam.says("/npq status p-001").message == after.message


def test_an_import_in_another_process_is_in_the_very_next_answer(ready: House, sam: Person) -> None:
    header = "participant_id,full_name,course,cohort,delivery_partner,email,application_status,contract_returned_on"
    file = ready.folder / "people.csv"
    file.write_text(f"{header}\np-001,Jane Renamed,NPQLTD,1,Northern Hub,jane.smith@example.org,accepted,2021-11-20\n")
    another_process(ready, "import", str(file))
    assert "Jane Renamed" in sam.says("/npq status p-001").words
    assert "Jane Renamed" in sam.says("/npq status jane renamed").words


def test_whom_another_process_takes_off_the_list_gets_no_answer_any_more(ready: House, sam: Person) -> None:
    assert "Jane Smith" in sam.says("/npq status p-001").words
    another_process(ready, "staff", "remove", "--platform", "slack", "--id", "U0COORD")
    answer = sam.says("/npq status p-001").words
    assert "Jane Smith" not in answer
    assert "don't know you" in answer


def test_who_is_moved_to_another_partner_sees_their_people_alone(ready: House, sam: Person) -> None:
    sam.says("/npq status p-001")
    moved = ("--name", "Sam", "--role", "coordinator", "--partner", "Southern Hub")
    another_process(ready, "staff", "add", "--platform", "slack", "--id", "U0COORD", *moved)
    assert "Jane Smith" not in sam.says("/npq status p-001").words
    assert "Zoe Southern" in sam.says("/npq status p-100").words


def test_who_may_do_less_is_offered_less_at_once(ready: House, sam: Person) -> None:
    labels = [button["text"]["text"] for button in controls(sam.says("/npq status p-001").message)]
    assert "Extend" in labels
    moved = ("--name", "Sam", "--role", "viewer", "--partner", "Northern Hub")
    another_process(ready, "staff", "add", "--platform", "slack", "--id", "U0COORD", *moved)
    assert [button["text"]["text"] for button in controls(sam.says("/npq status p-001").message)] == ["Details"]
