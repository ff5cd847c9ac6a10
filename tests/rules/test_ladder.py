"""What is used up and what is new ("The ladder", R19, R53, R54, readings 1-4, 12-14, 25)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.facts import Participant
from core.rules.folding import progress_of
from core.rules.ladder import Ladder
from core.rules.results import OutputStanding
from core.rules.standing import standing
from reference.loading import load_pack
from reference.pack import Pack
from tests.rules.conftest import back, day, declared, deferred, did, period, person, ran, session, watched
from tests.rules.lives import ANY_DAY, PACKS, Life

PACK = load_pack("edt-v18")


def look(pack: Pack, who: Participant, number: int, on: str) -> OutputStanding:
    return standing(pack, who, day(on)).outputs[number - 1]


def test_an_output_waits_for_the_one_before(pack: Pack) -> None:
    who = person(register=(session("2022-02-01", "absent"),), imported=frozenset({"register", "activities", "videos"}))
    output = look(pack, who, 2, "2022-03-01")
    assert output.verdict == "not_met"
    assert {c.reason for c in output.criteria} == {"Output 1 comes first"}
    assert (output.baseline, output.met_on, output.credits.at_baseline) == (None, None, None)
    assert output.blocked_by == 1


def test_a_blocked_completion_still_shows_its_criteria(pack: Pack) -> None:
    who = person(engagement_reports=(ran("2023-02-01", "92", 170),), imported=frozenset({"register", "videos"}))
    output = look(pack, who, 3, "2023-02-24")
    assert output.verdict == "not_met"
    assert next(c for c in output.criteria if c.criterion == "credits_90").verdict == "met"


def test_undeclared_but_met_uses_up_to_the_review_date(pack: Pack) -> None:
    who = person(activities=(did("2021-12-01"), did("2021-12-12", 3, "S 1.1b")))
    assert look(pack, who, 2, "2022-03-01").baseline == day("2021-12-13")


def test_met_late_uses_up_to_that_day(pack: Pack) -> None:
    who = person(activities=(did("2021-12-20"),))
    output = look(pack, who, 2, "2022-03-01")
    assert output.baseline == day("2021-12-20")
    assert output.verdict == "not_met"


def test_a_declaration_without_a_cutoff(pack: Pack) -> None:
    met = person(activities=(did("2021-12-01"),), declarations=(declared(1, "2021-12-20"),))
    assert look(pack, met, 2, "2022-03-01").baseline == day("2021-12-13")
    met_in_window = person(activities=(did("2021-12-16"),), declarations=(declared(1, "2021-12-20"),))
    assert look(pack, met_in_window, 2, "2022-03-01").baseline == day("2021-12-16")
    no_evidence = person(declarations=(declared(1, "2021-12-20"),))
    assert look(pack, no_evidence, 2, "2022-03-01").baseline == day("2021-12-13")


def test_what_is_used_up_never_moves_once_declared(pack: Pack) -> None:
    late = person(activities=(did("2021-12-28"),), declarations=(declared(1, "2021-12-20"),))
    assert look(pack, late, 2, "2022-03-01").baseline == day("2021-12-13")
    assert look(pack, late, 2, "2022-03-01").verdict == "met"
    assert look(pack, late, 1, "2022-03-01").credits.earned == 0


def test_a_declared_output_counts_up_to_its_cutoff(pack: Pack) -> None:
    who = person(
        activities=(did("2021-12-01"), did("2022-02-01", 5, "S 1.1b")),
        declarations=(declared(1, "2021-12-20", "2021-12-13"),),
    )
    output = look(pack, who, 1, "2022-03-01")
    assert (output.credits.earned, output.met_on) == (3, day("2021-12-01"))


def test_a_voided_declaration_counts_for_nothing(pack: Pack) -> None:
    who = person(declarations=(declared(1, "2021-12-14", "2021-12-13", "voided"),))
    assert not look(pack, who, 1, "2022-03-01").declared
    assert look(pack, who, 2, "2022-03-01").blocked_by == 1


def test_met_on_is_the_latest_unbroken_spell(pack: Pack) -> None:
    runs = (ran("2021-12-01", "30", 30), ran("2021-12-05", "20", 20), ran("2021-12-10", "31", 31))
    who = person(engagement_reports=runs, imported=frozenset({"engagement_report", "register", "videos"}))
    assert look(pack, who, 1, "2021-12-13").met_on == day("2021-12-10")
    assert look(pack, who, 1, "2021-12-06").met_on is None
    assert look(pack, who, 1, "2021-12-03").met_on == day("2021-12-01")


def test_a_total_that_a_split_takes_back_begins_no_spell(pack: Pack) -> None:
    """Reading 3, R16: 27 credits can't be without self-study, until the report splits them; then some is done."""
    reports = (period("2021-11-01", "2021-12-20", 27, 0), period("2021-12-21", "2021-12-30", 5, 5))
    who = person(engagement_reports=(ran("2021-11-20", "20", 27),), declaration_reports=reports)
    spells = {on: look(pack, who, 1, on).met_on for on in ("2021-12-13", "2021-12-20", "2021-12-30")}
    assert spells == {"2021-12-13": day("2021-11-20"), "2021-12-20": None, "2021-12-30": day("2021-12-30")}
    assert look(pack, who, 2, "2022-01-10").baseline == day("2021-12-30")


