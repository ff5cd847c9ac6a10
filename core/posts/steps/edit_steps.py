"""Steps of redrawing a post in place: announced, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from core.database.database import writing
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import Moment, Pace, Post, Turn
from core.posts.steps.page_steps import paced


def begin(installation: Installation, turn: Turn, post: Post, moment: Callable[[], Moment]) -> None:
    """It is being redrawn from now on. Raises `Overtaken`: then it must not be redrawn."""
    with writing(installation.engine) as session:
        outbox.begin_edit(session, turn, post, moment())


def edited(installation: Installation, turn: Turn, post: Post, moment: Moment, pace: Pace, *, judged_on: date) -> None:
    """It shows everything that was marked when it was read. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.edited(session, turn, post, moment, judged_on=judged_on)
        outbox.release(session, turn, paced=paced(pace, moment), healthy=True)


def not_edited(installation: Installation, turn: Turn, post: Post) -> None:
    """It certainly looks as before. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_edited(session, turn, post)


def unknown(installation: Installation, post: Post, real: datetime, until: datetime) -> None:
    """It may still come to be redrawn until then, by the real clock, whoever has the lane by now."""
    with writing(installation.engine) as session:
        outbox.edit_unknown(session, post, real, until)


def overtaken(installation: Installation, post: Post) -> None:
    """Somebody else's newer drawing may be what this one has overwritten: it is redrawn once more."""
    with writing(installation.engine) as session:
        outbox.mark_post_stale(session, post)


def beyond_redrawing(installation: Installation, turn: Turn, post: Post, reason: str) -> None:
    """It is gone, or can't be changed: no further try. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.beyond_redrawing(session, turn, post, reason)
        outbox.release(session, turn)
