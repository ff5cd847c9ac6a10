"""What every service needs to work: where things are remembered, which pack rules, and this process's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Engine

from core.database.database import reading
from core.derived.finished_answers import MemberQuestion
from core.derived.people_index import PeopleIndex
from core.records.id_forms import Platforms
from core.rules.folding import Fold
from reference.pack import Pack


@dataclass(frozen=True, eq=False)
class Installation:
    """One installation's database and policy pack, and where its people are. Made once by whoever starts a process."""

    engine: Engine
    pack: Pack
    people_index: PeopleIndex = field(default_factory=PeopleIndex)
    platforms: Platforms = field(default_factory=dict)
    asking: MemberQuestion = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asking", MemberQuestion(self.engine))

    def on(self, pack: Pack) -> Installation:
        """The same database by another pack: of what was worked out by this one nothing is kept."""
        return Installation(self.engine, pack, platforms=self.platforms)

    @cached_property
    def fold(self) -> Fold:
        """Makes progress records by this pack."""
        return Fold(self.pack)

    @property
    def embedded(self) -> bool:
        """Whether the database is within this process: asking it takes no network."""
        return self.engine.dialect.name == "sqlite"

    @property
    def at_hand(self) -> bool:
        """Whether questions about one person need no network and no long look: an embedded database, a known directory."""
        return self.embedded and self.people_index.has_directory

    @contextmanager
    def looking(self) -> Iterator[None]:
        """While entered: everything this thread asks is answered from one state of the records. For questions only."""
        with reading(self.engine):
            yield