def test_fast_finisher_has_nothing_left(pack: Pack) -> None:
    all_done = tuple(
        did("2021-12-05", activity.credits or 0, activity.title, block.number, activity.component)
        for block in pack.blocks["NPQSL"]
        for activity in block.activities
    )
    who = person("NPQSL", activities=all_done, declarations=(declared(1, "2021-12-14", "2021-12-13"),))
    output = look(pack, who, 2, "2022-06-01")
    assert output.credits.earned == 249
    assert output.stage == "refer_to_lead_provider"
    to_come = person(
        "NPQSL",
        activities=all_done,
        declarations=(declared(1, "2021-12-14", "2021-12-13"),),
        register=(session("2022-06-20", "booked", marked=False),),
    )
    assert look(pack, to_come, 2, "2022-06-01").stage == "pre_review"


def test_declared_outputs_keep_their_cohorts_dates(pack: Pack) -> None:
    who = person(
        declarations=(declared(1, "2021-12-14", "2021-12-13"),),
        deferrals=(deferred("2022-05-01", "2022-09-01"),),
        resumptions=(back("2022-09-01", "3"),),
    )
    whole = standing(pack, who, day("2022-09-02"))
    assert whole.cohort == "3"
    assert whole.outputs[0].review_date == day("2021-12-13")
    assert whole.outputs[1].review_date == day("2023-06-22")
    assert standing(pack, who, day("2022-08-31")).cohort == "1"


def test_evidence_before_the_cohort_counts_with_a_warning(pack: Pack) -> None:
    output = look(pack, person(activities=(did("2021-10-20"),)), 1, "2021-12-13")
    assert output.verdict == "met"
    assert any("before the cohort" in warning for warning in output.warnings)


START = date(2021, 10, 25)
moments = st.integers(0, 520).map(lambda n: START + timedelta(days=n))
works = st.tuples(moments, st.integers(1, 6)).map(lambda p: did(p[0].isoformat(), p[1], f"unit {p[0]}"))
runs = st.tuples(moments, st.integers(0, 249)).map(lambda p: ran(p[0].isoformat(), "50", p[1]))
events = st.tuples(moments, st.sampled_from(["attended", "booked", "absent", "completed"])).map(
    lambda p: session(p[0].isoformat(), p[1])
)
views = st.tuples(moments, st.integers(80, 100), st.integers(1, 4)).map(
    lambda p: watched(p[0].isoformat(), str(p[1]), p[2])
)
made = st.tuples(st.integers(1, 3), moments, st.booleans()).map(
    lambda p: declared(p[0], p[1].isoformat(), (p[1] - timedelta(days=3)).isoformat() if p[2] else None)
)
people = st.builds(
    lambda log, reports, register, videos, declarations: person(
        "NPQSL", activities=log, engagement_reports=reports, register=register, videos=videos, declarations=declarations
    ),
    st.lists(works, max_size=6).map(tuple),
    st.lists(runs, max_size=4, unique_by=lambda r: r.run_on).map(tuple),
    st.lists(events, max_size=4).map(tuple),
    st.lists(views, max_size=3).map(tuple),
    st.lists(made, max_size=2, unique_by=lambda d: d.output).map(tuple),
)


@pytest.mark.parametrize("pack", PACKS)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9), after=ANY_DAY)
def test_met_on_is_what_asking_every_day_would_give(pack: str, seed: int, after: int) -> None:
    """Reading 3; the quick search agrees with looking at each day in turn, as it was seen on that day."""
    life = Life(PACKS[pack], seed)
    on = life.starts + timedelta(days=after)
    ladder = Ladder(life.pack, progress_of(life.pack, life.person()))
    for output in ladder.outputs:
        first = on
        while first >= life.starts and ladder.verdict(output.number, first - timedelta(days=1)) == "met":
            first -= timedelta(days=1)
        met = ladder.verdict(output.number, on) == "met"
        assert ladder.met_on(output.number, on) == (first if met else None)


@settings(max_examples=200, deadline=None)
@given(people, moments)
def test_no_evidence_serves_two_outputs(who: Participant, on: date) -> None:
    """Each output's baseline is never before the one it follows, and a met retention has something after it."""
    outputs = standing(PACK, who, on).outputs
    baselines = [o.baseline for o in outputs if o.baseline is not None and o.blocked_by is None]
    if not any(o.declared for o in outputs):
        assert baselines == sorted(baselines)
    for output in outputs:
        if output.kind == "retention" and output.verdict == "met":
            assert output.baseline is not None
            assert output.met_on is not None
            if not any(o.declared for o in outputs):  # a declaration may move the baseline up to what was new before it
                assert output.met_on > output.baseline
