"""Trees of criteria and what they measure (readings 30 to 33): tables first, then a plain reading day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from core.rules.facts import Participant, PlannedSession, RegisterEntry
from core.rules.results import CriterionResult, OutputStanding
from core.rules.standing import standing
from reference.criteria import CriteriaGroup, CriteriaSet, Criterion, Item, Node, WeightedPart
from reference.pack import Pack
from tests.rules.compared import differences, sampled, stored
from tests.rules.conftest import EVERYTHING, assessed, back, day, declared, did, period, person, ran, watched
from tests.rules.conftest import session as session_of
from tests.rules.histories_of_measures import MEASURES, MadeUpCriteria, MeasuredLife
from tests.rules.lives import Life
from tests.rules.plain_reading import PlainReading

# The made-up pack's NPQLT, cohort 2025b: 56 credits; reviews on 28 November 2025, 8 May 2026 and 17 December 2026.
# A seminar has 2.5 hours, a conference day 6, a webinar 1; of a school visit the pack does not say.
BEGUN = (declared(1, "2025-12-10", "2025-11-28"),)  # Output 1 used evidence up to its review date
GOING_ON = (*BEGUN, declared(2, "2026-06-01", "2026-05-08"))


def leaf(shape: str, **numbers: Any) -> Criterion:
    """A criterion; its key is its shape."""
    for name in ("min_share", "min_percent", "n"):
        if name in numbers:
            numbers[name] = Decimal(str(numbers[name]))
    return Criterion(shape, shape, "p. 1", "As the handbook has it", "p. 1", **numbers)  # type: ignore[arg-type]


def asking(output: int, *nodes: Node, combine: Any = "all", n: int | None = None, pack: Pack = MEASURES) -> Pack:
    """The pack with other criteria for one output of the specialist courses."""
    criteria = CriteriaSet("specialist", output, CriteriaGroup(combine, nodes, n), "p. 1")
    return replace(pack, criteria={**pack.criteria, ("specialist", output): criteria}, hash=f"{hash(criteria.tree)}")


def somebody(**known: Any) -> Participant:
    """On NPQLT in cohort 2025b. Every kind of file has been imported, unless `imported` says otherwise."""
    return person("NPQLT", "2025b", **known)


def look(pack: Pack, who: Participant, output: int, on: str) -> OutputStanding:
    """What the program says; the plain reading must say the same."""
    assert list(differences(pack, stored(who), [day(on)])) == []
    return standing(pack, stored(who), day(on)).outputs[output - 1]


def amount(result: CriterionResult) -> tuple[Fraction | None, Fraction | None]:
    """How much was done, and of how much."""
    return tuple(None if text is None else Fraction(text) for text in (result.done, result.offered))  # type: ignore[return-value]


def lasting(entry: RegisterEntry, hours: str | None = None, planned: str | None = None) -> RegisterEntry:
    """A session with its length, by the register and by the planned session."""
    return replace(entry, hours=Decimal(hours) if hours else None, planned_hours=Decimal(planned) if planned else None)


def session(on: str, status: str = "attended", *, kind: str = "seminar", marked: bool = True) -> RegisterEntry:
    """A line of a register; a seminar, unless it is said otherwise."""
    return session_of(on, status, kind=kind, marked=marked)


def made_up(on: str, later: str) -> RegisterEntry:
    """A session that was missed and covered on a later day; the register says so."""
    return session_of(
        on, "completed", kind="seminar", contingency="recording", contingency_on=later, confirmed_by="Sam"
    )


# --- reading 30: trees ---------------------------------------------------------------------------------------------------

DONE = leaf("attendance")  # they attended a session
MISSING = leaf("progress")  # they have no credits
OPEN = leaf("video", min_percent=90)  # no file of videos was imported
OF_EACH = {"met": DONE, "not_met": MISSING, "unknown": OPEN}
TREES = [
    # combine, n, what the branches are, what the whole is
    ("any", None, "met not_met unknown", "met"),  # one is enough
    ("any", None, "not_met unknown", "unknown"),  # the open one may be the one
    ("any", None, "not_met not_met", "not_met"),
    ("all", None, "met met", "met"),
    ("all", None, "met unknown", "unknown"),
    ("all", None, "met unknown not_met", "not_met"),  # whatever the open one is
    ("at_least", 2, "met met not_met", "met"),
    ("at_least", 2, "met met unknown", "met"),
    ("at_least", 2, "met unknown not_met", "unknown"),  # the open one would be the second
    ("at_least", 2, "met not_met not_met", "not_met"),
    ("at_least", 2, "unknown unknown not_met", "unknown"),
    ("at_least", 3, "met unknown not_met", "not_met"),  # even with it there are only two
    ("at_least", 1, "not_met met", "met"),  # as any
    ("at_least", 2, "met not_met", "not_met"),  # as all
]  # fmt: skip
WITHOUT_VIDEOS = EVERYTHING - {"videos"}


@pytest.mark.parametrize(("combine", "n", "branches", "verdict"), TREES)
def test_branches_make_a_whole(combine: str, n: int | None, branches: str, verdict: str) -> None:
    pack = asking(1, *(OF_EACH[branch] for branch in branches.split()), combine=combine, n=n)
    who = somebody(register=(session("2025-11-01"),), imported=WITHOUT_VIDEOS)
    output = look(pack, who, 1, "2025-11-20")
    assert [c.verdict for c in output.criteria] == branches.split()
    assert output.verdict == verdict


def test_trees_nest_and_each_leaf_has_its_path() -> None:
    """Two of: attended; credits and a video; five sessions or credits. Attended is one; the open video makes the second open."""
    inner = CriteriaGroup("all", (DONE, OPEN))
    deepest = CriteriaGroup("any", (leaf("count", metric="sessions", n=5), MISSING))
    pack = asking(1, DONE, inner, deepest, combine="at_least", n=2)
    who = somebody(register=(session("2025-11-01"),), imported=WITHOUT_VIDEOS)
    output = look(pack, who, 1, "2025-11-20")
    assert output.verdict == "unknown"
    assert [c.path for c in output.criteria] == [
        "at_least.0",
        "at_least.1.all.0",
        "at_least.1.all.1",
        "at_least.2.any.0",
        "at_least.2.any.1",
    ]


def test_met_on_is_of_the_whole_tree() -> None:
    """Reading 3: of two out of three, the day of the second; where a share falls and rises, the day on which it rose again."""
    two = asking(1, DONE, MISSING, OPEN, combine="at_least", n=2)
    who = somebody(register=(session("2025-10-20"),), activities=(did("2025-11-07", component="Online module"),))
    assert look(two, who, 1, "2025-11-20").met_on == day("2025-11-07")
    share = asking(1, leaf("share", metric="sessions", min_share=60))
    who = somebody(register=(session("2025-10-20"), session("2025-10-27", "absent"), session("2025-11-10")))
    assert look(share, who, 1, "2025-10-27").met_on == day("2025-10-20")  # the second is not past yet
    assert look(share, who, 1, "2025-10-28").verdict == "not_met"  # 1 of 2
    assert look(share, who, 1, "2025-11-20").met_on == day("2025-11-10")  # 2 of 3


NOTHING_LEFT = [
    # what the second output asks for, whether credits can meet it
    (leaf("progress"), True),
    (leaf("share", metric="credits", min_share=10), True),
    (leaf("engagement_metric"), True),
    (leaf("count", metric="sessions", n=1), False),
    (leaf("share", metric="sessions", min_share=50), False),
    (leaf("progress", metric="percent_complete"), False),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "can"), NOTHING_LEFT, ids=lambda value: getattr(value, "metric", None) or str(value))
def test_nothing_is_left_only_where_credits_could_do_it(asked: Criterion, can: bool) -> None:
    """R53: all 56 credits were there by the baseline. Where sessions are asked for, that says nothing."""
    who = somebody(engagement_reports=(ran("2025-11-20", "100", 56),), declarations=BEGUN)
    output = look(asking(2, asked), who, 2, "2026-03-01")
    assert (output.stage == "refer_to_lead_provider") == can


# --- reading 31: sessions --------------------------------------------------------------------------------------------------

HALF = leaf("share", metric="sessions", min_share=50)
SESSIONS = [
    # the register, on, verdict, done of offered: Output 1, half of the sessions on whose register they stand
    ([session("2025-11-03"), session("2025-11-10", "absent")], "2025-11-20", "met", "1/2"),
    ([session("2025-11-03"), *(session(f"2025-11-1{n}", "absent") for n in (0, 1))], "2025-11-20", "not_met", "1/3"),
    ([session("2025-11-10")], "2025-11-10", "met", "1/1"),  # attended on the day itself
    ([session("2025-11-10", "absent")], "2025-11-10", "unknown", "0/0"),  # missed today: offered from tomorrow on
    ([session("2025-11-10", "absent")], "2025-11-11", "not_met", "0/1"),
    ([session("2025-11-10", "booked")], "2025-11-05", "unknown", "0/0"),  # still to come: nothing is offered yet
    ([], "2025-11-20", "unknown", "0/0"),  # on no register: nothing was offered to them
    ([made_up("2025-11-03", "2025-11-18")], "2025-11-10", "not_met", "0/1"),  # past, and not made up yet
    ([made_up("2025-11-03", "2025-11-18")], "2025-11-18", "met", "1/1"),  # R14: counts as attended
    ([made_up("2025-11-20", "2025-11-25")], "2025-11-20", "unknown", "0/0"),
    # a past session that nobody has marked is offered, and open
    ([session("2025-11-03", "booked", marked=False)], "2025-11-20", "unknown", "0/1"),
    ([session("2025-11-03"), session("2025-11-10", "booked", marked=False)], "2025-11-20", "met", "1/2"),
    ([session("2025-11-03", "booked", marked=False), session("2025-11-10", "absent"), session("2025-11-11", "absent")],
     "2025-11-20", "not_met", "0/3"),  # too few even if it was attended
    ([session("2025-11-03", "booked", marked=True)], "2025-11-20", "unknown", "0/1"),  # booked, where others are marked
]  # fmt: skip


@pytest.mark.parametrize(("register", "on", "verdict", "shown"), SESSIONS)
def test_a_share_of_sessions(register: list[RegisterEntry], on: str, verdict: str, shown: str) -> None:
    [result] = look(asking(1, HALF), somebody(register=tuple(register)), 1, on).criteria
    assert result.verdict == verdict, result.reason
    done, offered = map(Fraction, shown.split("/"))
    assert amount(result) in ((done, offered), (None, None) if not offered else (done, offered))


OFFERED = [
    # numbers of the share, register, imported, verdict: Output 1
    ({"of": 4}, [session("2025-11-03"), session("2025-11-04")], EVERYTHING, "met"),  # 2 of 4
    ({"of": 5}, [session("2025-11-03"), session("2025-11-04")], EVERYTHING, "not_met"),  # 2 of 5
    ({"of": 5}, [session("2025-11-03"), session("2025-11-04"), session("2025-11-05", "booked")], EVERYTHING, "unknown"),
    ({"of": 4}, [], EVERYTHING, "not_met"),  # 0 of 4: the register is known, and they are not on it
    ({"of": 4}, [], frozenset(), "unknown"),  # no register was imported
    ({"kinds": ("seminar",)}, [session("2025-11-03", kind="seminar"), session("2025-11-04", "absent", kind="webinar"),
                               session("2025-11-05", "absent", kind="webinar")], EVERYTHING, "met"),  # 1 of 1 seminar
    ({"kinds": ("seminar", "webinar")},
     [session("2025-11-03", kind="seminar"), session("2025-11-04", "absent", kind="webinar"),
      session("2025-11-05", "absent", kind="webinar")], EVERYTHING, "not_met"),  # 1 of 3
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "register", "imported", "verdict"), OFFERED)
def test_sessions_of_a_kind_and_of_a_number(
    numbers: dict[str, Any], register: list[RegisterEntry], imported: frozenset[str], verdict: str
) -> None:
    pack = asking(1, leaf("share", metric="sessions", min_share=50, **numbers))
    who = somebody(register=tuple(register), imported=imported)
    assert look(pack, who, 1, "2025-11-20").verdict == verdict


SPANS = [
    # register, verdict, done and offered: Output 2, half of the sessions since 28 November 2025, on 1 May 2026
    ([session("2025-11-20"), session("2026-02-02", "absent")], "not_met", (0, 1)),  # what was used up counts no more
    ([session("2025-11-28"), session("2026-02-02")], "met", (1, 1)),  # the day of the baseline is used up
    ([session("2025-11-20", "absent"), session("2026-02-02")], "met", (1, 1)),  # nor does what was missed before
    ([made_up("2025-11-20", "2026-02-02")], "met", (1, 1)),  # made up since: in the span of that day
    ([made_up("2025-11-20", "2025-11-27"), session("2026-02-02", "absent")], "not_met", (0, 1)),
    ([made_up("2026-02-02", "2026-06-01")], "not_met", (0, 1)),  # not made up yet
]  # fmt: skip


@pytest.mark.parametrize(("register", "verdict", "counted"), SPANS)
def test_sessions_since_the_last_output(register: list[RegisterEntry], verdict: str, counted: tuple[int, int]) -> None:
    [result] = look(asking(2, HALF), somebody(register=tuple(register), declarations=BEGUN), 2, "2026-05-01").criteria
    assert (result.verdict, amount(result)) == (verdict, counted)


PLANNED = leaf("share", metric="sessions", min_share=50, of="planned")
COMING = PlannedSession("seminar", day("2027-02-01"), None)


def plan(on: str, cohort: str | None = None, kind: str = "seminar") -> PlannedSession:
    return PlannedSession(kind, day(on), cohort)


PLANS = [
    # planned, moved to cohort 2026b on, verdict, offered: Output 3; they attended one seminar
    ([plan("2025-11-03"), plan("2026-11-02")], None, "met", 2),
    ([plan("2025-11-03"), plan("2026-11-02"), COMING], None, "not_met", 3),  # those to come are offered too
    ([plan("2025-11-03"), plan("2026-11-02", "2025b")], None, "met", 2),
    ([plan("2025-11-03"), plan("2026-11-02", "2026b"), COMING], None, "met", 2),  # another cohort's is not for them
    ([plan("2025-11-03"), plan("2026-11-02", "2026b"), COMING], "2026-09-01", "not_met", 3),  # until it is their own
    ([plan("2025-11-03"), plan("2026-11-02", "2026b"), COMING], "2027-01-01", "met", 2),  # which it is not yet
    ([], None, "unknown", None),  # nothing is planned
]  # fmt: skip


@pytest.mark.parametrize(("planned", "moved_on", "verdict", "offered"), PLANS)
def test_sessions_that_are_planned(
    planned: list[PlannedSession], moved_on: str | None, verdict: str, offered: int | None
) -> None:
    who = somebody(
        register=(session("2025-11-03"),),
        planned=tuple(planned),
        declarations=GOING_ON,
        resumptions=(back(moved_on, "2026b"),) if moved_on else (),
    )
    [result] = look(asking(3, PLANNED), who, 3, "2026-12-01").criteria
    assert result.verdict == verdict
    assert offered is None or amount(result) == (1, offered)


# --- reading 31: credits, percent, components ----------------------------------------------------------------------------

SHARES = [
    # share, what is known, verdict: Output 1 on 20 November 2025; NPQLT has 56 credits, 26 of them in online modules
    ({"metric": "credits", "min_share": "12.5"}, {"engagement_reports": (ran("2025-11-10", "5", 7),)}, "met"),  # 7/56 = 12.5%
    ({"metric": "credits", "min_share": "12.51"}, {"engagement_reports": (ran("2025-11-10", "5", 7),)}, "not_met"),
    ({"metric": "credits", "min_share": "1"}, {"engagement_reports": (ran("2025-11-10", "5"),)}, "unknown"),  # no figure
    ({"metric": "percent_complete", "min_share": "12.5"}, {"engagement_reports": (ran("2025-11-10", "12.5"),)}, "met"),
    ({"metric": "percent_complete", "min_share": "12.5"}, {"engagement_reports": (ran("2025-11-10", "12.49"),)}, "not_met"),
    ({"metric": "percent_complete", "min_share": "12.5"},
     {"engagement_reports": (ran("2025-11-01", "40"), ran("2025-11-10", "12"))}, "not_met"),  # the newest counts
    ({"metric": "percent_complete", "min_share": "12.5"}, {"engagement_reports": (ran("2025-11-21", "40"),)}, "unknown"),  # theirs later
    ({"metric": "percent_complete", "min_share": "12.5"}, {}, "not_met"),  # others are in the report, they are not: 0%
    ({"metric": "percent_complete", "min_share": "12.5"}, {"imported": frozenset()}, "unknown"),
    ({"metric": "component", "component": "Online module", "min_share": "50"},
     {"activities": (did("2025-11-03", 13, "Module 1.1", 1, "Online module"),)}, "met"),  # 13/26
    ({"metric": "component", "component": "Online module", "min_share": "50"},
     {"activities": (did("2025-11-03", 12, "Module 1.1", 1, "Online module"), did("2025-11-03", 9, "Quiz 1.1", 1, "Quiz"))},
     "not_met"),
    ({"metric": "component", "component": "Online module", "min_share": "50"},
     {"declaration_reports": (period("2025-10-01", "2025-11-10", 40),), "imported": EVERYTHING - {"activities"}},
     "unknown"),  # a report has no components
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "known", "verdict"), SHARES)
def test_other_shares(numbers: dict[str, Any], known: dict[str, Any], verdict: str) -> None:
    assert look(asking(1, leaf("share", **numbers)), somebody(**known), 1, "2025-11-20").verdict == verdict


def log(*rows: tuple[str, int]) -> dict[str, Any]:
    """The activity log: on which day so many credits."""
    return {"activities": tuple(did(on, credits, f"Module {on}", 1, "Online module") for on, credits in rows)}


NEW = [
    # asked for, what is known, verdict: Output 2 on 1 May 2026, baseline 28 November 2025
    (leaf("share", metric="credits", min_share=12.5), log(("2025-11-20", 20), ("2026-01-10", 7)), "met"),  # 7 new of 56
    (leaf("share", metric="credits", min_share=12.5), log(("2025-11-20", 20), ("2026-01-10", 6)), "not_met"),
    (leaf("share", metric="component", component="Online module", min_share=50),
     log(("2025-11-28", 20), ("2026-01-10", 12)), "not_met"),
    (leaf("share", metric="percent_complete", min_share=5),
     {"engagement_reports": (ran("2025-11-20", "10"), ran("2026-02-01", "90"))}, "not_met"),  # proves nothing new
    (leaf("share", metric="percent_complete", min_share=5), {"imported": frozenset()}, "not_met"),
    (leaf("progress", metric="percent_complete"),
     {"engagement_reports": (ran("2025-11-20", "10"), ran("2026-02-01", "10.1"))}, "met"),
    (leaf("progress", metric="percent_complete"),
     {"engagement_reports": (ran("2025-11-20", "10"), ran("2026-02-01", "12"), ran("2026-03-01", "9"))}, "met"),  # any of them
    (leaf("progress", metric="percent_complete"),
     {"engagement_reports": (ran("2025-11-01", "20"), ran("2025-11-20", "10"), ran("2026-02-01", "15"))}, "met"),  # the newest by then
    (leaf("progress", metric="percent_complete"),
     {"engagement_reports": (ran("2025-11-20", "10"), ran("2026-02-01", "10"))}, "not_met"),
    (leaf("progress", metric="percent_complete"), {"engagement_reports": (ran("2026-02-01", "50"),)}, "unknown"),  # from what?
    (leaf("progress", metric="percent_complete"), {}, "not_met"),  # reading 5: they are in no report
    (leaf("progress", metric="percent_complete"), {"imported": frozenset()}, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "known", "verdict"), NEW)
def test_what_is_new(asked: Criterion, known: dict[str, Any], verdict: str) -> None:
    output = look(asking(2, asked), somebody(declarations=BEGUN, **known), 2, "2026-05-01")
    assert output.baseline == day("2025-11-28")
    assert output.verdict == verdict, [c.reason for c in output.criteria]


BEGINNINGS = [
    # engagement reports, verdict: Output 1 on 20 November 2025, progress by percent
    ([ran("2025-11-10", "0.1")], "met"),  # any figure above 0
    ([ran("2025-11-10", "0")], "not_met"),
    ([ran("2025-11-21", "5")], "unknown"),  # theirs only later
    ([], "not_met"),
]  # fmt: skip


@pytest.mark.parametrize(("reports", "verdict"), BEGINNINGS)
def test_a_percentage_from_the_start(reports: list[Any], verdict: str) -> None:
    pack = asking(1, leaf("progress", metric="percent_complete"))
    assert look(pack, somebody(engagement_reports=tuple(reports)), 1, "2025-11-20").verdict == verdict


SINCE = [
    # since the last output only, sessions attended on, verdict: Output 3 asks for two, baseline 8 May 2026
    (True, ("2025-11-03", "2026-06-01"), "not_met"),
    (True, ("2026-05-08", "2026-06-01"), "not_met"),
    (True, ("2026-05-09", "2026-06-01"), "met"),
    (False, ("2025-11-03", "2026-06-01"), "met"),  # a completion counts from the start
]  # fmt: skip


@pytest.mark.parametrize(("since", "attended", "verdict"), SINCE)
def test_a_completion_may_ask_for_what_is_new(since: bool, attended: tuple[str, ...], verdict: str) -> None:
    pack = asking(3, leaf("count", metric="sessions", n=2, since_last=since))
    who = somebody(register=tuple(map(session, attended)), declarations=GOING_ON)
    assert look(pack, who, 3, "2026-12-01").verdict == verdict


# --- reading 32: weighted -----------------------------------------------------------------------------------------------------


def weighing(*parts: WeightedPart, at_least: str) -> Pack:
    return asking(1, leaf("weighted", min_share=at_least, parts=parts))


def part(weight: str, metric: Any, **more: Any) -> WeightedPart:
    return WeightedPart(Decimal(weight), metric, **more)


SEMINARS, WEBINARS = {"kinds": ("seminar",)}, {"kinds": ("webinar",)}
HALF_OF_SEMINARS = (session("2025-11-03", kind="seminar"), session("2025-11-04", "absent", kind="seminar"))
WEIGHTED = [
    # parts, threshold, what is known, verdict: Output 1 on 20 November 2025
    # 60 × 1/2 + 40 × 50% = 50
    ([part("60", "sessions", **SEMINARS), part("40", "percent_complete")], "50",
     {"register": HALF_OF_SEMINARS, "engagement_reports": (ran("2025-11-10", "50"),)}, "met"),
    ([part("60", "sessions", **SEMINARS), part("40", "percent_complete")], "50.1",
     {"register": HALF_OF_SEMINARS, "engagement_reports": (ran("2025-11-10", "50"),)}, "not_met"),
    # the percentage is not known: between 30 and 70
    ([part("60", "sessions", **SEMINARS), part("40", "percent_complete")], "30",
     {"register": HALF_OF_SEMINARS, "imported": frozenset()}, "met"),
    ([part("60", "sessions", **SEMINARS), part("40", "percent_complete")], "70",
     {"register": HALF_OF_SEMINARS, "imported": frozenset()}, "unknown"),
    ([part("60", "sessions", **SEMINARS), part("40", "percent_complete")], "70.5",
     {"register": HALF_OF_SEMINARS, "imported": frozenset()}, "not_met"),
    # three of two seminars are 1, no more: 50 + 0
    ([part("50", "sessions", of=2, **SEMINARS), part("50", "sessions", of=2, **WEBINARS)], "51",
     {"register": tuple(session(f"2025-11-0{n}", kind="seminar") for n in (3, 4, 5))}, "not_met"),
    # one webinar of two is open: between 25 and 50
    ([part("50", "sessions", **SEMINARS), part("50", "sessions", **WEBINARS)], "75",
     {"register": (session("2025-11-03", kind="seminar"), session("2025-11-04", kind="webinar"),
                   session("2025-11-05", "booked", kind="webinar", marked=False))}, "met"),
    ([part("50", "sessions", **SEMINARS), part("50", "sessions", **WEBINARS)], "76",
     {"register": (session("2025-11-03", kind="seminar"), session("2025-11-04", kind="webinar"),
                   session("2025-11-05", "booked", kind="webinar", marked=False))}, "unknown"),
    # thirds stay thirds: 33.3 × 1/3 + 66.7 × 2/3 = 55.566…
    ([part("33.3", "sessions", of=3, **SEMINARS), part("66.7", "sessions", of=3, **WEBINARS)], "55.56",
     {"register": (session("2025-11-03", kind="seminar"), session("2025-11-04", kind="webinar"),
                   session("2025-11-05", kind="webinar"))}, "met"),
    ([part("33.3", "sessions", of=3, **SEMINARS), part("66.7", "sessions", of=3, **WEBINARS)], "55.57",
     {"register": (session("2025-11-03", kind="seminar"), session("2025-11-04", kind="webinar"),
                   session("2025-11-05", kind="webinar"))}, "not_met"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "at_least", "known", "verdict"), WEIGHTED)
def test_weighted(parts: list[WeightedPart], at_least: str, known: dict[str, Any], verdict: str) -> None:
    output = look(weighing(*parts, at_least=at_least), somebody(**known), 1, "2025-11-20")
    assert output.verdict == verdict, [c.reason for c in output.criteria]


# --- reading 33: counts and items -----------------------------------------------------------------------------------------

FOUR_AND_A_HALF = leaf("count", metric="hours", n=4.5)
VISIT = session("2025-11-06", kind="school_visit")  # of unknown length: between 0 and 24 hours
COUNTS = [
    # asked for, what is known, verdict: Output 1 on 20 November 2025
    (leaf("count", metric="sessions", n=2), {"register": (session("2025-11-03"), session("2025-11-04"))}, "met"),
    (leaf("count", metric="sessions", n=2), {"register": (session("2025-11-03"), session("2025-11-04", "absent"))}, "not_met"),
    (leaf("count", metric="sessions", n=2), {"register": (session("2025-11-03"), session("2025-11-04", "booked"))}, "unknown"),
    (leaf("count", metric="sessions", n=3), {"register": (session("2025-11-03"), session("2025-11-04", "booked"))}, "not_met"),
    (leaf("count", metric="sessions", n=1), {"register": (session("2025-11-20", "booked"),)}, "not_met"),  # today: not past yet
    (leaf("count", metric="sessions", n=1), {}, "not_met"),
    (leaf("count", metric="sessions", n=1), {"imported": frozenset()}, "unknown"),
    (FOUR_AND_A_HALF, {"register": (session("2025-11-03", kind="conference"),)}, "met"),  # the pack's 6
    (FOUR_AND_A_HALF, {"register": (lasting(session("2025-11-03", kind="conference"), "4.25"),)}, "not_met"),  # the register's 4.25
    (FOUR_AND_A_HALF, {"register": (lasting(session("2025-11-03", kind="conference"), None, "4.25"),)}, "not_met"),  # as planned
    (FOUR_AND_A_HALF, {"register": (lasting(session("2025-11-03", kind="conference"), "4.5", "1"),)}, "met"),  # the register's first
    (FOUR_AND_A_HALF, {"register": (session("2025-11-03", kind="seminar"), session("2025-11-04", kind="webinar"),
                                    session("2025-11-05", kind="webinar"))}, "met"),  # 2.5 + 1 + 1
    (FOUR_AND_A_HALF, {"register": (VISIT,)}, "unknown"),
    (FOUR_AND_A_HALF, {"register": (VISIT, session("2025-11-03", kind="conference"))}, "met"),
    (leaf("count", metric="hours", n=24.5), {"register": (VISIT,)}, "not_met"),  # 24 at most
    (FOUR_AND_A_HALF, {"register": (session("2025-11-03", "booked", kind="conference"),)}, "unknown"),
    (FOUR_AND_A_HALF, {"register": (session("2025-11-03", "booked", kind="seminar"),)}, "not_met"),  # 2.5 at most
    (leaf("count", metric="hours", n=4.5, kinds=("seminar",)), {"register": (session("2025-11-03", kind="conference"),)}, "not_met"),
    (leaf("count", metric="activities", n=2, component="Quiz"),
     {"activities": (did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz"), did("2025-11-04", 3, "Quiz 1.2", 1, "Quiz"))}, "met"),
    (leaf("count", metric="activities", n=2, component="Quiz"),
     {"activities": (did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz"), did("2025-11-04", 0, "Quiz 1.2", 1, "Quiz"))},
     "not_met"),  # without credits it is not done
    (leaf("count", metric="activities", n=2, component="Quiz"),
     {"activities": (did("2025-11-03", 9, "Quiz 1.1", 1, "Quiz"), did("2025-11-04", 9, "Module 1.1", 1, "Online module"))},
     "not_met"),
    (leaf("count", metric="activities", n=1, component="Quiz"), {"imported": frozenset({"engagement_report"})}, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "known", "verdict"), COUNTS)
def test_counts(asked: Criterion, known: dict[str, Any], verdict: str) -> None:
    output = look(asking(1, asked), somebody(**known), 1, "2025-11-20")
    assert output.verdict == verdict, [c.reason for c in output.criteria]


NAMED = leaf("items", items=(Item("NPQLT", 1, "Quiz 1.1"), Item("NPQLT", 2, "Quiz 2.1"), Item("NPQLBC", 1, "Quiz 1.2")))
ITEMS = [
    # the log, imported, verdict: two are named for their course, another for another course
    ([did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz"), did("2025-11-04", 2, "Quiz 2.1", 2, "Quiz")], EVERYTHING, "met"),
    ([did("2025-11-03", 2, "QUIZ 1.1", 1, "Quiz"), did("2025-11-04", 2, "quiz 2.1", 2, "Quiz")], EVERYTHING, "met"),
    ([did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz")], EVERYTHING, "not_met"),
    ([did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz"), did("2025-11-04", 0, "Quiz 2.1", 2, "Quiz")], EVERYTHING, "not_met"),
    ([did("2025-11-03", 2, "Quiz 1.1", 1, "Quiz"), did("2025-11-21", 2, "Quiz 2.1", 2, "Quiz")], EVERYTHING, "not_met"),
    ([did("2025-11-03", 2, "Quiz 1.1", 2, "Quiz"), did("2025-11-04", 2, "Quiz 2.1", 2, "Quiz")], EVERYTHING, "not_met"),  # block 2's
    ([], EVERYTHING, "not_met"),
    ([], EVERYTHING - {"activities"}, "unknown"),  # there is no log for their group
]  # fmt: skip


@pytest.mark.parametrize(("rows", "imported", "verdict"), ITEMS)
def test_items(rows: list[Any], imported: frozenset[str], verdict: str) -> None:
    who = somebody(activities=tuple(rows), imported=imported)
    assert look(asking(1, NAMED), who, 1, "2025-11-20").verdict == verdict


def test_every_activity_whose_title_begins_so() -> None:
    """The made-up pack asks for both blocks' evaluations at completion."""
    rows = [did("2026-06-01", 1, f"Evaluation of block {n}", n, "Evaluation") for n in (1, 2)]
    for done, verdict in ((rows, "met"), (rows[:1], "not_met")):
        found = look(MEASURES, somebody(activities=tuple(done), declarations=GOING_ON), 3, "2026-12-01")
        assert next(c.verdict for c in found.criteria if c.criterion == "evaluations") == verdict


