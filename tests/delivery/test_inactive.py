"""Who has had no new evidence for long is named in one post for each day since which that is so (reading 35)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.delivery.one_pass import update_posts
from bot.platforms import IDS
from core.derived.installation import Installation
from core.services.acts import contact
from core.services.acts.recording import Deed
from reference.pack import Pack
from tests.delivery.conftest import SAM, Outpost, day, london
from tests.redated import with_rows

FIRST = london("2022-01-31T10:05")  # 1 November 2021 and 91 days
AGAIN = london("2022-05-03T10:05")


@pytest.fixture
def quiet(outpost: Outpost, pack: Pack) -> Outpost:
    """Two people of whom nothing is held, in a cohort without dates. On each kind of database."""
    undated = with_rows(pack, (row for rows in pack.schedule.values() for row in rows if row.cohort != "1"))
    watchful = replace(undated, settings=replace(pack.settings, inactive_after_days=90))
    here = replace(outpost, installation=Installation(outpost.installation.engine, watchful, platforms=IDS))
    here.people("Hub A", "Jane Doe", "Omar Haddad")
    here.bind("C1", "Hub A")
    return here


def inactive(here: Outpost) -> list[str]:
    return [text for text in here.said("C1") if "No new evidence" in text]


def test_it_is_posted_once_and_again_after_as_long(quiet: Outpost) -> None:
    quiet.hurry(london("2022-01-28T10:05"))
    assert inactive(quiet) == []
    quiet.hurry(FIRST)
    quiet.hurry(london("2022-02-11T10:05"))
    [post] = inactive(quiet)
    assert "Nothing new of 2 people is held here since *1 November 2021* (91 days ago)" in post
    assert "Jane Doe" in post
    assert "Omar Haddad" in post
    assert "2 people have no review date yet." in post
    quiet.hurry(AGAIN)
    assert len(inactive(quiet)) == 2


def test_who_has_shown_something_by_then_is_not_named(quiet: Outpost) -> None:
    quiet.evidence("hub-a/jane-doe", "2022-01-20")
    quiet.hurry(FIRST)
    [post] = inactive(quiet)
    assert "Jane Doe" not in post
    assert "Nothing new of 1 person" in post


def test_what_waits_is_taken_back_once_there_is_something_new(quiet: Outpost) -> None:
    quiet.plan(FIRST)
    assert "inactive" in [message.key for message in quiet.messages("planned")]
    for who in ("hub-a/jane-doe", "hub-a/omar-haddad"):
        quiet.evidence(who, "2022-01-20")
    quiet.hurry(london("2022-01-31T10:06"))
    assert inactive(quiet) == []


def test_the_post_is_redrawn_after_a_decision(quiet: Outpost) -> None:
    """A contact ends nothing; new evidence does, and the post says so of whom it named."""
    quiet.hurry(FIRST)
    deed = Deed(day("2022-01-31"), london("2022-01-31T10:08"))
    contact.log_contact(quiet.installation, SAM, "hub-a/jane-doe", deed, channel="phone", outcome="reached")
    quiet.evidence("hub-a/omar-haddad", "2022-01-31")
    later = london("2022-01-31T10:10")
    update_posts(quiet.installation, quiet.senders, later, rehearsal=False)
    [post] = inactive(quiet)
    assert "Nothing new of 1 person" in post
    assert "by Sam" in post
    assert "No longer counted above." in post
