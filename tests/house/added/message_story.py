"""On the payment day each channel is told whose payment is due: on Slack and in Teams, once, and foreseen by `npq due`."""

from __future__ import annotations

from typing import Any

from click.testing import CliRunner

from bot.cli import main
from tests.conversation.test_messages import *  # noqa: F403  # its example, drawn for both platforms
from tests.fakes.slack import words
from tests.flows.conftest import *  # noqa: F403
from tests.flows.two_platforms import TEAM, TwoPlatforms

ON_THE_DAY = "2022-02-09T09:30:00+00:00"
REGISTER = """event_id,event_type,event_date,participant_id,status
e-1,f2f,2021-12-01,p-001,attended
e-1,f2f,2021-12-01,p-002,attended
"""
SAID = "The payment for Output 1 is due on 9 February 2022 (today), for 1 person."


def paid(house: TwoPlatforms) -> list[dict[str, Any]]:
    return [post for post in house.posts("payment today") if "Jane Smith" in words(post)]


def test_the_day_comes(both: TwoPlatforms) -> None:
    both.load(REGISTER)
    house = both.at(ON_THE_DAY)
    house.posts_go_to("C0TEAM")
    house.teams_posts_go_to(TEAM)

    settings = {"DATABASE_URL": house.settings.database_url, "NPQ_NOW": ON_THE_DAY}
    foreseen = CliRunner().invoke(main, ["due"], env=settings)
    assert foreseen.exit_code == 0
    assert SAID in " ".join(foreseen.output.split())

    assert house.tick().troubles == ()
    assert house.tick().troubles == ()
    (post,) = paid(house)
    said = words(post).replace("*", "")
    assert SAID in said
    assert "check that it has arrived; if it has not, ask Education Development Trust." in said
    assert "Jane Doe" not in said, "a paper is missing: nothing is paid"
    assert [SAID in each.words for each in house.in_teams("payment today")] == [True]
