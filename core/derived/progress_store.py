"""Keeps everybody's progress record, in the transaction that changes the facts; and loads records for a sweep.

A record is folded from the raw rows alone (`core.rules.folding.Fold`), so it can be made anew at any time and is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from functools import lru_cache, partial
from itertools import chain
from operator import itemgetter
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from sys import intern
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, bindparam, delete, func, insert, select, update
from sqlmodel import Session

from core.database.key_batches import AT_ONCE, in_pieces
from core.database.tables import EnrolmentRow, ImportedKinds, ProgressBasis, ProgressRow, RegisterRow, columns_of
from core.database.upserts import insert_for, insert_into
from core.derived.fact_queries import Folded, fold_all
from core.derived.following import State
from core.records import decisions
from core.records.planned_sessions import PlannedSessions
from core.rules.facts import NOTHING_DECIDED, Decided
from core.rules.folding import Fold
from core.rules.programme import NOTHING_PLANNED
from core.rules.progress import KINDS, Progress, kinds_in, unpacked

MOST_GROUPS_ASKED = 1_000  # participants whose groups are looked at one by one; of more, all groups are
_JUDGED_AT_ONCE = 50  # so few that they come and go before the collector of cyclic garbage looks at them

_WRITTEN = (
    "enrolment_id",
    "participant_id",
    "delivery_partner",
    "course",
    "cohort",
    "schedule",
    "kinds",
    "revision",
    "facts",
)
_record, _person, _line = columns_of(ProgressRow), columns_of(EnrolmentRow), columns_of(RegisterRow)
_imported = columns_of(ImportedKinds)
_IDS: Any = bindparam("ids", expanding=True)


def refresh(session: Session, fold: Fold, enrolments: Collection[int], state: State) -> None:
    """Folds the records of these enrolments anew, in the transaction that changed their facts and made this state.

    Whoever has made it is alone in that, so that no record is written from older facts. Where the records rest on another
    basis they are given up: whoever needs them next makes everybody's anew.
    """
    if not enrolments:
        return
    if not is_current(session, fold):
        session.execute(delete(ProgressBasis))
        return
    _write(session, fold, sorted(set(enrolments)), state)


def note_decided(session: Session, fold: Fold, enrolments: Collection[int], state: State) -> None:
    """Says in the records of these enrolments that something was decided about them: of their facts nothing changed."""
    if not enrolments:
        return
    if not is_current(session, fold):
        session.execute(delete(ProgressBasis))
        return
    session.connection().execute(_DECIDED, [{"now": state.number, "who": who} for who in enrolments])


def refresh_imported(
    session: Session,
    fold: Fold,
    enrolments: Collection[int],
    state: State,
    *,
    registers: bool,
    replanned: Set[tuple[str, str | None]],
) -> None:
    """As `refresh`, for an import: also of those whose own rows did not change and who are judged anew all the same.

    These are the members of a group for which a kind of file was imported for the first time (reading 5), when rows of
    `registers` changed, those booked on the same events (R9), and those whose Delivery Partner's sessions are `replanned`, for
    their course or for every one: in whatever cohort, as some are judged by one that they came back into (reading 31).
    """
    if not is_current(session, fold):
        rebuild(session, fold, state)
        return
    before = imported(session)
    refresh(
        session, fold, {*enrolments, *_booked_with(session, sorted(enrolments))} if registers else enrolments, state
    )
    news = [
        group
        for group, kinds in imported(session).items()
        if before.get(group, frozenset()) != kinds
        or not replanned.isdisjoint(((group.delivery_partner, group.course), (group.delivery_partner, None)))
    ]
    now = state.number
    if news and session.execute(_ANY_OLDER, {"now": now}).first():  # else everybody's was written just now
        session.connection().execute(_JUDGED_ANEW, [dict(zip(_OF_GROUP, (now, *group), strict=True)) for group in news])


def basis(session: Session) -> str | None:
    """What the records rest on, None while they are not kept."""
    found: str | None = session.execute(_BASIS).scalar()
    return found


def is_current(session: Session, fold: Fold) -> bool:
    """Whether everybody's record is there and rests on the same as this fold."""
    return basis(session) == fold.basis


def rebuild(session: Session, fold: Fold, state: State) -> None:
    """Makes everybody's record anew from the raw rows, in the transaction that made this state, and notes on what it rests."""
    everybody = list(session.execute(select(_person.id).order_by(_person.id)).scalars())
    _write(session, fold, everybody, state)
    _keep_kinds(session, None)  # also of groups that nobody is in any more
    noted = insert_into(session, ProgressBasis).values(id=1, basis=fold.basis)
    session.execute(noted.on_conflict_do_update(index_elements=["id"], set_={"basis": fold.basis}))