def test_old_shapes_stand_among_new_ones() -> None:
    """A completion of all: the assessment is the lead provider's, the film anybody's."""
    pack = asking(3, leaf("assessment_tracked"), leaf("video", min_percent=65, block=1), PLANNED)
    who = somebody(
        register=(session("2025-11-03"),), planned=(plan("2025-11-03"),), declarations=GOING_ON,
        videos=(watched("2026-09-01", "65"),), assessments=(assessed("2026-11-01", "2026-11-09"),),
    )  # fmt: skip
    assert look(pack, who, 3, "2026-11-08").verdict == "not_met"  # moderated on the 9th
    assert look(pack, who, 3, "2026-11-09").verdict == "met"
    assert look(pack, who, 3, "2026-12-01").met_on == day("2026-11-09")


# --- what a pack with other numbers shows, and what a comparison found ----------------------------------------------------

STUDY = leaf("self_study", min_credits=6)  # Block 1 of NPQLT gives 15 credits without a unit of self-study
SIX_CREDITS = [
    # what is known, verdict: at least six credits of self-study (R16)
    ({"engagement_reports": (ran("2025-11-10", "30", 21),)}, "met"),  # 15 may be other things: six can't be
    ({"engagement_reports": (ran("2025-11-10", "30", 20),)}, "unknown"),  # five can't be
    ({"engagement_reports": (ran("2025-11-10", "30", 16),)}, "unknown"),  # one can't be
    ({"engagement_reports": (ran("2025-11-10", "9", 5),)}, "not_met"),  # five are not six
    ({"activities": (did("2025-11-03", 1, "Module 1.1", 1, "Online module"),
                     did("2025-11-04", 1, "Journal", 1, "Online module"))}, "not_met"),  # with the journal two
]  # fmt: skip


