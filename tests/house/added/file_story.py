"""Visits are a kind of file: imported with every wrong row named, told in a post, and the post brought up to date by the next file."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from bot.cli import main
from tests.fakes.slack import words
from tests.flows.conftest import *  # noqa: F403
from tests.flows.two_platforms import TEAM, TwoPlatforms

THREE_WEEKS_ON = "2022-07-14T09:30:00+01:00"
HEADER = "participant_id,visited_on,minutes,school_visited\n"
TRIED = "Tried so far: {}."


def imported(house: TwoPlatforms, folder: Path, *rows: str) -> Result:
    file = folder / "visits.csv"
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    settings = {"DATABASE_URL": house.settings.database_url, "NPQ_NOW": THREE_WEEKS_ON}
    return CliRunner().invoke(main, ["import", str(file)], env=settings)


def test_from_the_file_to_the_post(both: TwoPlatforms, tmp_path: Path) -> None:
    house = both.at(THREE_WEEKS_ON)
    house.posts_go_to("C0TEAM")
    house.teams_posts_go_to(TEAM)

    wrong = imported(house, tmp_path, "p-002,2022-06-20,45,Hill School", "p-002,2022-07-20,0,", "p-0x2,2022-06-20,45,")
    assert wrong.exit_code == 1
    for said in ("visited_on", "give a whole number of minutes from 1 to 600", "p-0x2"):
        assert said in wrong.output

    right = imported(house, tmp_path, "p-002,20/06/2022,45,Hill School")
    assert right.exit_code == 0, right.output
    house.tick()
    (post,) = house.posts("list for the Partnership meeting", "Jane Doe")
    assert TRIED.format("1 visit") in words(post)
    assert TRIED.format("1 visit") in house.in_teams("list for the Partnership meeting", "Jane Doe")[0].words

    assert imported(house, tmp_path, "p-002,2022-07-01,30,").exit_code == 0
    house.tick()
    (post,) = house.posts("list for the Partnership meeting", "Jane Doe")
    assert TRIED.format("2 visits") in words(post)
