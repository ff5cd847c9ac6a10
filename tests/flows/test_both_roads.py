"""A kept answer and one that is worked out are the same byte for byte, for whoever asks about whomever, whatever happened before.

Whoever changes who may see whom, or whom a name means, changes it for both: each test asks every question on both roads.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.conversation import entry
from bot.conversation.cards.card import Card
from bot.conversation.requests import Command, Origin, Private
from bot.platforms import IDS
from bot.slack.draw_reply import Showing as InSlack
from bot.teams.draw_reply import Showing as InTeams
from bot.web import quick_answers
from core.database.database import open_database
from core.derived.installation import Installation
from core.rules.calendar import london_day
from core.services import enquiries, finishing_answers
from core.services.acts import contact, extension
from core.services.acts.recording import Deed
from core.services.enquiries import Case
from core.services.imports import import_files
from core.services.refusals import Refusal
from core.services.staff import actors, staffing
from core.services.staff.actors import PERMISSIONS, ROLES, Actor, Permission
from reference.pack import Pack
from tests.histories import HISTORIES

NOW = datetime.fromisoformat("2022-06-16T09:30:00+01:00")
CONSOLE = Actor.console("Sam")
HUBS = ("Northern Hub", "Southern Hub")
HEADER = "participant_id,full_name,course,cohort,delivery_partner,email,trn,application_status,contract_returned_on"
PEOPLE = (  # one id is another's TRN, one person is called as another is numbered, some names are the beginnings of others
    ("p-001", "Jane Smith", "jane.smith@example.org", "1234567"),
    ("p-002", "Jane Doe", "jane.doe@example.org", ""),
    ("p-003", "Jane Smith", "j.smith@example.org", ""),
    ("1234567", "Omar Haddad", "omar@example.org", "7654321"),
    ("p-004", "Zoë O’Neill", "zoe@example.org", "7654320"),
    ("P-4", "Ann <!channel> & Co", "ann@example.org", "0000042"),
)
WHO = (
    "p-001", "P-001", " p-002 ", "1234567", "id:1234567", "ID: p-003", "id:p-9", "7654321", "TRN 7654320", "42", "0000042",
    "jane", "jane smith", "JANE DOE", "doe", "smith", "zoe", "o'neill", "Zoë O’Neill", "ann", "p4", "p-4", "p-04", "P-4",
    "jane.smith@example.org", "Jane.Smith@Example.org", "zoe@example.org", "nobody@example.org", "nobody", "9999999", "",
    "jane doe output 2", "person new",
)  # fmt: skip
STRANGER = "U0STRANGER"
ALL = 99  # steps: more than there are


def in_teams(number: int) -> str:
    """Somebody's id there."""
    return f"00000000-0000-0000-0000-00000000c0{number:02d}"


