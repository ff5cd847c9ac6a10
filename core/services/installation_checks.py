"""What is asked of a database by whoever examines an installation: is it whole, known to the pack, and everybody there once?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property

from sqlalchemy import Engine
from sqlmodel import Session

from core.database import audit
from core.database.database import reading
from core.imports.checks.stored_rows import still_to_come
from core.posts import places
from core.posts.places import Place
from core.records import participant_rows, staff
from core.records.id_forms import Platforms
from core.records.identity_keys import email_key, id_key, shared, trn_key
from core.records.participant_rows import PersonName
from core.records.staff import Staff
from core.services import packs_in_use
from core.services.packs_in_use import PackInUse
from core.services.partners import Alike, spelt_alike
from core.services.staff.known_ids import MisfitId, misfits
from reference.pack import Pack


class Examined:
    """What is stored, as it stands at one moment."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def people(self) -> list[PersonName]:
        """Everybody's names and keys, by id."""
        return participant_rows.people(self._session)

    @cached_property
    def places(self) -> list[Place]:
        """Every channel that gets posts."""
        return places.list_all(self._session)

    @cached_property
    def staff(self) -> list[Staff]:
        """Everybody who may use the bot."""
        return staff.list_all(self._session)

    @property
    def partners(self) -> Iterable[str]:
        """Every Delivery Partner that has people."""
        return participant_rows.partners(self._session)

    def broken_trail(self) -> str | None:
        """None when the audit trail is whole; else a sentence that names the first entry that is not as it was written."""
        return audit.verify(self._session)

    def misfits(self, platforms: Platforms) -> list[MisfitId]:
        """Ids of channels and people that are none of their platform."""
        return misfits(self._session, platforms)

    def partners_alike(self) -> Iterator[Alike]:
        """Pairs of Delivery Partners' names that are one, or nearly one."""
        return spelt_alike(self._session)

    @property
    def packs_in_use(self) -> Mapping[str, PackInUse]:
        """Which pack the web process and the worker have noted last."""
        return packs_in_use.noted(self._session)

    def strangers(self, pack: Pack) -> list[PersonName]:
        """Who is in a cohort, or on a course of one, that the pack does not have."""
        return [
            p for p in self.people if p.cohort not in pack.cohorts or p.course not in pack.cohorts[p.cohort].courses
        ]

    def lacks_declarations(self, pack: Pack, today: date) -> bool:
        """Whether there are people whose review dates have passed, and not one declaration."""
        cohorts = {person.cohort for person in self.people}
        rows = (row for rows in pack.schedule.values() for row in rows)
        past = any(row.review is not None and row.review < today and row.cohort in cohorts for row in rows)
        return bool(self.people) and past and not participant_rows.any_declaration(self._session)

    def still_to_come(self, today: date) -> dict[str, int]:
        """How many rows, by kind, say that something was done which lies after today."""
        return still_to_come(self._session, today)

    def ids_alike(self) -> list[list[str]]:
        """The ids that are nearly one."""
        return shared((one, id_key(one)) for one in dict.fromkeys(person.id for person in self.people))

    def marks_shared(self) -> list[list[str]]:
        """Who have a TRN or an e-mail address with somebody on the same course."""
        people = self.people
        trns = shared((p.id, (p.course, key) if p.trn and (key := trn_key(p.trn)) else None) for p in people)
        emails = shared((p.id, (p.course, key) if p.email and (key := email_key(p.email)) else None) for p in people)
        return [list(ids) for ids in dict.fromkeys(map(tuple, (*trns, *emails)))]

    def odd_trns(self) -> list[str]:
        """The ids of those whose TRN is none."""
        odd = (person.id for person in self.people if person.trn and trn_key(person.trn) is None)
        return list(dict.fromkeys(odd))


@contextmanager
def examined(engine: Engine) -> Iterator[Examined]:
    """While entered: everything that is asked is answered from one state of the records, where the database shows one."""
    with reading(engine) as session:
        yield Examined(session)
