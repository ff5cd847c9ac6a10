"""Steps of telling whoever looks after a channel that it takes no posts: taken up, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.database.database import reading, writing
from core.derived.installation import Installation
from core.posts import owner_notices, places
from core.posts.outbox import Moment
from core.posts.owner_notices import Notice
from core.posts.places import Place


def waiting(installation: Installation, platforms: Sequence[str], moment: Moment) -> bool:
    """Whether there is anything to tell on these platforms, or to give up."""
    with reading(installation.engine) as session:
        return bool(owner_notices.due(session, platforms, moment.now)) or owner_notices.any_lost(session, moment.real)


class Telling(NamedTuple):
    """What one person is being told in one message that carries this token, with every place as it is bound."""

    token: str
    notices: list[Notice]
    bound: list[Place]


def begin(installation: Installation, platforms: Sequence[str], moment: Moment) -> tuple[list[Telling], int]:
    """Takes up what is due, which is being told from now on; and how many that somebody else began are given up."""
    with writing(installation.engine) as session:
        lost = owner_notices.give_up_lost(session, moment.real)
        taken = [
            owner_notices.begin(session, due, moment.real) for due in owner_notices.due(session, platforms, moment.now)
        ]
        told = [Telling(token, mine, places.list_all(session)) for token, mine in taken if mine]
        session.expunge_all()
    return told, lost


def put_off(installation: Installation, token: str, until: datetime) -> None:
    """They were certainly not told: another try from then on."""
    with writing(installation.engine) as session:
        owner_notices.put_off(session, token, until)


def held(installation: Installation, token: str) -> None:
    """They may have been told: not again."""
    with writing(installation.engine) as session:
        owner_notices.finish(session, token, "held")


def told(installation: Installation, token: str, at: datetime) -> None:
    """They were told."""
    with writing(installation.engine) as session:
        owner_notices.finish(session, token, "sent", at)