@dataclass
class Desk:
    """One installation as its web process has it: answers are finished ahead in `ahead`, on each platform in turn."""

    installation: Installation
    folder: Path
    chance: random.Random
    now: datetime = NOW
    users: dict[tuple[str, str], str] = field(default_factory=dict)
    files: int = 0
    kept: int = 0

    def draws(self, platform: str) -> Callable[[Card], bytes]:
        clock = Clock(self.now)
        return InSlack(clock).drawn if platform == "slack" else InTeams(clock).drawn

    def ahead(self, platform: str = "slack", steps: int = ALL) -> None:
        """What the web process does before anybody asks, or the beginning of it."""
        draw = self.draws(platform)

        def drawn(actor: Actor, case: Case) -> bytes:
            return draw(entry.card_about(self.installation, actor, case))

        making = finishing_answers.finish(self.installation, london_day(self.now), platform, 2, drawn)
        for _ in islice(making, steps):
            pass

    def asks(self, platform: str, user: str, who: str, alias: str = "") -> bytes | None:
        """Asks on both roads; what is kept, which is to be what would be worked out."""
        (kept,) = self.ask([Command(Origin(platform, user, alias=alias), f"status {who}")])
        return kept

    def ask(self, questions: Sequence[Command]) -> list[bytes | None]:
        """The same for several, all of them on the quick road first: the long one would bring the memory up to date."""
        found = [quick_answers.find(self.installation, command, self.now) for command in questions]
        for command, kept in zip(questions, found, strict=True):
            reply = entry.answer(self.installation, command, now=self.now)
            assert isinstance(reply, Private)
            if kept is not None:
                self.kept += 1
                assert [kept] == [self.draws(command.origin.platform)(card) for card in reply.cards], command
        return found

    def everybody_asks(self, platform: str = "slack") -> Mapping[tuple[str, str], bytes]:
        """Every user and a stranger, about everybody: what is kept for whom. Where somebody's status is shown, it is kept."""
        found = {}
        for user in [*self.of(platform), STRANGER, in_teams(99)]:
            for who in WHO:
                kept = self.asks(platform, user, who)
                if kept is not None:
                    found[user, who] = kept
                assert (kept is not None) == self.shown(platform, user, who), (platform, user, who)
        return found

    def shown(self, platform: str, user: str, who: str) -> bool:
        """Whether the long way answers with somebody's status: it finds one person for them. Other outputs are never kept."""
        try:
            actor = actors.recognise(self.installation, platform, user)
            return bool(enquiries.identify(self.installation, actor, who)) and not who.endswith("output 2")
        except Refusal:
            return False

    def of(self, platform: str) -> list[str]:
        return [user for known, user in self.users if known == platform]

    def joins(self, platform: str, user: str, role: str, partner: str | None) -> None:
        staffing.add_staff(
            self.installation,
            CONSOLE,
            platform=platform,
            platform_id=user,
            name=user,
            role=role,
            partner=partner,
            now=self.now,
        )
        self.users[platform, user] = role

    def leaves(self, platform: str, user: str) -> None:
        staffing.remove_staff(self.installation, CONSOLE, platform=platform, platform_id=user, now=self.now)
        del self.users[platform, user]

    def imports(self, *rows: tuple[str, str, str, str], hub: str = "") -> None:
        self.files += 1
        file = self.folder / f"people-{self.files}.csv"
        lines = [
            f"{one},{name},{self.chance.choice(['NPQLTD', 'NPQLT'])},1,{hub or self.chance.choice(HUBS)},{email},{trn},accepted,2021-11-20"
            for one, name, email, trn in rows
        ]
        file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
        report = import_files(self.installation, CONSOLE, [file], same_ids_meant=True, now=self.now)
        assert report.written, report.problems

    # what happens

    def happens(self) -> None:
        """Anything that makes another answer of the same question, here or in another process."""
        elsewhere = replace(
            self, installation=Installation(self.installation.engine, self.installation.pack, platforms=IDS)
        )
        where = self.chance.choice([self, elsewhere])
        self.chance.choice([where.somebody_changes, where.somebody_is_imported, where.something_is_decided])()
        self.files = where.files
        if self.chance.random() < 0.15:
            self.now += timedelta(days=self.chance.randrange(1, 30))

    def somebody_changes(self) -> None:
        platform, user = self.chance.choice(list(self.users))
        if self.chance.random() < 0.25 and len(self.of(platform)) > 1:
            self.leaves(platform, user)
        else:
            user = self.chance.choice(
                [user, f"U0NEW{self.files}" if platform == "slack" else in_teams(20 + self.files)]
            )
            self.joins(platform, user, self.chance.choice(ROLES), self.chance.choice([None, *HUBS]))

    def somebody_is_imported(self) -> None:
        one, name, email, trn = self.chance.choice(PEOPLE)
        self.imports((one, self.chance.choice([name, "Person New", "Jane Smith"]), email, trn))

    def something_is_decided(self) -> None:
        who, deed = f"id:{self.chance.choice(PEOPLE)[0]}", Deed(london_day(self.now), self.now)
        try:
            if self.chance.random() < 0.5:
                contact.log_contact(self.installation, CONSOLE, who, deed, channel="phone", outcome="no-answer")
            else:
                until = deed.on + timedelta(days=20)
                extension.extend(self.installation, CONSOLE, who, deed, output=2, until=until, reason="workload")
        except Refusal:
            return


def opened(installation: Installation, folder: Path, seed: int = 1) -> Desk:
    """Somebody of each role on each platform, of one Delivery Partner and of all; six participants."""
    found = Desk(installation, folder, random.Random(seed))
    found.imports(*PEOPLE[::2], hub=HUBS[0])
    found.imports(*PEOPLE[1::2], hub=HUBS[1])
    for number, role in enumerate(ROLES):
        found.joins("slack", f"U0ALL{number}", role, None)
        found.joins("slack", f"U0NORTH{number}", role, HUBS[0])
        found.joins("teams", in_teams(number), role, HUBS[number % 2])
        found.joins("teams", in_teams(10 + number), role, None)
    return found


@pytest.fixture
def here(installation: Installation, tmp_path: Path) -> Desk:
    """On each kind of database."""
    return opened(installation, tmp_path)


@pytest.fixture
def in_slack(sqlite_url: str, pack: Pack, tmp_path: Path) -> Iterator[Desk]:
    """With everybody's answers finished for Slack."""
    installation = Installation(open_database(sqlite_url), pack, platforms=IDS)
    found = opened(installation, tmp_path)
    found.ahead()
    yield found
    installation.engine.dispose()


