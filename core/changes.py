"""The one door through which facts and decisions change.

    with changing(installation, now=now) as change:
        …                                   # rows are written in `change.session`
        change.decided(participant_id, enrolment_id)      # and what that changes is said

On leaving without an error everything that follows is done in the same transaction, in the one right order: the state moves on,
progress records are folded anew where facts changed, the posts that tell of it are marked for redrawing, the audit entries are
appended. With an error, or where its writer takes the change back, nothing has happened. Nobody else writes to a table of facts or
decisions, but for migrations, the move to another database and restoring one, which bring whole tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from core.database import audit
from core.database.database import writing
from core.derived import following, progress_store
from core.derived.following import State
from core.derived.installation import Installation
from core.posts import outbox
from core.records import participant_rows
from core.rules.calendar import days, london_day

DOOR = "npq_door"  # stands in a connection's info while it is in here


class Change:
    """What a transaction changes, as its writer says it."""

    def __init__(self, session: Session, installation: Installation, now: datetime | None) -> None:
        self.session = session
        self._installation = installation
        self._now = now
        self._state: State | None = None
        self._decided: dict[int, str] = {}  # enrolments, each with whose it is
        self._facts: dict[int, str] = {}
        self._imported: set[int] | None = None
        self._registers = False
        self._replanned: set[tuple[str, str | None]] = set()
        self._everybody = False
        self._partners: list[str] = []
        self._entries: list[dict[str, Any]] = []
        self._taken_back = False

    def facts(self, enrolments: Mapping[int, str]) -> None:
        """The facts of these enrolments, each given with whose it is, told by somebody: posts that name them are redrawn, however old."""
        self._facts.update(enrolments)

    @property
    def has_facts(self) -> bool:
        """Whether anybody's facts are said to have changed."""
        return bool(self._facts)

    def decided(self, participant_id: str, enrolment_id: int) -> None:
        """Something was decided about an enrolment of a participant: buttons that were drawn before are late."""
        self._decided[enrolment_id] = participant_id

    def imported(
        self, enrolments: Iterable[int], *, registers: bool, replanned: Iterable[tuple[str, str | None]] = ()
    ) -> None:
        """What files brought, maybe a meeting alone: facts of these enrolments, and of those booked with them in `registers`.

        `replanned` are the Delivery Partners, each with a course or None for all, whose planned sessions are others now.
        """
        self._imported = {*(self._imported or ()), *enrolments}
        self._registers = self._registers or registers
        self._replanned.update(replanned)

    def everybody(self) -> None:
        """Anything of anybody."""
        self._everybody = True

    def partner(self, name: str) -> None:
        """A Delivery Partner has other people now: its posts are redrawn, whomever they name."""
        self._partners.append(name)

    def audit(
        self,
        act: str,
        *,
        actor: str,
        actor_id: int | None,
        detail: Mapping[str, Any],
        participant_id: str | None = None,
    ) -> None:
        """An entry in the audit trail."""
        self._entries.append(
            {"act": act, "actor": actor, "actor_id": actor_id, "detail": detail, "participant_id": participant_id}
        )

    def take_back(self) -> None:
        """Nothing of this is to be kept, whatever was written and said."""
        self._taken_back = True

    def begin(self) -> State:
        """Moves on at once: from now on until the end nobody else does, and no post is opened."""
        if self._state is None:
            self._state = following.move_on(self.session)
        return self._state

    def _follow(self) -> None:
        """Does what follows from all that was said, or takes back all that was done."""
        session, fold = self.session, self._installation.fold
        if self._taken_back:
            session.rollback()
            return
        session.flush()
        if self._decided or self._facts or self._imported is not None or self._everybody or self._partners:
            state = self.begin()
            for participant_id in set(self._decided.values()):
                participant_rows.touch_participant(session, participant_id)
            if self._everybody:
                progress_store.rebuild(session, fold, state)
            elif self._imported is not None:
                progress_store.refresh_imported(
                    session, fold, self._imported, state, registers=self._registers, replanned=self._replanned
                )
            progress_store.refresh(session, fold, self._facts, state)
            progress_store.note_decided(session, fold, self._decided.keys() - self._facts.keys(), state)
            if self._now is not None:
                self._mark_posts(state, london_day(self._now))
        for entry in self._entries:
            assert self._now is not None
            audit.append(session, at=self._now, **entry)

    def _mark_posts(self, state: State, today: date) -> None:
        for participant_id in {*self._decided.values(), *self._facts.values()}:
            outbox.mark_stale(self.session, participant_id)
        still_told = {"due_from": today - days(self._installation.pack.settings.catch_up_days), "today": today}
        if self._imported is not None:
            outbox.mark_changed(self.session, state.number, **still_told)
        for name in self._partners:
            outbox.mark_partner(self.session, name, **still_told)


@contextmanager
def changing(installation: Installation, *, now: datetime | None = None, checked: bool = False) -> Iterator[Change]:
    """One transaction in which facts or decisions change; `checked` as `writing` has it. Raises as `writing` does.

    Without a `now` nothing can be said but that `everybody`'s records are to be made anew.
    """
    with writing(installation.engine, checked=checked) as session:
        info = session.connection().info
        info[DOOR] = True
        try:
            change = Change(session, installation, now)
            yield change
            change._follow()
        finally:
            info.pop(DOOR, None)
