from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from bot.app import web_app
from bot.delivery.one_pass import tick
from bot.delivery.tick_report import TickReport
from bot.platforms import IDS
from bot.senders import senders
from bot.settings import Settings
from core.database.database import migrate, open_database
from core.derived.installation import Installation
from core.posts.outbox import Pace
from core.services import imports
from core.services.staff import staffing
from core.services.staff.actors import Actor
from reference.loading import load_pack
from reference.pack import Pack
from tests.conftest import GUIDANCE, TEMPLATE
from tests.fakes.slack import FakeSlack, words, workspace
from tests.fakes.teams import FakeTeams
from tests.flows.people import Person
from tests.flows.web import nothing_given_up, serving

if TYPE_CHECKING:
    from tests.flows.colleagues import Colleague
    from tests.flows.two_platforms import There, TwoPlatforms

NOW = "2022-06-16T09:30:00+01:00"  # a week before the specialists' second review, 23 June 2022
CONSOLE = Actor.console("test")
AT_ONCE = Pace(timedelta(milliseconds=1))
PEOPLE = """participant_id,full_name,course,cohort,delivery_partner,email,application_status,contract_returned_on,sponsorship_returned_on
p-001,Jane Smith,NPQLTD,1,Northern Hub,jane.smith@example.org,accepted,2021-11-20,2021-11-20
p-002,Jane Doe,NPQLTD,1,Northern Hub,jane.doe@example.org,accepted,2021-11-20,
p-003,Ann <!channel> & Co,NPQLT,1,Northern Hub,ann@example.org,accepted,2021-11-20,2021-11-20
p-004,Omar Haddad,NPQLT,1,Northern Hub,omar@example.org,accepted,2021-11-20,2021-11-20
p-100,Zoe Southern,NPQLTD,1,Southern Hub,zoe@example.org,accepted,2021-11-20,2021-11-20
"""
DECLARED = """participant_id,output,declared_on,evidence_cutoff,state
p-001,1,2021-12-20,2021-12-13,payable
p-002,1,2021-12-20,2021-12-13,payable
p-003,1,2021-12-20,2021-12-13,payable
p-004,1,2021-12-20,2021-12-13,payable
p-100,1,2021-12-20,2021-12-13,payable
"""

pack_read_once = cache(load_pack)  # reading it takes as long as all else about a house


@dataclass
class House:
    """One installation at work in a workspace: who is who, where posts go, and the bot's web process."""

    slack: FakeSlack
    settings: Settings
    folder: Path
    stack: ExitStack
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.installation = Installation(
            open_database(self.settings.database_url), pack_read_once(self.settings.npq_pack), platforms=IDS
        )
        self.stack.callback(self.installation.engine.dispose)
        self._web = self.stack.enter_context(ExitStack())
        self._address = ""

    @property
    def now(self) -> datetime:
        return self.settings.clock.now()

    @property
    def address(self) -> str:
        """Where the bot listens; started at the first use."""
        if not self._address:
            self._address = self._web.enter_context(serving(web_app(self.settings, self.installation)))
        return self._address

    def ends(self) -> None:
        """Stops the web process, which finishes what is under way: whatever has not come by now does not come."""
        with nothing_given_up():
            self._web.close()
        self._address = ""

    def set_up(self) -> None:
        """A migrated database with the caseload, a team of four and a channel."""
        migrate(self.installation.engine)
        self.load(PEOPLE, DECLARED)
        self.link("U0COORD", "Sam Coordinator", "coordinator", "Northern Hub")
        self.link("U0LOOK", "Vera Viewer", "viewer", "Northern Hub")
        self.link("U0ADMIN", "Ada Admin", "administrator", None)
        self.link("U0LEAD", "Lee Provider", "lead_provider", None)

    def load(self, *files: str) -> None:
        """Imports these CSV texts."""
        paths = []
        for number, text in enumerate(files):
            path = self.folder / f"file-{number}.csv"
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        report = imports.import_files(self.installation, CONSOLE, paths, now=self.now)
        assert report.written, report.problems

    def link(self, user: str, name: str, role: str, partner: str | None) -> None:
        staffing.add_staff(
            self.installation,
            CONSOLE,
            platform="slack",
            platform_id=user,
            name=name,
            role=role,
            partner=partner,
            now=self.now,
        )

    def posts_go_to(self, channel: str, partner: str = "Northern Hub") -> None:
        staffing.add_place(
            self.installation,
            CONSOLE,
            platform="slack",
            platform_id=channel,
            partner=partner,
            course_group=None,
            cohort=None,
            now=self.now,
        )

    def person(self, user: str) -> Person:
        """Somebody at their Slack; they need not be linked."""
        if user not in self.people:
            self.people[user] = self.stack.enter_context(Person(self.slack, self.address, user))
        return self.people[user]

    def tick(self, *, paced: bool = False) -> TickReport:
        """What the worker does, once; unless `paced` nothing is waited for between two posts."""
        using = dict(senders(self.settings, self.installation))
        for sender in () if paced else using.values():
            sender.pace = AT_ONCE  # type: ignore[misc]
        return tick(self.installation, using, self.now, rehearsal=self.settings.clock.rehearsal)

    def posts(self, *about: str, channel: str = "C0TEAM") -> list[dict[str, Any]]:
        """The posts that stand in a channel, those that say all of this."""
        return [post for post in self.slack.said(channel) if all(part in words(post) for part in about)]


