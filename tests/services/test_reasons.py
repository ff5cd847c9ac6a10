"""What a reason says of the files imported so far is true, also when others' rows are among them (reading 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.derived.installation import Installation
from core.services import enquiries
from core.services.imports import import_files
from core.services.staff.actors import Actor

CONSOLE = Actor.console("Sam")
DAY = date(2021, 12, 10)
FILES = {
    "participants": "participant_id,full_name,course,cohort,delivery_partner,application_status\n"
    "p-1,Emma Thompson,NPQLBC,2,North Star,accepted\n"
    "p-2,Jane Doe,NPQLTD,1,North Star,accepted\n"
    "p-3,Omar Haddad,NPQLBC,2,South Star,accepted\n",
    "register": "event_id,event_type,event_date,participant_id,status\n"
    "e-1,f2f,2021-12-01,p-2,attended\ne-1,f2f,2021-12-01,p-3,attended\n",
    "videos": "participant_id,block,percent_viewed,viewed_on\np-2,1,10,2021-12-01\n",
}
WANTED = {
    "attendance": "No event register has been imported for their NPQLBC, cohort 2.",
    "self_study": "Credits are not known: no report covers this period, or one before it is missing.",
    "video": "No video report has been imported for their NPQLBC, cohort 2.",
}


@pytest.mark.parametrize("criterion", WANTED)
def test_a_file_of_others_is_not_denied(installation: Installation, tmp_path: Path, criterion: str) -> None:
    paths = []
    for name, text in FILES.items():
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(text)
    assert import_files(installation, CONSOLE, paths, now=datetime(2021, 12, 9, tzinfo=UTC)).written
    [case] = enquiries.status(installation, CONSOLE, "p-1", as_of=DAY)
    output = case.standing.outputs[0]
    found = {c.criterion: (c.verdict, c.reason) for c in output.criteria}
    assert found[criterion] == ("unknown", WANTED[criterion])
