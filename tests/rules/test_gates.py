"""A gate, “may be sat only when …” (reading 38): by a pack in another provider's manner, day by day, beside completion."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.json_documents import status_document
from bot.conversation.cards.card import words_of
from bot.conversation.cards.phrases import gate_line
from core.rules.facts import ActivityDone, Participant, PlannedSession, RegisterEntry
from core.rules.folding import progress_of
from core.rules.gates import still_shut
from core.rules.ladder import Ladder
from core.rules.results import GateStanding, OutputStanding
from core.rules.standing import standing
from reference.criteria import CriteriaGroup
from reference.loading import check_pack, load_pack
from reference.pack import Pack
from tests.reminding import remind
from tests.rules.conftest import day, declared, ran
from tests.rules.test_second_pack import due

GATED = Path(__file__).parents[1] / "packs" / "gated-2026"
KINDS = frozenset({"register", "activities", "engagement_report"})
FIRST = date(2027, 1, 11)
SESSIONS = [FIRST + timedelta(days=18 * number) for number in range(10)]
PLANNED = tuple(PlannedSession("community", on, "2026b", None) for on in SESSIONS)
EVALUATED = [(1, "2027-04-01"), (2, "2027-07-12")]


@pytest.fixture(scope="module")
def gated() -> Pack:
    return load_pack(str(GATED))


def teacher(**more: Any) -> Participant:
    given: dict[str, Any] = {"id": "p-1", "name": "Ann Reed", "course": "NPQLT", "imported": KINDS, "planned": PLANNED}
    return Participant(cohort="2026b", delivery_partner="North Star", **(given | more))


def attended(on: date, status: str = "attended") -> RegisterEntry:
    return RegisterEntry(f"e-{on}", "community", on, status, event_marked=True)


def evaluated(block: int, on: str) -> ActivityDone:
    return ActivityDone(block, "Evaluation", f"Evaluation {block}", 1, day(on), "auto")


def reader(**more: Any) -> Participant:
    """Nine of ten sessions by 22 June, 90% of the materials on 5 July, the last evaluation on 12 July."""
    given = {
        "register": tuple(attended(on, "absent" if n == 1 else "attended") for n, on in enumerate(SESSIONS)),
        "engagement_reports": (ran("2027-05-03", "60"), ran("2027-07-05", "90")),
        "activities": tuple(evaluated(*each) for each in EVALUATED),
    }
    return teacher(**(given | more))


def beside(pack: Pack, who: Participant, on: date | str) -> OutputStanding:
    return standing(pack, who, day(on) if isinstance(on, str) else on).outputs[-1]


def gate_of(pack: Pack, who: Participant, on: date | str) -> GateStanding:
    gate = beside(pack, who, on).gate
    assert gate is not None
    return gate


def test_it_is_a_pack_that_shares_nothing_with_the_shipped_ones(gated: Pack) -> None:
    assert check_pack(str(GATED)) == []
    assert [(group, gate.title) for group, gate in gated.gates.items()] == [("specialist", "May sit the assessment")]
    assert load_pack("edt-v18").gates == load_pack("npq").gates == {}


def test_day_by_day(gated: Pack) -> None:
    """All of the sessions, materials and evaluations, each read plainly on each day of the year."""
    who = reader()
    for number in range(365):
        on = FIRST + timedelta(days=number)
        there = sum(session <= on for n, session in enumerate(SESSIONS) if n != 1)
        percent = 90 if on >= day("2027-07-05") else 60 if on >= day("2027-05-03") else None
        evaluations = sum(day(sent) <= on for _, sent in EVALUATED)
        parts = [10 * there >= 9 * len(SESSIONS), percent is not None and percent >= 90, evaluations == 2]
        told = [
            "unknown" if percent is None and n == 1 else "met" if part else "not_met" for n, part in enumerate(parts)
        ]
        wanted = "not_met" if "not_met" in told else "unknown" if "unknown" in told else "met"
        assert gate_of(gated, who, on).verdict == wanted, on
    assert gate_of(gated, who, "2027-07-11").verdict == "not_met"
    assert gate_of(gated, who, "2027-07-12").verdict == "met"


def test_it_is_no_part_of_any_verdict(gated: Pack) -> None:
    without = replace(gated, gates={}, hash="without")
    for on in ("2026-12-01", "2027-07-11", "2027-07-12", "2028-03-01"):
        told = standing(gated, reader(), day(on))
        plain = standing(without, reader(), day(on))
        assert [replace(o, gate=None) for o in told.outputs] == list(plain.outputs)
        assert [o.output for o in told.outputs if o.gate] == [3]


def test_it_is_told_with_what_is_still_needed(gated: Pack) -> None:
    who = reader(engagement_reports=(ran("2027-05-03", "60"),), activities=(evaluated(1, "2027-04-01"),))
    gate = gate_of(gated, who, "2027-08-30")
    assert gate.reasons == ("60% complete; 90% is needed.", "1 of 2 done; still to do: “Evaluation 2”.")
    line = gate_line(standing(gated, who, day("2027-08-30")).outputs)
    assert line is not None
    assert words_of(line) == (
        "May sit the assessment: not yet. Complete at least 90% of the course content. Complete “Evaluation 2”."
    )
    line = gate_line(standing(gated, reader(), day("2027-08-30")).outputs)
    assert line is not None
    assert words_of(line) == "May sit the assessment: yes."
    nobody_knows = teacher(imported=frozenset())
    line = gate_line(standing(gated, nobody_knows, day("2027-08-30")).outputs)
    assert line is not None
    assert words_of(line).startswith("May sit the assessment: not known yet. ")


def test_it_is_no_more_told_once_completion_is_declared(gated: Pack) -> None:
    done = tuple(declared(n, f"2028-02-{n:02}") for n in (1, 2, 3))
    assert gate_line(standing(gated, reader(declarations=done), day("2028-03-01")).outputs) is None
    assert gate_line(standing(gated, teacher(course="NPQSL"), day("2027-08-30")).outputs) is None


def test_the_json_of_the_contract(gated: Pack) -> None:
    document = status_document(standing(gated, reader(), day("2027-07-11")), None)
    first, second, last = [output["gate"] for output in document["outputs"]]
    assert first is second is None
    assert last == {"verdict": "not_met", "reasons": ["1 of 2 done; still to do: “Evaluation 2”."]}
    document = status_document(standing(gated, reader(), day("2027-07-12")), None)
    assert document["outputs"][2]["gate"]["verdict"] == "met"
    assert len(document["outputs"][2]["gate"]["reasons"]) == 3
    of_others = status_document(standing(gated, teacher(course="NPQSL"), day("2027-07-11")), None)
    assert [output["gate"] for output in of_others["outputs"]] == [None] * 4


def test_the_message_about_a_window_says_so(gated: Pack) -> None:
    may = reader(id="p-2", name="Ben Cole")
    may_not = reader(activities=(), engagement_reports=(ran("2027-07-05", "89.9"),))
    found = due(gated, [may, may_not], "2027-09-06", "2027-09-06", "assessment_window")
    assert [[(person.name, person.note) for person in reminder.people] for _, reminder in found] == [
        [
            (
                "Ann Reed",
                "Not submitted yet. To be met before it may be sat: at least 90% of the materials; every evaluation sent in.",
            ),
            ("Ben Cole", "Not submitted yet."),
        ]
    ]
    occasion, _ = found[0]
    assert remind(gated, [may], occasion, occasion.due_on) is not None


@pytest.mark.parametrize(("combine", "n", "told"), [
    ("any", None, "at least 90% of the planned sessions or at least 90% of the materials or every evaluation sent in"),
    ("at_least", 2, "2 of: at least 90% of the planned sessions, at least 90% of the materials, every evaluation sent in"),
    ("all", None, "at least 90% of the planned sessions; at least 90% of the materials; every evaluation sent in"),
])  # fmt: skip
def test_other_trees(gated: Pack, combine: Any, n: int | None, told: str) -> None:
    gate = gated.gates["specialist"]
    tree = CriteriaGroup(combine, gate.criteria.tree.nodes, n)
    gates = {"specialist": replace(gate, criteria=replace(gate.criteria, tree=tree))}
    other = replace(gated, gates=gates, hash=combine)
    who = progress_of(other, teacher(engagement_reports=(ran("2027-05-03", "60"),)))
    assert still_shut(Ladder(other, who), day("2027-08-30")) == told
    assert still_shut(Ladder(other, progress_of(other, reader())), day("2027-08-30")) == ""
