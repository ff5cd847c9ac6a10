"""For whom dates of a pack are, asked of the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.derived.installation import Installation
from core.services import imports
from core.services.dates_given import Enrolment, LackingReviews, people_by_enrolment, without_reviews
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
    (lacking,) = without_reviews(installation, actor, TODAY)  # of 2026a nobody is left
    assert lacking == LackingReviews("2026b", "ehco", None, 1)


def test_who_lacks_review_dates_is_told_as_closely_as_need_be(engine: Engine, tmp_path: Path) -> None:
    """One course of a group alone; nobody by name where nobody of the cohort has any."""
    (tmp_path / "people.csv").write_text(PEOPLE.replace("p-2,Jane Doe,NPQLT", "p-2,Jane Doe,NPQLBC"), encoding="utf-8")
    actor = Actor.console()

    def lacking(*rows: str) -> list[LackingReviews]:
        installation = Installation(engine, undated_pack(tmp_path / f"pack {len(rows)}", *rows))
        now = datetime(2026, 11, 30, tzinfo=UTC)
        assert imports.import_files(installation, actor, [tmp_path / "people.csv"], now=now).written
        return without_reviews(installation, actor, TODAY)

    assert lacking() == [LackingReviews("2026b", None, None, 3)]
    assert lacking("specialist,2026b,1,NPQLT,,2026-12-01,,,,,,x") == [
        LackingReviews("2026b", "NPQLBC", None, 1),
        LackingReviews("2026b", "ehco", None, 1),
    ]