def settings_for(slack: FakeSlack, folder: Path, **others: Any) -> Settings:
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{folder}/npq.db",
        "slack_bot_token": slack.token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "npq_now": NOW,
        **others,
    }
    return Settings(**given)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with workspace("C0TEAM") as running:
        running.channels["C0TEAM"].members |= {"U0COORD", "U0LOOK", "U0ADMIN", "U0LEAD", "U0STRANGER"}
        yield running


@pytest.fixture
def bare_house(slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house without a database."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NPQ_PACK", GUIDANCE)
    with ExitStack() as stack:
        yield House(slack, settings_for(slack, tmp_path), tmp_path, stack)


@pytest.fixture(scope="session")
def house_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of a house that is set up, to copy from."""
    folder = tmp_path_factory.mktemp("house")
    with workspace("C0TEAM") as slack, ExitStack() as stack:
        house = House(slack, settings_for(slack, folder), folder, stack)
        house.set_up()
        house.installation.engine.dispose()
    return folder / "npq.db"


@pytest.fixture
def house(bare_house: House, house_file: Path) -> House:
    shutil.copy(house_file, bare_house.folder)
    return bare_house


@pytest.fixture
def sam(house: House) -> Person:
    """The coordinator of Northern Hub."""
    return house.person("U0COORD")


def many(count: int) -> Sequence[str]:
    """Participants and declarations files for that many people of Northern Hub."""
    header = PEOPLE.splitlines()[0]
    people = [
        f"m-{n:03d},Person {n:03d} Longname-Longersurname,NPQLTD,1,Northern Hub,m{n}@example.org,accepted,2021-11-20,"
        for n in range(count)
    ]
    declared = [f"m-{n:03d},1,2021-12-20,2021-12-13,payable" for n in range(count)]
    return ["\n".join([header, *people, ""]), "\n".join([DECLARED.splitlines()[0], *declared, ""])]


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """A tenant with staff, a channel and a group chat. At the end it must have had nothing to complain of."""
    from tests.flows.two_platforms import populated

    with FakeTeams() as running:
        populated(running)
        yield running
        assert running.complaints == []


@pytest.fixture
def small_installation(sqlite_url: str, pack: Pack) -> Iterator[Installation]:
    """An installation in which nobody and nothing is known."""
    engine = open_database(sqlite_url)
    yield Installation(engine, pack, platforms=IDS)
    engine.dispose()


@pytest.fixture(scope="session")
def both_file(house_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of a house on both platforms, to copy from."""
    from tests.flows.two_platforms import TwoPlatforms, teams_settings

    folder = tmp_path_factory.mktemp("both")
    shutil.copy(house_file, folder)
    with workspace("C0TEAM") as slack, FakeTeams() as teams, ExitStack() as stack:
        house = TwoPlatforms(slack, teams_settings(slack, teams, folder), folder, stack, teams=teams)
        house.open_in_teams()
        house.installation.engine.dispose()
    return folder / "npq.db"


@pytest.fixture
def both(
    request: pytest.FixtureRequest,
    slack: FakeSlack,
    teams: FakeTeams,
    tmp_path: Path,
    both_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TwoPlatforms]:
    """A house on both platforms."""
    # whoever has a story begin with posts has them in the database before the web process starts
    begun = request.getfixturevalue("posted_once").file if "posted" in request.fixturenames else both_file
    shutil.copy(begun, tmp_path)
    with _on_both(slack, teams, tmp_path, monkeypatch) as found:
        yield found


