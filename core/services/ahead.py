"""Standings worked out before anybody asks, so that an answer is there at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.records.database import reading
from core.services.office import Office


def work_ahead(office: Office, as_of: date, at_once: int) -> Iterator[int]:
    """Works out the standings of a day that are not known yet, `at_once` people a step; yields how many after each."""
    with reading(office.engine) as session:
        ids = office.memory.known(session).lacking(session, as_of)
    for start in range(0, len(ids), at_once):
        some = ids[start : start + at_once]
        with reading(office.engine) as session:
            office.memory.known(session).standings(session, office.pack, some, as_of)
        yield len(some)
