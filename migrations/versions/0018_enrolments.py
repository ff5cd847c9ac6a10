"""A person and their enrolments: what was one table of participants is two, and facts and decisions are of an enrolment.

Tables are copied whole, never changed row by row. On SQLite whoever migrates has switched foreign keys off beforehand
(`core.database.database.migrate`), so they are checked here at the end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from core.database.database_faults import DatabaseRefused
from core.database.tables import Hours, Instant, Percentage

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PERSON = ("full_name", "email", "trn", "school", "senco_start_date")
_ENROLMENT = (
    "course",
    "cohort",
    "delivery_partner",
    "facilitator",
    "application_status",
    "contract_returned_on",
    "sponsorship_returned_on",
    "training_status",
    "schedule",
)
_MAY_BE_BLANK = {*_PERSON[1:], *_ENROLMENT[3:]} - {"training_status"}
_NAMED = 3  # of several ids: so many, for a sentence


class _Owner(NamedTuple):
    """Of whom a row is: the column that says so, and what it refers to."""

    name: str
    kind: type[Any]
    table: str
    refers_to: str
    called: str  # in an index's name

    def column(self) -> sa.Column[Any]:
        return sa.Column(self.name, self.kind(), nullable=False)


class _Copied(NamedTuple):
    """A table of facts or decisions."""

    name: str
    columns: list[sa.Column[Any]]
    key: list[str]
    found_by: tuple[str, list[str]] | None = None
    rowid: bool = True


_PARTICIPANT = _Owner("participant_id", sa.String, "participants", "participant_id", "participant")
_ENROLLED = _Owner("enrolment_id", sa.Integer, "enrolments", "id", "enrolment")


def upgrade() -> None:
    """Everybody stored gets one enrolment, numbered in the order of their ids; the records are made anew by the first pass."""
    _refuse_rows_about_nobody()
    _make_people()
    for table in _facts_and_decisions(_ENROLLED):
        _copy(table, _PARTICIPANT, _ENROLLED)
    _revisions_refer_to("people", before="participants")
    op.drop_table("participants")
    _make_progress_anew(sa.Column("enrolment_id", sa.Integer(), autoincrement=False, nullable=False))
    op.create_index("ix_progress_participant_id", "progress", ["participant_id"])
    _check()


def downgrade() -> None:
    """Back to one row for each participant; whoever is on several courses, or on none, could not be told of: refused."""
    _refuse_what_was_not_before()
    _make_participants()
    for table in _facts_and_decisions(_PARTICIPANT):
        _copy(table, _ENROLLED, _PARTICIPANT)
    _revisions_refer_to("participants", before="people")
    op.drop_table("enrolments")
    op.drop_table("people")
    _make_progress_anew()
    _check()


def _refuse_rows_about_nobody() -> None:
    """A SQLite file that was worked on with other programs may hold some: nobody's facts and decisions are thrown away unasked."""
    if not _sqlite():
        return
    tables, people = [], set[str]()
    for table in _facts_and_decisions(_PARTICIPANT):
        asked = f"SELECT DISTINCT participant_id FROM {table.name} EXCEPT SELECT participant_id FROM participants"
        if found := set(op.get_bind().exec_driver_sql(asked).scalars()):
            tables.append(table.name)
            people |= found
    if tables:
        raise DatabaseRefused(
            f"The database holds rows about {_some(sorted(people))}, whom no row of participants names "
            f"(in {', '.join(tables)}), so nothing was changed: with the version before, import a participants file that "
            "names them, or delete those rows; then run npq migrate again."
        )


def _refuse_what_was_not_before() -> None:
    asked = "SELECT people.participant_id FROM people LEFT JOIN enrolments USING (participant_id) GROUP BY 1"
    for having, said in (("> 1", "on several courses"), ("= 0", "on no course")):
        found = op.get_bind().exec_driver_sql(f"{asked} HAVING count(enrolments.id) {having}").scalars().all()
        if found:
            raise ValueError(f"people are {said} ({_some(sorted(found))}): the version before has one course for each")


