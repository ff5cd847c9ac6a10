"""Made-up histories of a few participants: files of every kind in any order, corrected later, and decisions."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.derived.installation import Installation
from core.services.acts import contact, declaration, deferral, extension, removal, resumption
from core.services.acts.recording import Deed
from core.services.imports import import_files
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

NOW = datetime(2024, 1, 10, 9, tzinfo=UTC)
CONSOLE = Actor.console("Sam")
# The columns for which a history has values, in the order of `History.row`; what a file leaves out is left out here too.
HEADERS = {
    "participants": "participant_id,full_name,course,cohort,delivery_partner,application_status,contract_returned_on,"
    "sponsorship_returned_on,training_status",
    "activities": "participant_id,block,component,title,credits,completed_on,logged_by",
    "declaration_report": "participant_id,period_start,period_end,credits,self_study_credits,cumulative_credits",
    "engagement_report": "participant_id,run_on,percent_complete,cumulative_credits",
    "register": "event_id,event_type,event_date,participant_id,status,contingency,contingency_on,confirmed_by,hours",
    "videos": "participant_id,block,percent_viewed,viewed_on",
    "assessments": "participant_id,submitted_on,marked_on,moderated_on,external_moderation,copies_held,result",
    "declarations": "participant_id,output,declared_on,evidence_cutoff,state",
    "sessions": "event_id,delivery_partner,course,cohort,event_type,event_date,hours",
}
PEOPLE = 6
HISTORIES = int(
    os.environ.get("NPQ_HISTORIES", "24")
)  # of the cheapest sort, others fewer; `make torture` asks for thousands


class History:
    """A made-up history of a few participants: files of every kind in any order, corrected later, and decisions."""

    def __init__(self, pack: Pack, chance: random.Random) -> None:
        self.pack, self.chance = pack, chance
        self.courses = [chance.choice(["NPQLTD", "NPQSL", "NPQH", "EHCO", "NPQLBC"]) for _ in range(PEOPLE)]

    def day(self) -> date:
        return date(2021, 10, 1) + timedelta(days=self.chance.randrange(760))

    def maybe(self, value: object) -> object:
        return value if self.chance.random() < 0.6 else ""

    def person(self) -> int:
        return self.chance.randrange(PEOPLE)

    def row(self, kind: str, number: int) -> list[object]:
        chance, who = self.chance, self.person()
        name = f"p-{who}"
        match kind:
            case "activities":
                blocks = [b for b in self.pack.blocks.get(self.courses[who], ()) if b.activities]
                if not blocks:
                    return []
                activity = chance.choice(chance.choice(blocks).activities)
                credits = chance.choice([0, 1, 3, 8])
                by = chance.choice(["auto", "self_report"])
                return [name, activity.block, activity.component, f'"{activity.title}"', credits, self.day(), by]
            case "declaration_report":
                start = date(2021, 11, 1) + timedelta(days=30 * chance.randrange(12))
                split = self.maybe(chance.randrange(9))
                total = self.maybe(chance.randrange(200))
                return [name, start, start + timedelta(days=29), chance.randrange(20), split, total]
            case "engagement_report":
                return [
                    name,
                    self.day(),
                    chance.choice(["0", "12.5", "89.99", "90", "100"]),
                    self.maybe(chance.randrange(200)),
                ]
            case "register":
                event = chance.randrange(4)
                on = date(2021, 11, 20) + timedelta(days=200 * event)
                covered = chance.random() < 0.3
                status = chance.choice(["booked", "attended", "completed", "absent"])
                return [
                    f"e-{event}", "f2f" if event % 2 else "live_webinar", on, name, status,
                    "recording" if covered else "", on + timedelta(days=9) if covered else "",
                    self.maybe("Ann") if covered else "", self.maybe(1.5),
                ]  # fmt: skip
            case "sessions":
                event = chance.randrange(6)
                on = date(2021, 11, 20) + timedelta(days=200 * event + chance.choice([0, 0, 5, -40]))
                return [
                    f"e-{event}", chance.choice(["North Star", "Beacon"]), self.maybe(self.courses[who]), self.maybe(1),
                    "f2f" if event % 2 else "live_webinar", on, self.maybe(chance.choice([1, 2.25])),
                ]  # fmt: skip
            case "videos":
                if not self.pack.blocks.get(self.courses[who]):
                    return []
                return [name, 1, chance.choice(["10", "79.9", "80", "100"]), self.day()]
            case "assessments":
                return [
                    name, self.maybe(self.day()), self.maybe(self.day()), self.maybe(self.day()),
                    self.maybe(chance.choice(["done", "not_sampled", "pending"])),
                    self.maybe(chance.choice(["yes", "no"])), self.maybe("passed"),
                ]  # fmt: skip
            case _:
                output = chance.randrange(1, len(self.pack.outputs_of(self.courses[who])) + 1)
                return [
                    name,
                    output,
                    self.day(),
                    self.maybe(self.day()),
                    chance.choice(["submitted", "voided", "paid"]),
                ]

    def write(self, folder: Path, kind: str, number: int) -> Path:
        """A file of this kind; some of its rows may be wrong, those are skipped."""
        path = folder / f"{number}-{kind}.csv"
        if kind == "participants":
            rows = [
                [
                    f"p-{who}", f"Person {who}", self.courses[who], self.chance.choice([1, 2]) if number == 0 else 1,
                    self.chance.choice(["North Star", "Beacon"]), self.maybe("accepted"), self.maybe(self.day()),
                    self.maybe(self.day()), self.chance.choice(["active", "active", "active", "deferred", "withdrawn"]),
                ]
                for who in range(PEOPLE)
            ]  # fmt: skip
        else:
            rows = [row for row in (self.row(kind, number) for _ in range(self.chance.randrange(1, 9))) if row]
        lines = [HEADERS[kind], *(",".join(str(cell) for cell in row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def decide(self, installation: Installation) -> None:
        """One decision about somebody, unless a rule refuses it."""
        who, on = f"p-{self.person()}", self.day()
        deed = Deed(on, NOW)
        acts = (
            lambda: contact.log_contact(installation, CONSOLE, who, deed, channel="phone", outcome="no-answer"),
            lambda: deferral.defer(
                installation, CONSOLE, who, deed, starts_on=on, until=on + timedelta(days=60), reason="parental-leave"
            ),
            lambda: resumption.resume(installation, CONSOLE, who, deed, cohort="2"),
            lambda: declaration.declare(installation, CONSOLE, who, deed, output=self.chance.randrange(1, 4)),
            lambda: extension.extend(
                installation,
                CONSOLE,
                who,
                deed,
                output=self.chance.randrange(1, 4),
                until=on + timedelta(days=30),
                reason="other",
            ),
            lambda: removal.remove(
                installation,
                CONSOLE,
                who,
                deed,
                side="delivery_partner",
                decision=self.chance.choice(["approve", "reject"]),
            ),
        )
        try:
            self.chance.choice(acts)()
        except Refusal:
            return


def live_through(installation: Installation, folder: Path, seed: int, steps: int = 8) -> None:
    """A whole history."""
    for _ in living_through(installation, folder, seed, steps):
        pass


def living_through(installation: Installation, folder: Path, seed: int, steps: int = 8) -> Iterator[int]:
    """A history, one step after the other."""
    history = History(installation.pack, random.Random(seed))
    kinds = [kind for kind in HEADERS if kind != "participants"]
    for number in range(steps):
        if number and history.chance.random() < 0.3:
            history.decide(installation)
        else:
            kind = "participants" if number == 0 else history.chance.choice([*kinds, "participants"])
            import_files(installation, CONSOLE, [history.write(folder, kind, number)], skip_bad_rows=True, now=NOW)
        yield number