def load(session: Session, fold: Fold, *, partner: str) -> list[Progress]:
    """The records of one Delivery Partner's participants with what was decided about them, by id."""
    planned = _planned(session, fold, [partner])
    return _of_partner(session, partner, decisions.by_partner(session, partner), planned)


def load_some(session: Session, fold: Fold, ids: Sequence[int]) -> list[Progress]:
    """The records of these enrolments with what was decided about them, in no order."""
    rows = [row for some in in_pieces(ids) for row in session.execute(_RECORDS_OF, {"ids": some}).all()]
    decided: dict[int, Decided] = {}
    for some in in_pieces(ids):
        decided |= decisions.by_enrolment(session, some)
    return _records(rows, imported(session), decided, _planned(session, fold, {row.delivery_partner for row in rows}))


def iterate(session: Session, fold: Fold) -> Iterator[Progress]:
    """Everybody's records, in the order in which they lie: only decisions and plans are held of all at once."""
    of_group, decided, planned = imported(session), decisions.everybody(session), _planned(session, fold)
    for rows in session.execute(_RECORDS, execution_options={"yield_per": AT_ONCE}).partitions(_JUDGED_AT_ONCE):
        yield from _records(rows, of_group, decided, planned)


class Group(NamedTuple):
    """Who takes a course in a cohort with a Delivery Partner: reading 5 asks which files were imported for them."""

    delivery_partner: str
    course: str
    cohort: str


def imported(session: Session) -> dict[Group, frozenset[str]]:
    """Reading 5: the kinds of file of which any row is stored for anybody of each group."""
    return {Group(*group): _names(kinds) for *group, kinds in session.execute(_KINDS)}


def _planned(session: Session, fold: Fold, partners: Collection[str] | None = None) -> PlannedSessions | None:
    """What is planned, where that is looked at when everybody is judged."""
    return PlannedSessions(session, partners) if fold.counts_planned else None


def _of_partner(
    session: Session, partner: str, decided: Mapping[int, Decided], planned: PlannedSessions | None
) -> list[Progress]:
    rows = sorted(session.execute(_RECORDS_OF_PARTNER, {"partner": partner}).all(), key=itemgetter(1, 0))
    kinds: dict[tuple[str, str], int] = defaultdict(int)
    for _, _, _, course, cohort, _, held, _ in rows:
        kinds[course, cohort] |= held
    return _records(rows, {(partner, *group): _names(held) for group, held in kinds.items()}, decided, planned)


def _records(
    rows: Sequence[Any],
    of_group: Mapping[Any, frozenset[str]],
    decided: Mapping[int, Decided],
    planned: PlannedSessions | None,
) -> list[Progress]:
    return [
        Progress(
            participant_id,
            partner,
            course,
            intern(cohort),
            unpacked(facts),
            of_group[partner, course, cohort],
            decided.get(enrolment_id, NOTHING_DECIDED),
            schedule,
            NOTHING_PLANNED if planned is None else planned.programme(partner, course),
            enrolment_id,
        )
        for enrolment_id, participant_id, partner, course, cohort, facts, _, schedule in rows
    ]


@lru_cache(maxsize=64)
def _names(kinds: int) -> frozenset[str]:
    return frozenset(name for number, name in enumerate(KINDS) if kinds >> number & 1)


def _write(session: Session, fold: Fold, ids: Sequence[int], state: State) -> None:
    few = len(ids) <= MOST_GROUPS_ASKED
    before = _groups_of(session, ids) if few else set()
    fold_all(session, fold, ids, partial(_keep, session, state.number))
    _keep_kinds(session, before | _groups_of(session, ids) if few else None)


def _groups_of(session: Session, ids: Sequence[int]) -> set[Group]:
    return {Group(*row) for some in in_pieces(ids) for row in session.execute(_GROUPS_OF, {"ids": some})}


def _keep_kinds(session: Session, groups: Collection[Group] | None) -> None:
    """Puts the kinds of these groups' records, or of all groups', together anew."""
    held: dict[Group, int] = {}
    if groups is None:
        session.execute(delete(ImportedKinds))
        for *columns, kinds in session.execute(_GROUPS):
            held[Group(*columns)] = held.get(Group(*columns), 0) | kinds
    for group in groups or ():
        of_it = dict(zip(_OF_GROUP[1:], group, strict=True))
        session.execute(_KINDS_GONE, of_it)
        for kinds in session.execute(_KINDS_OF, of_it).scalars():
            held[group] = held.get(group, 0) | kinds
    if held:
        session.execute(insert(ImportedKinds), [{**group._asdict(), "kinds": kinds} for group, kinds in held.items()])


