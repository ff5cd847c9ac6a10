"""What a file changes about somebody is shown where a recent post names them (DESIGN: when something changes)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.services.acts import contact
from core.services.acts.recording import Deed
from core.services.imports import import_files
from tests.delivery.conftest import CONSOLE, NOW, SAM, Outpost, london

LATER = NOW + timedelta(minutes=5)
HEADER = "participant_id,full_name,course,cohort,delivery_partner,training_status"
JANE = "hub-a/jane-doe"
EVIDENCED = f"participant_id,block,component,title,credits,completed_on\n{JANE},2,Self-study,S 2.1a,3,2022-06-01\n"
WITHDRAWN = f"{HEADER}\n{JANE},Jane Doe,NPQLTD,1,Hub A,withdrawn\n"
MOVED = f"{HEADER}\n{JANE},Jane Doe,NPQLTD,1,Hub B,active\n"
AS_BEFORE = f"{HEADER}\n{JANE},Jane Doe,NPQLTD,1,Hub A,active\n"

Bring = Callable[..., None]


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Imports a file with these rows."""

    def bring(outpost: Outpost, rows: str, at: datetime = LATER) -> None:
        file = tmp_path / "file.csv"
        file.write_text(rows)
        assert import_files(outpost.installation, CONSOLE, [file], now=at).written

    return bring


def row_of(name: str, said: str) -> str:
    """What a post says of one person: from their name to the next one's."""
    return said.partition(name)[2].partition("Omar Haddad")[0]


@pytest.mark.parametrize(
    ("rows", "is_said"),
    [(EVIDENCED, "Met"), (WITHDRAWN, "Withdrawn")],
    ids=["evidenced", "withdrawn"],
)
def test_what_a_file_says_is_shown_by_the_next_tick(outpost: Outpost, bring: Bring, rows: str, is_said: str) -> None:
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    outpost.hurry()
    [before] = outpost.slack.said("C1")
    assert is_said not in row_of("Jane Doe", outpost.said()[0])
    bring(outpost, rows)
    report = outpost.hurry(LATER + timedelta(minutes=1))
    assert (report.updated, report.sent, report.planned) == (1, 0, 0)
    [after] = outpost.slack.said("C1")
    assert after["ts"] == before["ts"], "in place"
    assert is_said in row_of("Jane Doe", outpost.said()[0]), outpost.said()[0]
    assert outpost.hurry(LATER + timedelta(minutes=2)).updated == 0, "once"


def test_who_has_moved_to_another_delivery_partner_is_named_no_longer(team: Outpost, bring: Bring) -> None:
    team.hurry()
    bring(team, MOVED)
    assert team.hurry(LATER).updated == 1
    assert "Jane Doe" not in team.said()[0]
    assert "Omar Haddad" in team.said()[0]


def test_a_plan_alone_is_shown_and_every_post_about_its_people_is_looked_at_again(team: Outpost, bring: Bring) -> None:
    """Jane attended before the last output point; by the plan that comes later it was after it."""
    team.people("Hub B", "Ann Li")
    team.bind("C2", "Hub B")
    bring(team, f"event_id,event_type,event_date,participant_id,status\ne-1,f2f,2021-12-01,{JANE},attended\n", NOW)
    team.hurry()
    assert "Met" not in row_of("Jane Doe", team.said()[0])
    plan = "event_id,delivery_partner,course,event_type,event_date\n"
    bring(team, f"{plan}e-1,Hub A,NPQSL,f2f,2022-05-20\n")
    team.hurry(LATER)
    assert "Met" in row_of("Jane Doe", team.said()[0]), "though the plan is for another course than hers"
    bring(team, f"{plan}e-2,Hub B,,f2f,2022-09-01\n", LATER + timedelta(minutes=1))
    assert {post.channel: bool(post.needs_update) for post in team.posts()} == {"C1": False, "C2": True}


def test_a_file_that_says_nothing_new_redraws_nothing(team: Outpost, bring: Bring) -> None:
    team.hurry()
    bring(team, AS_BEFORE)
    assert team.hurry(LATER).updated == 0


def test_a_post_that_names_nobody_in_the_file_is_left_alone(team: Outpost, bring: Bring) -> None:
    team.people("Hub B", "Ann Li")
    team.bind("C2", "Hub B")
    team.hurry()
    bring(team, EVIDENCED)
    team.hurry(LATER)
    assert (team.tries("chat.update", "C1"), team.tries("chat.update", "C2")) == (1, 0)


@pytest.mark.parametrize(
    ("key", "posted", "imported", "redrawn"),
    [
        ("review_upcoming", "2022-06-16", "2022-06-23", True),
        ("review_upcoming", "2022-06-16", "2022-06-24", False),  # the review date has passed
        ("three_week_mark", "2022-07-14", "2022-08-11", True),
        ("three_week_mark", "2022-07-14", "2022-08-12", False),  # more than the pack's `catch_up_days`, 28
    ],
)
def test_a_post_is_kept_true_as_long_as_it_might_still_be_sent(
    team: Outpost, bring: Bring, key: str, posted: str, imported: str, redrawn: bool
) -> None:
    team.hurry(london(f"{posted}T09:30:00"))
    [number] = [message.id for message in team.messages("sent") if message.key == key]
    bring(team, EVIDENCED, london(f"{imported}T09:30:00"))
    [marked] = [post.needs_update for post in team.posts() if post.message_id == number]
    assert bool(marked) is redrawn


# ---- what a post that is drawn again says of itself


def test_it_counts_those_whom_it_still_concerns(team: Outpost, bring: Bring) -> None:
    team.hurry()
    assert "0 of 2 evidenced. 2 people are not evidenced yet." in plain(team)
    bring(team, EVIDENCED)
    team.hurry(LATER)
    assert "1 of 2 evidenced. 1 person is not evidenced yet." in plain(team)


def test_it_says_so_when_it_concerns_nobody_any_more(team: Outpost, bring: Bring) -> None:
    team.hurry()
    bring(team, EVIDENCED + EVIDENCED.splitlines()[1].replace("jane-doe", "omar-haddad") + "\n")
    team.hurry(LATER)
    said = plain(team)
    assert "it is no longer about anybody named below. What to do next: nothing more is needed here." in said
    assert "Jane Doe" in said
    assert "not evidenced yet" not in said


def test_a_contact_that_was_asked_for_and_logged_is_not_asked_for_again(team: Outpost) -> None:
    monday = london("2022-07-18T09:30:00")
    team.evidence("hub-a/omar-haddad")
    team.hurry(monday)
    [asked] = [said for said in team.said() if said.startswith("Output 2: please get in touch")]
    assert "1 person is past the deadline, and no contact has been logged since." in asked
    contact.log_contact(team.installation, SAM, JANE, Deed(monday.date(), monday), channel="phone", outcome="reached")
    team.hurry(monday + timedelta(minutes=1))
    [asked] = [said for said in team.said() if said.startswith("Output 2: please get in touch")]
    assert "no contact has been logged" not in asked
    assert "nothing more is needed here" in asked


def test_after_its_last_day_it_points_to_the_newest_message(team: Outpost) -> None:
    team.hurry()
    after = london("2022-06-27T09:30:00")
    team.extend(JANE, at=after)
    team.hurry(after)
    said = plain(team)
    assert "This was a message for the days until 23 June 2022, which has passed." in said
    assert "Output 2 extended to 29 July 2022 by Sam" in said


def plain(outpost: Outpost) -> str:
    """The first post's words without styles."""
    return outpost.said()[0].replace("*", "").replace("\n", " ")
