"""Tables that other products write: known by the names of their columns, with what each is good for here.

None of them is read. A mapping file renames columns and words; it adds no column, and turns no column into rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.imports.kinds import KINDS
from core.spreadsheets.headings import bare
from core.spreadsheets.reading import header_name

LOOKED_AT = 30  # rows, from the first on: reports begin with titles
_OURS = frozenset(bare(name) for kind in KINDS.values() for name in kind.required)

_NO_EVIDENCE = "it is no evidence by itself (R10). Mark the event's register from it, and import that."
_MARKS_ONLY = (
    "its marks say nothing of credits, or of how much is completed, so it cannot be read here. If one of its columns is "
    'the percentage completed, add a column run_on and name both in a mapping file with kind = "engagement_report".'
)
_COMPLETION = (
    "it has a column for each activity, where a row for each completed one is needed, with its block, component, title, credits "
    "and day. It cannot be read here, and a mapping file can't turn columns into rows."
)
_SESSIONS = (
    "it has a column for each session, where a row for each event and participant is needed. It cannot be read here, and a "
    "mapping file can't turn columns into rows: make a register from it (docs/files.md)."
)


@dataclass(frozen=True, slots=True)
class Product:
    """What a table is, and what is said of it. It is known by all of `columns` in one row, or by a name that `like` finds.

    `begins` is what cells below a header with an unnamed first column begin with.
    """

    what: str
    said: str
    columns: frozenset[str] = frozenset()
    like: re.Pattern[str] | None = None
    begins: str = ""

    def is_in(self, names: Sequence[str], below: Sequence[str]) -> bool:
        """Whether a row of these bare names is its header; `below` are the cells of the rows below."""
        if self.begins:
            ours = _OURS.intersection(names)
            return len(names) > 1 and not names[0] and not ours and any(cell.startswith(self.begins) for cell in below)
        return self.columns.issubset(names) and (self.like is None or any(map(self.like.search, names)))


def _known_by(*columns: str) -> frozenset[str]:
    return frozenset(bare(header_name(name)) for name in columns)


_TEAMS, _ZOOM = "a Teams attendance list", "a Zoom report"
_DFE_DECLARATIONS = (
    'it can be read with a mapping file that has kind = "declarations", [columns] "declaration_type" = "output" and '
    '"declaration_date" = "declared_on", and [words.output] with the output of each type ("started" = "1"; "completed" '
    "is not the same for each course: one file and mapping for each)."
)

PRODUCTS = (
    Product(_TEAMS, _NO_EVIDENCE, _known_by("Name", "First Join", "Last Leave")),
    Product(_TEAMS, _NO_EVIDENCE, _known_by("Full Name", "User Action", "Timestamp")),
    Product(_TEAMS, _NO_EVIDENCE, _known_by("Full Name", "Join Time", "Leave Time")),
    Product(_ZOOM, _NO_EVIDENCE, like=re.compile(r"name\(originalname\)$")),
    Product(_ZOOM, _NO_EVIDENCE, _known_by("Registration Time", "Approval Status")),
    Product("a Blackboard Collaborate attendance report", _NO_EVIDENCE, _known_by("Attendee First Join Time")),
    Product("a Google Meet attendance list", _NO_EVIDENCE, _known_by("Time joined", "Time exited")),
    Product("an online meeting's attendance list", _NO_EVIDENCE, _known_by("Join Time", "Leave Time")),
    Product(
        "a Microsoft Forms list of answers",
        "it is self-report, and no evidence by itself (R11). Mark the event's register from it, and import that.",
        _known_by("Start time", "Completion time"),
    ),
    Product(
        "a Moodle attendance report",
        _SESSIONS,
        _known_by("Taken sessions", "Points", "Percentage"),
    ),
    Product("a Moodle course completion report", _COMPLETION, _known_by("Course complete")),
    Product("a Moodle completion report", _COMPLETION, like=re.compile(r".completiondate$")),
    Product("a Moodle activity completion report", _COMPLETION, begins="Completed"),
    Product("a Moodle activity completion report", _COMPLETION, begins="Not completed"),
    Product("a Moodle grade export", _MARKS_ONLY, _known_by("Last downloaded from this course")),
    Product("a Moodle grade export", _MARKS_ONLY, like=re.compile(r".\((real|percentage|letter)\)$")),
    Product("a Canvas gradebook", _MARKS_ONLY, _known_by("Student", "ID", "Section")),
    Product(
        "a Canvas activity report",
        "it counts views, and says nothing of credits or of how much is completed, so it cannot be read here.",
        _known_by("Content Type", "Times Viewed"),
    ),
    Product(
        "a Brightspace attendance register",
        _SESSIONS,
        _known_by("% Attendance", "End-of-Line Indicator"),
    ),
    Product(
        "a Brightspace grade export",
        f"{_MARKS_ONLY} The # in front of its ids is Brightspace's: take it off.",
        _known_by("OrgDefinedId"),
    ),
    Product(
        "a Brightspace export",
        f"{_MARKS_ONLY} Take the # in front of ids off.",
        _known_by("End-of-Line Indicator"),
    ),
    Product("a Blackboard grade export", _MARKS_ONLY, like=re.compile(r"\[totalpts")),
    Product("a Blackboard grade export", _MARKS_ONLY, _known_by("Username", "Student ID", "Availability")),
    Product("DfE's statement of declarations", _DFE_DECLARATIONS, _known_by("Declaration ID", "Declaration Type")),
    Product("a list of declarations for DfE", _DFE_DECLARATIONS, _known_by("declaration_type", "declaration_date")),
    Product(
        "DfE's list of applications",
        "it names no Delivery Partner, and calls a cohort by its year. Add a column delivery_partner, and translate the rest by a "
        'mapping file with [columns] "course_identifier" = "course" and [words.cohort], year = key.',
        _known_by("course_identifier", "cohort"),
    ),
)  # the first that fits: what is told by more columns stands before what is told by fewer


def said_of(rows: Iterable[list[str]]) -> str | None:
    """What to say of a table that begins with these rows; None where it is no other product's that we know."""
    top = list(rows)[:LOOKED_AT]
    for place, row in enumerate(top):
        names = [bare(header_name(cell)) for cell in row]
        below = [cell for other in top[place + 1 :] for cell in other]
        for product in PRODUCTS:
            if product.is_in(names, below):
                return f"It is {product.what}: {product.said}"
    return None
