"""A caseload to ask about: people with a name and an id, through the real importers, and staff of every role who ask."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.caseloads import FAMILY, GIVEN
from bot.platforms import IDS

USERS = {
    "U0VIEW": "viewer",
    "U0FACI": "facilitator",
    "U0COOR": "coordinator",
    "U0LEAD": "lead_provider",
    "U0ADMI": "administrator",
}
PARTICIPANTS = (
    "participant_id,full_name,course,cohort,delivery_partner,email,trn,school,application_status,"
    "contract_returned_on,sponsorship_returned_on"
)
ACTIVITIES = "participant_id,block,component,title,credits,completed_on,logged_by"


def caseload(folder: Path, people: int, chance: random.Random) -> list[str]:
    """Makes a caseload, imports it into `npq.db` in the folder and links one person; what to ask `status` for."""
    from core.database.database import migrate, open_database
    from core.derived.installation import Installation
    from core.services import imports
    from core.services.staff import staffing
    from core.services.staff.actors import Actor
    from reference.loading import load_pack

    pack = load_pack("edt-v18")
    names = []
    with (
        _csv(folder / "participants.csv", PARTICIPANTS) as participants,
        _csv(folder / "activities.csv", ACTIVITIES) as activities,
    ):
        for number in range(people):
            ident = f"p-{number:05d}"
            name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)} {number}"
            course = chance.choice(["NPQLT", "NPQLTD", "NPQLBC", "NPQSL", "NPQH"])
            school, sponsorship = f"School {number % 400}", "2021-11-21" if chance.random() < 0.8 else ""
            row = [ident, name, course, 1, f"Partner {number % 5 + 1}", f"{ident}@example.org", f"{number:07d}"]
            participants.writerow([*row, school, "accepted", "2021-11-20", sponsorship])
            names.append(chance.choice([ident, name]))
            listed = {
                (row.block, row.component, row.title): row.credits
                for block in pack.blocks[course]
                for row in block.activities
                if row.credits is not None
            }
            for key in chance.sample(list(listed), min(len(listed), chance.randint(0, 12))):
                day = f"2022-{chance.randint(1, 6):02d}-{chance.randint(1, 15):02d}"
                activities.writerow([ident, *key, listed[key], day, "auto"])
    engine = open_database(f"sqlite:///{folder}/npq.db")
    migrate(engine)
    installation = Installation(engine, pack, platforms=IDS)
    files = [folder / "participants.csv", folder / "activities.csv"]
    imports.import_files(installation, Actor.console("benchmark"), files, now=datetime.now(UTC))
    for user, role in USERS.items():
        staffing.add_staff(
            installation,
            Actor.console("benchmark"),
            platform="slack",
            platform_id=user,
            name=role,
            role=role,
            partner=None,
            now=datetime.now(UTC),
        )
    engine.dispose()
    return names


@contextmanager
def _csv(path: Path, header: str) -> Iterator[Any]:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"{header}\n")
        yield csv.writer(file)
