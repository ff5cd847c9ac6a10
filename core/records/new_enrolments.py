"""The ids of enrolments that are to be stored: each is given once, also where its enrolment is gone again."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

_OF_SQLITE = text(
    "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'enrolments'), 0), "
    "coalesce((SELECT max(id) FROM enrolments), 0))"
)
_OF_POSTGRES = text(
    "SELECT setval(ids, nextval(ids) + :more) FROM (SELECT pg_get_serial_sequence('enrolments', 'id')::regclass AS ids) AS it"
)


class NewEnrolments:
    """Gives ids within one transaction, which is alone in that."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: int | None = None  # that was given here

    def __call__(self, count: int) -> range:
        """So many ids in a row."""
        if self._session.get_bind().dialect.name == "postgresql":
            last = self._session.execute(_OF_POSTGRES, {"more": count - 1}).scalar_one()
        else:
            if self._last is None:
                self._last = self._session.execute(_OF_SQLITE).scalar_one()
            last = self._last = self._last + count
        return range(last - count + 1, last + 1)