@dataclass(frozen=True)
class Posted:
    """A house whose first reminders stand in the team's channel on each platform."""

    file: Path
    in_slack: Sequence[dict[str, Any]]
    in_teams: Sequence[dict[str, Any]]


@pytest.fixture(scope="session")
def posted_once(both_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Posted:
    """It takes longer to post them than most stories that begin with them."""
    from tests.flows.two_platforms import TEAM, TwoPlatforms, populated, teams_settings

    folder = tmp_path_factory.mktemp("posted")
    shutil.copy(both_file, folder)
    with workspace("C0TEAM") as slack, FakeTeams() as teams, ExitStack() as stack:
        populated(teams)
        house = TwoPlatforms(slack, teams_settings(slack, teams, folder), folder, stack, teams=teams)
        house.posts_go_to("C0TEAM")
        house.teams_posts_go_to(TEAM)
        assert house.tick().troubles == ()
        house.installation.engine.dispose()
        return Posted(folder / "npq.db", slack.said("C0TEAM"), teams.said(TEAM))


@pytest.fixture
def posted(both: TwoPlatforms, posted_once: Posted) -> TwoPlatforms:
    """A house on both platforms whose first reminders have gone out: those of 16 June about the review on the 23rd."""
    from tests.flows.two_platforms import TEAM

    both.slack.channels["C0TEAM"].messages = deepcopy(list(posted_once.in_slack))
    both.teams.conversations[TEAM].activities = deepcopy(list(posted_once.in_teams))
    return both


@pytest.fixture(params=["slack", "teams"])
def there(request: pytest.FixtureRequest, both: TwoPlatforms) -> There:
    """A house on both platforms, seen on each in turn; as `old teams`, by clients that know Action.Submit alone."""
    from tests.flows.two_platforms import There

    return There(both, request.param.removeprefix("old "), request.param.startswith("old "))


@pytest.fixture(scope="session")
def both_database(
    postgres_server: str, _administration: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a PostgreSQL database of a house on both platforms, to copy from."""
    from tests.flows.two_platforms import TwoPlatforms, teams_settings

    folder = tmp_path_factory.mktemp("both")
    with _like(f"{TEMPLATE}_{os.getpid()}", postgres_server, _administration) as url:
        with workspace("C0TEAM") as slack, FakeTeams() as teams, ExitStack() as stack:
            settings = teams_settings(slack, teams, folder, database_url=url)
            house = TwoPlatforms(slack, settings, folder, stack, teams=teams)
            house.set_up()
            house.open_in_teams()
        yield url


@contextmanager
def _like(template: str, server: str, administration: Connection) -> Iterator[str]:
    """The address of a PostgreSQL database that begins as a copy of another."""
    name = f"npq_{uuid4().hex}"
    administration.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    administration.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def both_url(both_database: str, postgres_server: str, _administration: Connection) -> Iterator[str]:
    """A PostgreSQL database of one's own, of a house on both platforms."""
    with _like(make_url(both_database).database or "", postgres_server, _administration) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def either(
    request: pytest.FixtureRequest,
    slack: FakeSlack,
    teams: FakeTeams,
    tmp_path: Path,
    both_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TwoPlatforms]:
    """A house on both platforms, with each kind of database in turn."""
    others = {}
    if request.param == "postgres":
        others = {"database_url": request.getfixturevalue("both_url")}
    else:
        shutil.copy(both_file, tmp_path)
    with _on_both(slack, teams, tmp_path, monkeypatch, **others) as found:
        yield found


@contextmanager
def _on_both(
    slack: FakeSlack, teams: FakeTeams, folder: Path, monkeypatch: pytest.MonkeyPatch, **others: Any
) -> Iterator[TwoPlatforms]:
    from tests.flows.two_platforms import TwoPlatforms, teams_settings

    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NPQ_PACK", GUIDANCE)
    with ExitStack() as stack:
        found = TwoPlatforms(slack, teams_settings(slack, teams, folder, **others), folder, stack, teams=teams)
        yield found


@pytest.fixture
def colleague(both: TwoPlatforms) -> Colleague:
    """The coordinator of Northern Hub, at their Teams."""
    from tests.flows.two_platforms import SAM

    return both.colleague(SAM)
