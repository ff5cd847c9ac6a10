"""A visit to the school can be agreed: typed, pressed and on the command line, in Slack and in Teams; nothing else was told of it."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from core.services import enquiries
from tests.fakes.slack import words
from tests.flows.conftest import *  # noqa: F403
from tests.flows.conftest import CONSOLE
from tests.flows.people import errors, shown
from tests.flows.two_platforms import SAM, TEAM, VERA, TwoPlatforms

AIM = "Talk about <cover lessons> & time"
TOLD = "Visit agreed for 1 July 2022"


def decided(house: TwoPlatforms) -> list[str]:
    return [line.text for line in enquiries.case(house.installation, CONSOLE, "p-001", as_of=house.now.date()).history]


def test_in_slack_from_a_nearly_right_word_to_the_post(both: TwoPlatforms) -> None:
    both.posts_go_to("C0TEAM")
    both.tick()
    sam = both.person("U0COORD")
    meant = sam.says("/npq vist jane smith")
    assert "/npq visit jane smith" in meant.words.replace("*", "")
    form = sam.opens(meant.message, "Yes, do that")
    assert "Jane Smith" in words(form)
    assert [block["label"]["text"] for block in form["blocks"] if block["type"] == "input"] == [
        "Day of the visit",
        "Who goes",
        "Aim of the visit",
    ]
    refused = sam.submits(form, day="2022-07-01", who="Facilitator", aim="")
    assert errors(refused) == "Please say it in a few words."
    refused = sam.submits(form, day="2022-06-01", who="Facilitator", aim=AIM)
    assert errors(refused) == "A visit is agreed for a day ahead; please choose a later one."
    assert decided(both) == []
    assert "a visit is agreed for 1 July 2022" in shown(sam.submits(form, day="2022-07-01", who="Facilitator", aim=AIM))
    assert decided(both) == [TOLD]
    assert both.slack.wait_until(lambda: TOLD in words(both.posts("Jane Smith")[0]))
    assert "lessons" not in words(both.posts("Jane Smith")[0]), "the reason is not for the channel"
    late = both.person("U0ADMIN").submits(form, day="2022-07-02", who="Facilitator", aim="Bring the <papers>")
    assert "Something was recorded for Jane Smith in the meantime" in shown(late)
    written = [block["element"].get("initial_value") for block in late["view"]["blocks"] if block["type"] == "input"]
    assert written == [None, None, "Bring the <papers>"], "what was written is not lost"
    assert decided(both) == [TOLD]
    details = sam.opens(sam.says("/npq status jane smith").message, "Details")
    assert AIM in words(details)


def test_in_teams_from_the_card(both: TwoPlatforms) -> None:
    both.teams_posts_go_to(TEAM)
    both.tick()
    sam = both.colleague(SAM)
    form = sam.presses(sam.says("status jane smith"), "Agree a visit")
    wrong = sam.presses(form, "Agree", day="2022-07-01", who="Facilitator", aim="x" * 301)
    assert "please use 300 at most" in wrong.words
    done = sam.presses(wrong, "Agree", aim=AIM)
    assert "a visit is agreed for 1 July 2022" in done.words
    assert both.teams.wait_until(lambda: TOLD in both.in_teams("Jane Smith")[0].words)
    viewer = both.colleague(VERA)
    assert "cannot agree visits; ask a coordinator or your administrator" in viewer.says("visit jane smith").words


def test_on_the_command_line_and_in_the_help(both: TwoPlatforms, monkeypatch: pytest.MonkeyPatch) -> None:
    def npq(*typed: str) -> Any:
        return CliRunner().invoke(
            main, typed, env={"DATABASE_URL": both.settings.database_url, "NPQ_NOW": str(both.now)}
        )

    done = npq("visit", "p-001", "--on-day", "2022-07-01", "--visitor", "lead-provider", "--aim", AIM)
    assert (done.exit_code, done.output) == (0, "Jane Smith: a visit is agreed for 1 July 2022.\n")
    assert decided(both) == [TOLD]
    assert "\n  visit " in npq("--help").output
    assert "/npq visit Jane Example" in both.person("U0LOOK").says("/npq help").words.replace("*", "")