def _some(ids: list[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _facts_and_decisions(of: _Owner) -> list[_Copied]:
    """Every table whose rows are about somebody, as it is with this owner."""
    text, day, number = sa.String, sa.Date, sa.Integer

    def needed(name: str, kind: type[Any]) -> sa.Column[Any]:
        return sa.Column(name, kind(), nullable=False)

    def blank(name: str, kind: type[Any]) -> sa.Column[Any]:
        return sa.Column(name, kind(), nullable=True)

    # until now the words of a decision had a default of the database's own, from when they were new
    told = needed("told", text) if of is _ENROLLED else sa.Column("told", text(), nullable=False, server_default="")
    return [
        _Copied(
            "activities",
            [
                of.column(),
                needed("block", number),
                needed("component", text),
                needed("title", text),
                needed("credits", number),
                needed("completed_on", day),
                needed("logged_by", text),
            ],
            [of.name, "block", "component", "title"],
            rowid=False,
        ),
        _Copied(
            "declaration_report",
            [
                of.column(),
                needed("period_start", day),
                needed("period_end", day),
                needed("credits", number),
                blank("self_study_credits", number),
                blank("cumulative_credits", number),
            ],
            [of.name, "period_start", "period_end"],
        ),
        _Copied(
            "engagement_report",
            [
                of.column(),
                needed("run_on", day),
                needed("percent_complete", Percentage),
                blank("cumulative_credits", number),
            ],
            [of.name, "run_on"],
        ),
        _Copied(
            "register",
            [
                needed("event_id", text),
                of.column(),
                needed("event_type", text),
                needed("event_date", day),
                needed("status", text),
                blank("marked_on", day),
                blank("contingency", text),
                blank("contingency_on", day),
                blank("confirmed_by", text),
                blank("hours", Hours),
            ],
            ["event_id", of.name],
            (f"ix_register_{of.name}", [of.name]),
        ),
        _Copied(
            "videos",
            [of.column(), needed("block", number), needed("viewed_on", day), needed("percent_viewed", Percentage)],
            [of.name, "block", "viewed_on"],
        ),
        _Copied(
            "assessments",
            [
                of.column(),
                needed("try", number),
                blank("submitted_on", day),
                blank("marked_on", day),
                blank("moderated_on", day),
                blank("external_moderation", text),
                blank("copies_held", sa.Boolean),
                blank("result", text),
            ],
            [of.name, "try"],
        ),
        _Copied(
            "declarations",
            [
                of.column(),
                needed("output", number),
                needed("declared_on", day),
                blank("evidence_cutoff", day),
                needed("state", text),
            ],
            [of.name, "output", "declared_on"],
        ),
        _Copied(
            "decision",
            [
                needed("id", number),
                of.column(),
                needed("kind", text),
                told,
                needed("decided_on", day),
                needed("recorded_at", Instant),
                needed("by", text),
                blank("output", number),
                blank("starts_on", day),
                blank("until", day),
                blank("reason", text),
                blank("channel", text),
                blank("outcome", text),
                blank("cohort", text),
                blank("schedule", text),
                blank("side", text),
                blank("decision", text),
                blank("staff_id", number),
            ],
            ["id"],
            (f"ix_decision_of_{of.called}", [of.name, "id"]),
        ),
    ]


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _person_columns() -> list[sa.Column[Any]]:
    kinds = {"senco_start_date": sa.Date}
    return [sa.Column(name, kinds.get(name, sa.String)(), nullable=name in _MAY_BE_BLANK) for name in _PERSON]


def _enrolment_columns() -> list[sa.Column[Any]]:
    kinds = {"contract_returned_on": sa.Date, "sponsorship_returned_on": sa.Date}
    return [sa.Column(name, kinds.get(name, sa.String)(), nullable=name in _MAY_BE_BLANK) for name in _ENROLMENT]


def _make_people() -> None:
    op.create_table(
        "people",
        sa.Column("participant_id", sa.String(), nullable=False),
        *_person_columns(),
        sa.PrimaryKeyConstraint("participant_id", name="pk_people"),
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        *_enrolment_columns(),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["people.participant_id"], name="fk_enrolments_participant_id_people"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        sa.UniqueConstraint("participant_id", "course", name="uq_enrolments_participant_id"),
        sqlite_autoincrement=True,
    )
    in_order = "participant_id" if _sqlite() else 'participant_id COLLATE "C"'  # the same on both: by code point
    for table, columns in (("people", _PERSON), ("enrolments", _ENROLMENT)):
        names = ", ".join(("participant_id", *columns))
        op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM participants ORDER BY {in_order}")
        _count_anew(table)
    op.create_index("ix_enrolments_group", "enrolments", ["delivery_partner", "course", "cohort"])


def _make_participants() -> None:
    op.create_table(
        "participants",
        sa.Column("participant_id", sa.String(), nullable=False),
        *_person_columns(),
        *_enrolment_columns(),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participants"),
    )
    names = ", ".join(("participant_id", *_PERSON, *_ENROLMENT))
    op.execute(f"INSERT INTO participants ({names}) SELECT {names} FROM people JOIN enrolments USING (participant_id)")
    _count_anew("participants")
    op.create_index("ix_participants_group", "participants", ["delivery_partner", "course", "cohort"])


def _copy(table: _Copied, before: _Owner, after: _Owner) -> None:
    """Makes the table anew, each row with its new owner, under the old name."""
    made = f"{table.name}_copied"
    foreign = (f"fk_{table.name}_{after.name}_{after.table}", [after.name], [after.refers_to])
    if _sqlite():
        op.create_table(
            made,
            *table.columns,
            sa.ForeignKeyConstraint(foreign[1], [f"{after.table}.{after.refers_to}"], name=foreign[0]),
            sa.PrimaryKeyConstraint(*table.key, name=f"pk_{table.name}"),
            sqlite_with_rowid=table.rowid,
        )
    else:
        op.create_table(made, *table.columns)  # keys come last: they are made faster for all rows at once
    op.execute(_copying(table, made, before, after))
    counting = not _sqlite() and table.key == ["id"]
    if counting:  # the ids go on where they were
        op.execute(f"ALTER SEQUENCE {table.name}_id_seq OWNED BY {made}.id")
    op.drop_table(table.name)
    op.rename_table(made, table.name)
    if not _sqlite():
        if counting:
            op.execute(f"ALTER TABLE {table.name} ALTER COLUMN id SET DEFAULT nextval('{table.name}_id_seq')")
        op.create_primary_key(f"pk_{table.name}", table.name, table.key)
        op.create_foreign_key(foreign[0], table.name, after.table, *foreign[1:])
    if table.found_by is not None:
        op.create_index(table.found_by[0], table.name, table.found_by[1])
    _count_anew(table.name)


def _copying(table: _Copied, made: str, before: _Owner, after: _Owner) -> str:
    """Rows go in the order of the new key. SQLite has them in it already, as it goes through the tables as they are named."""
    was, becomes = ("whose.id" if owner is _ENROLLED else "whose.participant_id" for owner in (before, after))
    mine = {column.name: becomes if column.name == after.name else f'mine."{column.name}"' for column in table.columns}
    names, order = ", ".join(f'"{name}"' for name in mine), ", ".join(mine[name] for name in table.key)
    both = ["enrolments AS whose", f"{table.name} AS mine"]
    if table.key[0] != after.name:
        both.reverse()
    return (
        f"INSERT INTO {made} ({names}) SELECT {', '.join(mine.values())} FROM {' CROSS JOIN '.join(both)} "
        f"WHERE mine.{before.name} = {was} ORDER BY {order}"
    )


def _revisions_refer_to(table: str, before: str) -> None:
    """Who decides about a person raises their number; one of nobody means nothing, and is left behind."""
    name = "fk_participant_revision_participant_id_"
    if not _sqlite():
        op.drop_constraint(name + before, "participant_revision", type_="foreignkey")
        op.create_foreign_key(name + table, "participant_revision", table, ["participant_id"], ["participant_id"])
        return
    op.create_table(
        "participant_revision_copied",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["participant_id"], [f"{table}.participant_id"], name=name + table),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant_revision"),
    )
    op.execute(
        "INSERT INTO participant_revision_copied (participant_id, revision) "
        f"SELECT participant_id, revision FROM participant_revision JOIN {table} USING (participant_id)"
    )
    op.drop_table("participant_revision")
    op.rename_table("participant_revision_copied", "participant_revision")


def _make_progress_anew(*enrolment: sa.Column[Any]) -> None:
    """Empty, and resting on nothing: whoever needs the records first folds them from the facts."""
    op.drop_table("progress")
    op.create_table(
        "progress",
        *enrolment,
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("cohort", sa.String(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False, server_default=""),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("enrolment_id" if enrolment else "participant_id", name="pk_progress"),
    )
    op.create_index("ix_progress_group", "progress", ["delivery_partner", "course", "cohort", "kinds"])
    op.create_index("ix_progress_revision", "progress", ["revision"])
    op.execute("DELETE FROM progress_basis")


def _count_anew(table: str) -> None:
    """PostgreSQL plans by what it has counted, and has counted nothing of a table just made."""
    if not _sqlite():
        op.execute(f"ANALYZE {table}")


def _check() -> None:
    """SQLite was told not to look meanwhile."""
    if not _sqlite():
        return
    names = ["participant_revision", *(table.name for table in _facts_and_decisions(_ENROLLED))]
    for name in names:
        if op.get_bind().exec_driver_sql(f"PRAGMA foreign_key_check({name})").first() is not None:
            raise DatabaseRefused(f"Rows of {name} lost whom they are about, so nothing was changed: please report it.")