@pytest.mark.parametrize(("known", "verdict"), SIX_CREDITS)
def test_self_study_takes_the_packs_number(known: dict[str, Any], verdict: str) -> None:
    assert look(asking(1, STUDY), somebody(**known), 1, "2025-11-20").verdict == verdict


FALLEN = (ran("2025-11-20", "40", 30), ran("2026-02-01", "30", 20))
NEW_CREDITS = [
    leaf("progress"),
    leaf("share", metric="credits", min_share=5),
]


@pytest.mark.parametrize("asked", NEW_CREDITS)
def test_a_score_that_fell_says_nothing_of_what_is_new(asked: Criterion) -> None:
    """R22: lower than at the last output point is unknown."""
    who = somebody(engagement_reports=FALLEN, declarations=BEGUN)
    assert look(asking(2, asked), who, 2, "2026-05-01").verdict == "unknown"


@pytest.mark.parametrize("first", ["2021-11-01", "2021-11-03"])  # or with two days missing
def test_what_is_used_up_follows_the_latest_spell(pack: Pack, first: str) -> None:
    """The head's ladder: max(review date, met_on). 30 credits, taken back in January, 40 in March: met since March."""
    who = person(
        declaration_reports=(period(first, "2021-11-20", 30), period("2021-11-21", "2022-03-01", 0, None, 40)),
        engagement_reports=(ran("2022-01-10", "1", 5),),
    )
    first_output, second = standing(pack, who, day("2022-03-05")).outputs[:2]
    assert first_output.met_on == day("2022-03-01")
    assert second.baseline == day("2022-03-01")


