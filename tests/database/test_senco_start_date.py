"""Version 17 brings the day since when somebody is SENCO: who is stored stays as they are, and of nobody it is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from core.database.database import migrate, reading
from core.derived.installation import Installation
from core.records import participant_rows
from core.services.imports import import_files
from core.services.staff.actors import Actor
from tests.database.test_cohorts_as_text import shape
from tests.loading import loading
from tests.records.made import NOW, stored_person
from tests.versions import step


def people(installation: Installation) -> list[Any]:
    with reading(installation.engine) as session:
        return [(who.id, who.schedule, who.senco_start_date) for who in participant_rows.load_participants(session)]


def test_the_tables_are_those_of_a_new_database(engine: Engine) -> None:
    newest = shape(engine)
    step(engine, command.downgrade, "0017")
    new = shape(engine)
    step(engine, command.downgrade, "0016")
    before = shape(engine)
    assert {name: before[name] for name in before if name != "participants"} == {
        name: new[name] for name in new if name != "participants"
    }
    assert {name for name, *_ in new["participants"][0]} - {name for name, *_ in before["participants"][0]} == {
        "senco_start_date"
    }
    assert before["participants"][1:] == new["participants"][1:], "its key, what it refers to and how it is found"
    migrate(engine)
    assert shape(engine) == newest
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_whoever_is_stored_stays_and_no_day_is_known(installation: Installation) -> None:
    with loading(installation) as session:
        session.add_all(
            [stored_person("p-1", schedule="november"), stored_person("p-2", senco_start_date=date(2024, 2, 29))]
        )
    assert people(installation) == [("p-1", "november", None), ("p-2", None, date(2024, 2, 29))]
    step(installation.engine, command.downgrade, "0016")
    migrate(installation.engine)
    assert people(installation) == [("p-1", "november", None), ("p-2", None, None)]


FILE = """participant_id,full_name,course,cohort,delivery_partner,senco_start_date
p-1,Jane Doe,NPQSL,1,Acme,{}
p-2,Ada Okoye,NPQSL,1,Acme,
"""


def test_a_file_brings_it_and_a_blank_cell_leaves_it(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "participants.csv"
    for cell, kept in (("29/02/2020", date(2020, 2, 29)), ("", date(2020, 2, 29)), ("2030-09-01", date(2030, 9, 1))):
        path.write_text(FILE.format(cell), encoding="utf-8")
        assert import_files(installation, Actor.console("Sam"), [path], now=NOW).problems == ()
        assert people(installation) == [("p-1", None, kept), ("p-2", None, None)]
