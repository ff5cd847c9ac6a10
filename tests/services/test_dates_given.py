"""For whom dates of a pack are, asked of the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.derived.installation import Installation
from core.services import imports
from core.services.dates_given import Enrolment, cohorts_without_reviews, people_by_enrolment
from core.services.staff.actors import Actor
from tests.reference.undated import undated_pack

TODAY = date(2026, 11, 30)
PEOPLE = """\
participant_id,full_name,course,cohort,delivery_partner,training_status,schedule
p-1,Jane Smith,NPQLT,2026b,Northern Hub,active,
p-2,Jane Doe,NPQLT,2026b,Southern Hub,active,
p-3,Omar Haddad,EHCO,2026b,Northern Hub,active,November
p-4,Tom Reed,NPQSL,2026a,Northern Hub,withdrawn,
"""


def test_people_are_counted_by_course_cohort_and_start(engine: Engine, tmp_path: Path) -> None:
    pack = undated_pack(tmp_path / "pack", "specialist,2026b,2,,,2027-03-01,,,,,,x")
    installation, actor = Installation(engine, pack), Actor.console()
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    report = imports.import_files(
        installation, actor, [tmp_path / "people.csv"], now=datetime(2026, 11, 30, tzinfo=UTC)
    )
    assert report.written, report.problems
    assert dict(people_by_enrolment(installation, actor, TODAY)) == {
        Enrolment("NPQLT", "2026b", ""): 2,
        Enrolment("EHCO", "2026b", "november"): 1,
    }
    assert cohorts_without_reviews(installation, actor, TODAY) == ["2026b"]  # for EHCO; of 2026a nobody is left