# --- day by day, beside the plain reading ---------------------------------------------------------------------------------------

SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_made_up_record_is_judged_as_the_rulebook_reads(seed: int) -> None:
    """By the pack that measures in every way, on days of change and on others."""
    who = MeasuredLife(MEASURES, seed).person()
    assert list(differences(MEASURES, who, sampled(MEASURES, who, seed, 12))) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_made_up_criteria_are_judged_as_the_rulebook_reads(seed: int) -> None:
    """Whatever tree, shape and number a pack may have."""
    pack = MadeUpCriteria(MEASURES, seed).made()
    who = MeasuredLife(pack, seed).person()
    assert list(differences(pack, who, sampled(pack, who, seed, 12))) == []


@pytest.mark.parametrize("seed", range(40))
def test_the_guidances_own_criteria_are_judged_as_the_rulebook_reads(pack: Pack, seed: int) -> None:
    """The ladder, deferrals, moves and every old shape."""
    who = stored(Life(pack, seed).person())
    assert list(differences(pack, who, sampled(pack, who, seed, 12))) == []


def test_the_made_up_records_reach_what_they_are_for() -> None:
    """Each verdict of each shape turns up, so that the comparison compares something."""
    found: set[tuple[str, str]] = set()
    for seed in range(40):
        pack = MadeUpCriteria(MEASURES, seed).made()
        plain = PlainReading(pack, MeasuredLife(pack, seed).person())
        for number in plain.outputs:
            shapes = {c.key: c.shape for c in pack.criteria_for(plain.who.course, number).criteria}  # type: ignore[union-attr]
            for when in (date(2026, 1, 5), date(2027, 1, 5), date(2028, 1, 5)):
                found |= {(shapes[each.key], each.verdict) for each in plain.judged(number, when)[1]}
    wanted = {
        (shape, said) for shape in ("share", "weighted", "count", "items") for said in ("met", "not_met", "unknown")
    }
    assert wanted <= found