@pytest.mark.parametrize("platform", ["slack", "teams"])
def test_both_roads_answer_alike_whoever_asks_about_whomever(here: Desk, platform: str) -> None:
    here.ahead(platform)
    kept = here.everybody_asks(platform)
    assert {user for user, _ in kept} == set(here.of(platform)), "none for a stranger or on the other platform"
    assert {who for _, who in kept} > {
        "id:1234567",
        "doe",
        "0000042",
        "TRN 7654320",
        "o'neill",
        "Jane.Smith@Example.org",
    }
    assert len({answer for (_, who), answer in kept.items() if who == "doe"}) > 1, "each role has its own buttons"
    everywhere = [user for user in here.of(platform) if (user, "ann") in kept and (user, "zoe") in kept]
    assert len(everywhere) >= len(ROLES)
    assert not any((user, who) in kept for user in everywhere for who in ("jane smith", "1234567", "jane", "p-04"))


@pytest.mark.parametrize("seed", range(HISTORIES // 3))
def test_both_roads_answer_alike_over_a_random_history(seed: int, sqlite_url: str, pack: Pack, tmp_path: Path) -> None:
    installation = Installation(open_database(sqlite_url), pack, platforms=IDS)
    house = opened(installation, tmp_path, seed)
    for _ in range(16):
        platform = house.chance.choice(["slack", "teams"])
        house.ahead(platform, house.chance.choice([0, 1, ALL]))
        house.happens()
        if house.chance.random() < 0.4:
            house.ahead(platform, house.chance.choice([1, ALL]))
        users = [*house.of(platform), STRANGER]
        house.ask(
            [
                Command(Origin(platform, house.chance.choice(users)), f"status {house.chance.choice(WHO)}")
                for _ in range(40)
            ]
        )
    installation.engine.dispose()
    assert house.kept > 30, "hardly any was kept: this compares nothing"


def test_who_may_see_whom_is_decided_in_one_place(in_slack: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another rule is followed on both roads at once, also for answers that were finished under the one before."""
    before = in_slack.everybody_asks()

    def sees(actor: Actor, delivery_partner: str) -> bool:
        return delivery_partner == HUBS[0] and actor.name != "U0ALL2"

    monkeypatch.setattr(enquiries, "sees", sees)
    after = in_slack.everybody_asks()
    assert ("U0ALL1", "zoe") in before
    assert ("U0ALL2", "zoe") in before
    assert ("U0ALL1", "zoe") in after, "of Northern Hub"
    assert ("U0ALL1", "doe") in before.keys() - after.keys(), "of Southern Hub"
    assert "U0ALL2" not in {user for user, _ in after}
    assert ("U0ALL1", "1234567") in after.keys() - before.keys(), "whom they may not see hides nobody"


def test_which_roles_may_see_anybody_is_decided_in_one_place(in_slack: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERMISSIONS, "see", Permission(("coordinator",), "see participants"))
    after = in_slack.everybody_asks()
    assert {in_slack.users["slack", user] for user, _ in after} == {"coordinator", "administrator"}


def test_who_somebody_is_is_decided_in_one_place(in_slack: Desk) -> None:
    assert in_slack.asks("slack", "U0ALL1", "zoe") is not None
    assert in_slack.asks("slack", "u0all1", "zoe") is not None, "as it may have been typed when it was added"
    assert in_slack.asks("slack", STRANGER, "zoe", alias="U0ALL1") is not None, "by their other id"
    assert in_slack.asks("slack", STRANGER, "zoe", alias="U0OTHER") is None
    assert in_slack.asks("teams", "U0ALL1", "zoe") is None, "of another platform"


def test_whoever_changes_is_followed_by_the_very_next_answer(in_slack: Desk) -> None:
    """Nothing is finished anew between the questions, and another process made the change."""
    there = replace(
        in_slack, installation=Installation(in_slack.installation.engine, in_slack.installation.pack, platforms=IDS)
    )
    as_viewer = in_slack.asks("slack", "U0ALL0", "doe")
    there.joins("slack", "U0ALL0", "coordinator", None)
    assert in_slack.asks("slack", "U0ALL0", "doe") not in (None, as_viewer), "with more buttons"
    there.joins("slack", "U0ALL0", "coordinator", HUBS[0])
    assert in_slack.asks("slack", "U0ALL0", "doe") is None, "of the other Delivery Partner"
    assert in_slack.asks("slack", "U0ALL0", "zoe") is not None
    there.leaves("slack", "U0ALL0")
    assert in_slack.asks("slack", "U0ALL0", "zoe") is None
    in_slack.everybody_asks()