def _keep(session: Session, revision: int, some: Sequence[Folded]) -> None:
    records = [(*whose, kinds_in(record), revision, record) for *whose, record in some]
    connection = session.connection()
    if connection.dialect.name == "postgresql":  # whole columns in one statement: there each statement has its price
        columns = {name: list(column) for name, column in zip(_WRITTEN, zip(*records, strict=True), strict=True)}
        connection.execute(_upsert_of_columns(), columns)
        return
    driver: Any = connection.connection.driver_connection
    most = driver.getlimit(SQLITE_LIMIT_VARIABLE_NUMBER) // len(_WRITTEN)
    for start in range(0, len(records), most):  # in few statements: the driver lets others run in between only
        rows = records[start : start + most]
        connection.exec_driver_sql(_upsert_of_rows(len(rows)), tuple(chain.from_iterable(rows)))


def _booked_with(session: Session, ids: Sequence[int]) -> Iterator[int]:
    """Who is booked on an event that any of these are on the register of."""
    events: set[str] = set()
    for some in in_pieces(ids):
        events.update(session.execute(_EVENTS_OF, {"ids": some}).scalars())
    for some_events in in_pieces(sorted(events)):
        yield from session.execute(_BOOKED_ON, {"ids": some_events}).scalars()


@lru_cache(maxsize=1)
def _upsert_of_columns() -> Any:
    insert = insert_for("postgresql", ProgressRow)
    columns = [bindparam(name, type_=ARRAY(_record[name].type)) for name in _WRITTEN]
    insert = insert.from_select(_WRITTEN, select(*func.unnest(*columns).table_valued(*_WRITTEN).render_derived().c))
    kept = {name: insert.excluded[name] for name in _WRITTEN if name != "enrolment_id"}
    return insert.on_conflict_do_update(index_elements=["enrolment_id"], set_=kept)


@lru_cache(maxsize=2)
def _upsert_of_rows(count: int) -> str:
    each = f"({', '.join('?' * len(_WRITTEN))})"
    kept = ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name != "enrolment_id")
    return (
        f"INSERT INTO progress ({', '.join(_WRITTEN)}) VALUES {', '.join([each] * count)} "
        f"ON CONFLICT (enrolment_id) DO UPDATE SET {kept}"
    )


_RECORDS = select(
    _record.enrolment_id,
    _record.participant_id,
    _record.delivery_partner,
    _record.course,
    _record.cohort,
    _record.facts,
    _record.kinds,
    _record.schedule,
)
_RECORDS_OF_PARTNER = _RECORDS.where(_record.delivery_partner == bindparam("partner"))
_RECORDS_OF = _RECORDS.where(_record.enrolment_id.in_(_IDS))
_GROUP = (_record.delivery_partner, _record.course, _record.cohort)
_GROUPS = select(*_GROUP, _record.kinds).distinct()  # an index holds all of it
_GROUPS_OF = select(*_GROUP).where(_record.enrolment_id.in_(_IDS)).distinct()
_KINDS = select(*(_imported[name] for name in (*Group._fields, "kinds")))
_ANY_OLDER = select(_record.enrolment_id).where(_record.revision < bindparam("now")).limit(1)
_OF_GROUP = ("now", "a_partner", "a_course", "a_cohort")
_IN_GROUP = (
    _record.delivery_partner == bindparam("a_partner"),
    _record.course == bindparam("a_course"),
    _record.cohort == bindparam("a_cohort"),
)
_KINDS_OF = select(_record.kinds).where(*_IN_GROUP).distinct()
_KINDS_GONE = delete(ImportedKinds).where(
    _imported.delivery_partner == bindparam("a_partner"),
    _imported.course == bindparam("a_course"),
    _imported.cohort == bindparam("a_cohort"),
)
_JUDGED_ANEW = (
    update(ProgressRow).where(*_IN_GROUP, _record.revision != bindparam("now")).values(revision=bindparam("now"))
)
_DECIDED = update(ProgressRow).where(_record.enrolment_id == bindparam("who")).values(revision=bindparam("now"))
_BASIS = select(columns_of(ProgressBasis).basis)
_EVENTS_OF = select(_line.event_id).where(_line.enrolment_id.in_(_IDS)).distinct()
_BOOKED_ON = select(_line.enrolment_id).where(_line.event_id.in_(_IDS), _line.status == "booked").distinct()
