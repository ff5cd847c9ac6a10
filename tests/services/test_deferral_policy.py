"""Which deferrals a pack allows, each limit on its own day and the day after; and what the lead provider's word makes of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.platforms import IDS
from core.database.database import open_database
from core.derived.installation import Installation
from core.rules.results import OutputStanding, Standing
from core.services import enquiries
from core.services.acts.recording import Deed, Outcome
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import DeferralPolicy, NotBetween, Pack
from tests.acts import DO
from tests.loading import loading
from tests.records.made import stored_person

SAM = Actor("Sam", "coordinator", "North Star", "slack", "U0SAM", 1)
LEE = Actor("Lee", "lead_provider", None, "slack", "U0LEE", 6)
ADA = Actor("Ada", "administrator", None, "slack", "U0ADA", 7)
MONDAY = "2022-01-10"  # four weeks after the first review (13 December 2021)


def day(text: str) -> date:
    return date.fromisoformat(text)


def policy(**says: Any) -> DeferralPolicy:
    return DeferralPolicy("handbook p. 12", **says)


CONFIRMED = policy(confirmed_by_lead_provider=True)


@dataclass
class Desk:
    """Jane (p-1) on NPQLTD in cohort 1: reviews on 13 December 2021, 23 June 2022, 24 February 2023."""

    installation: Installation

    def does(self, act: str, *, actor: Actor = SAM, on: str = MONDAY, now: str = "", **values: Any) -> Outcome:
        service: Callable[..., Outcome] = DO[act]
        return service(
            self.installation, actor, "p-1", Deed(day(on), datetime.fromisoformat(f"{now or on}T09:30+00:00")), **values
        )

    def defers(self, starts: str, until: str, *, on: str = MONDAY, reason: str | None = "other") -> Outcome:
        return self.does("defer", on=on, starts_on=day(starts), until=day(until), reason=reason)

    def answers(self, answer: str, *, actor: Actor = LEE, on: str = MONDAY, now: str = "") -> Outcome:
        return self.does("answer_deferral", actor=actor, on=on, now=now, answer=answer)

    def standing(self, on: str) -> Standing:
        return enquiries.case(self.installation, ADA, "p-1", as_of=day(on)).standing

    def first(self, on: str) -> OutputStanding:
        return self.standing(on).outputs[0]

    def at_risk(self, on: str) -> list[str]:
        """Whom the list names, which is judged by the records that are kept."""
        return [
            each.standing.participant_id for each in enquiries.at_risk(self.installation, ADA, as_of=day(on)).people
        ]


@pytest.fixture
def at(sqlite_url: str, pack: Pack) -> Any:
    """A desk with a policy."""
    engine = open_database(sqlite_url)
    installation = Installation(engine, pack, platforms=IDS)
    with loading(installation) as session:
        session.add(stored_person("p-1", full_name="Jane Smith", application_status="accepted"))
    yield lambda says: Desk(Installation(engine, replace(pack, deferral=says), platforms=IDS))
    engine.dispose()


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as told:
        act()
    return told.value


FIRST_WINDOW = policy(not_between=(NotBetween("started", None, 0),))
LAST_DAYS = policy(not_between=(NotBetween("completed", -60, None),))
BEFORE_REVIEW = policy(not_between=(NotBetween("retained-1", -7, -1), NotBetween("retained-1", 0, 0)))
NEVER_AFTER = policy(not_between=(NotBetween("started", -100, None),))  # begins before the cohort does
FIRST_DAYS = policy(not_between=(NotBetween("started", -100, 30),))
LIMITS = [
    # the policy, first day, agreed return; the code and a part of the way out, or nothing where it is recorded
    (FIRST_WINDOW, "2021-12-13", "2022-09-01", "too_early", "please give 14 December 2021 or a later day"),
    (FIRST_WINDOW, "2021-12-14", "2022-09-01", None, ""),
    (LAST_DAYS, "2022-12-25", "2023-09-01", None, ""),
    (LAST_DAYS, "2022-12-26", "2023-09-01", "too_late", "give 25 December 2022 or an earlier day"),
    (LAST_DAYS, "2023-03-01", "2023-09-01", "too_late", "give 25 December 2022 or an earlier day"),
    (BEFORE_REVIEW, "2022-06-15", "2022-09-01", None, ""),
    (BEFORE_REVIEW, "2022-06-20", "2022-09-01", "too_late", "15 June 2022 or an earlier day, or give 24 June 2022 or a later one"),
    (BEFORE_REVIEW, "2022-06-23", "2022-09-01", "too_late", "15 June 2022"),
    (BEFORE_REVIEW, "2022-06-24", "2022-09-01", None, ""),
    (policy(longest_days=30), "2022-01-10", "2022-02-09", None, ""),
    (policy(longest_days=30), "2022-01-10", "2022-02-10", "too_long", "30 days at most: please agree a return on 9 February 2022"),
    (policy(longest_months=12), "2022-01-10", "2023-01-10", None, ""),
    (policy(longest_months=12), "2022-01-10", "2023-01-11", "too_long", "12 months at most"),
    (policy(longest_months=12), "2024-02-29", "2025-02-28", None, ""),
    (policy(longest_months=12), "2024-02-29", "2025-03-01", "too_long", "28 February 2025"),
    (policy(longest_months=1), "2022-01-31", "2022-02-28", None, ""),
    (policy(longest_months=1), "2022-01-31", "2022-03-01", "too_long", "1 month at most"),
    (policy(longest_months=24), "2022-02-28", "2024-02-28", None, ""),
    (policy(longest_months=24), "2022-02-28", "2024-02-29", "too_long", "28 February 2024"),
    (policy(last_return=date(2022, 9, 1)), "2022-01-10", "2022-09-01", None, ""),
    (policy(last_return=date(2022, 9, 1)), "2022-01-10", "2022-09-02", "return_too_late", "1 September 2022"),
    (policy(longest_days=300, last_return=date(2022, 9, 1)), "2022-01-10", "2023-01-01", "too_long", "a return on 1 September 2022"),
    (policy(last_return=date(2022, 9, 1)), "2022-09-01", "2022-09-02", "return_too_late", "please give an earlier first day and return"),
    (policy(longest_days=30, last_return=date(2022, 9, 1)), "2022-09-02", "2022-12-02", "return_too_late", "an earlier first day"),
    (NEVER_AFTER, "2022-01-10", "2022-09-01", "too_late", "please ask Education Development Trust"),
    (FIRST_DAYS, "2022-01-10", "2022-09-01", "too_early", "give 13 January 2022 or a later day"),
    (policy(last_return_months=12), "2022-01-10", "2022-11-01", None, ""),
    (policy(last_return_months=12), "2022-01-10", "2022-11-02", "return_too_late", "Jane Smith can return is 1 November 2022"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "starts", "until", "code", "way_out"), LIMITS)
def test_the_first_and_the_last_day_that_are_allowed(
    at: Any, says: DeferralPolicy, starts: str, until: str, code: str | None, way_out: str
) -> None:
    desk = at(says)
    if code is None:
        assert "on deferral from" in desk.defers(starts, until).said
        return
    told = refused(lambda: desk.defers(starts, until))
    assert told.code == code
    assert way_out in told.message
    assert told.field == ("starts_on" if code.startswith("too_e") or code == "too_late" else "until")
    assert desk.standing(MONDAY).deferrals == 0


@pytest.mark.parametrize(
    ("says", "reason", "code"),
    [
        (policy(reasons=frozenset({"bereavement", "other"})), "other", None),
        (policy(reasons=frozenset({"bereavement", "other"})), "career-break", "reason_not_offered"),
        (policy(reasons=frozenset({"bereavement"})), "holiday", "unknown_reason"),
        (policy(), None, "reason_needed"),
        (policy(reason_needed=False), None, None),
        (policy(reason_needed=False), "other", None),
    ],
)
def test_reasons(at: Any, says: DeferralPolicy, reason: str | None, code: str | None) -> None:
    desk = at(says)
    if code is None:
        desk.defers(MONDAY, "2022-09-01", reason=reason)
        return
    told = refused(lambda: desk.defers(MONDAY, "2022-09-01", reason=reason))
    assert (told.code, told.field) == (code, "reason")
    assert "bereavement" in told.message


def test_what_is_not_known_forbids_nothing(at: Any, pack: Pack) -> None:
    says = policy(not_between=(NotBetween("started", None, 0),), last_return_months=1)
    desk = at(says)
    unknown = replace(desk.installation.pack.cohorts["1"], starts_on=None)
    known = desk.installation.pack
    dates = {**known.dates, "NPQLTD": {}}
    blank = replace(known, cohorts={**known.cohorts, "1": unknown}, dates=dates, hash="nothing known")
    assert Desk(Installation(desk.installation.engine, blank, platforms=IDS)).defers("2021-12-01", "2023-09-01")


def test_every_recorded_deferral_counts(at: Any) -> None:
    desk = at(policy(how_many=1))
    desk.defers(MONDAY, "2022-03-01")
    told = refused(lambda: desk.defers("2022-01-12", "2022-04-01", on="2022-01-11"))
    assert told.code == "too_many"
    assert "only one is allowed on a course; ask Education Development Trust" in told.message
    desk.does("resume", on="2022-03-01", cohort="2")
    assert refused(lambda: desk.defers("2022-05-01", "2022-06-01", on="2022-04-01")).code == "too_many"


@pytest.mark.parametrize(
    ("back", "cohort", "way_out"),
    [
        ("2022-02-01", "2", None),
        ("2022-02-02", "2", "please choose 3"),
        ("2022-10-01", "3", None),
        ("2022-10-01", "4", "please choose 3"),
        ("2022-10-02", "4", None),
        ("2023-02-02", "4", "please leave the cohort open"),
    ],
)
def test_the_next_cohort_to_start(at: Any, back: str, cohort: str, way_out: str | None) -> None:
    desk = at(policy(into="next"))
    desk.defers(MONDAY, "2022-09-01")
    if way_out is None:
        desk.does("resume", on=back, cohort=cohort)
        assert desk.standing(back).cohort == cohort
        return
    told = refused(lambda: desk.does("resume", on=back, cohort=cohort))
    assert (told.code, told.field) == ("cohort_not_offered", "cohort")
    assert way_out in told.message
    assert desk.does("resume", on=back).standing.rescheduling_needed, "it can be left open"


# --- the lead provider's word -----------------------------------------------------------------------------------------

# Asked for on Monday from 1 December 2021, before the first review; the day on which it is answered, and then day by day.
DAYS = ("2022-01-09", "2022-01-10", "2022-01-11", "2022-01-12", "2022-01-13")
ANSWERED = [
    (None, ("contact",) * 5, (False, True, True, True, True)),
    ("confirm", ("contact", "contact", "contact", "deferred", "deferred"), (False, True, True, False, False)),
    ("decline", ("contact",) * 5, (False, True, True, False, False)),
]


@pytest.mark.parametrize(("answer", "stages", "waits"), ANSWERED, ids=["asked", "confirmed", "declined"])
def test_day_by_day(at: Any, answer: str | None, stages: tuple[str, ...], waits: tuple[bool, ...]) -> None:
    desk = at(CONFIRMED)
    said = desk.defers("2021-12-01", "2022-09-01").said
    assert "it counts once Education Development Trust has confirmed it" in said
    if answer:
        desk.answers(answer, on="2022-01-12")
    outputs = [desk.first(on) for on in DAYS]
    assert tuple(output.stage for output in outputs) == stages
    assert tuple(output.deferral_asked is not None for output in outputs) == waits
    told = [any("has yet to confirm it" in step for step in output.next_steps) for output in outputs]
    assert tuple(told) == waits
    assert [output.verdict == "exempt" for output in outputs] == [stage == "deferred" for stage in stages]
    assert [desk.at_risk(on) == [] for on in DAYS] == [stage == "deferred" for stage in stages]
    assert desk.standing("2022-01-13").deferrals == (0 if answer == "decline" else 1)


def test_what_is_confirmed_beforehand_begins_on_its_own_day(at: Any) -> None:
    desk = at(CONFIRMED)
    desk.defers("2022-02-01", "2022-09-01")
    desk.answers("confirm", on="2022-01-12")
    before, on = desk.first("2022-01-31"), desk.first("2022-02-01")
    assert (before.stage, before.deferral_ahead) == ("contact", (day("2022-02-01"), day("2022-09-01")))
    assert (on.stage, on.deferral_ahead) == ("deferred", None)
    desk.does("resume", on="2022-03-01", cohort="2")
    assert desk.standing("2022-03-01").training_status == "active"


def test_the_progress_records_of_the_list_agree_with_one_person(at: Any) -> None:
    desk = at(CONFIRMED)
    desk.defers("2021-12-01", "2022-09-01")
    assert desk.at_risk(MONDAY) == ["p-1"]
    [entry] = enquiries.at_risk(desk.installation, ADA, as_of=day(MONDAY)).people
    assert any("A deferral is asked for" in step for step in entry.output.next_steps)


@pytest.mark.parametrize("answer", ["confirm", "decline"])
def test_who_may_answer(at: Any, answer: str) -> None:
    desk = at(CONFIRMED)
    desk.defers(MONDAY, "2022-09-01")
    told = refused(lambda: desk.answers(answer, actor=SAM))
    assert told.code == "not_permitted"
    assert "ask the lead provider" in told.message
    assert desk.standing(MONDAY).deferral_asked is not None
    desk.answers(answer, actor=ADA)
    assert desk.standing(MONDAY).deferral_asked is None


def test_there_is_nothing_to_answer(at: Any) -> None:
    desk = at(CONFIRMED)
    assert refused(lambda: desk.answers("confirm")).code == "no_open_request"
    desk.defers(MONDAY, "2022-09-01")
    assert refused(lambda: desk.answers("confirm", on="2022-01-09", now=MONDAY)).code == "before_request"
    assert refused(lambda: desk.answers("perhaps")).code == "unknown_answer"
    desk.answers("confirm")
    told = refused(lambda: desk.answers("confirm"))
    assert told.code == "already_confirmed"
    assert "was confirmed on 10 January 2022" in told.message
    desk.does("resume", on="2022-03-01", cohort="2")
    told = refused(lambda: desk.answers("confirm", on="2022-03-02"))
    assert told.code == "returned"
    assert "has been back since 1 March 2022" in told.message


def test_a_declined_one_is_not_confirmed_later_but_another_may_be_asked_for(at: Any) -> None:
    desk = at(replace(CONFIRMED, how_many=1))
    desk.defers(MONDAY, "2022-09-01")
    assert refused(lambda: desk.defers(MONDAY, "2022-10-01")).code == "already_asked"
    desk.answers("decline")
    assert refused(lambda: desk.answers("confirm")).code == "already_declined"
    desk.defers(MONDAY, "2022-10-01")
    desk.answers("confirm")
    assert desk.standing(MONDAY).deferred_until == day("2022-10-01")


def test_a_second_one_waits_for_the_word_on_the_first(at: Any) -> None:
    desk = at(CONFIRMED)
    desk.defers(MONDAY, "2022-09-01")
    told = refused(lambda: desk.defers("2022-01-12", "2022-10-01"))
    assert told.code == "already_asked"
    assert "10 January 2022 to 1 September 2022" in told.message


def test_a_return_ends_what_waits(at: Any) -> None:
    """On deferral since January, a longer one asked for, and back before anybody answered."""
    at(policy()).defers(MONDAY, "2022-03-01")
    desk = at(CONFIRMED)
    desk.defers("2022-01-20", "2022-09-01", on="2022-01-20")
    desk.does("resume", on="2022-02-01", cohort="2")
    assert desk.first("2022-01-31").deferral_asked is not None
    assert desk.first("2022-02-01").deferral_asked is None
    assert refused(lambda: desk.answers("confirm", on="2022-02-02")).code == "returned"


def test_somebody_withdrawn_can_only_be_declined(at: Any) -> None:
    desk = at(CONFIRMED)
    desk.defers(MONDAY, "2022-09-01")
    for actor, side in ((replace(SAM, staff_id=None), "delivery_partner"), (LEE, "lead_provider")):
        desk.does("remove", actor=actor, side=side, decision="approve")
    assert refused(lambda: desk.answers("confirm")).code == "withdrawn"
    assert desk.answers("decline").said.endswith("the deferral is declined; they have been withdrawn already.")
    told = refused(lambda: desk.answers("decline"))
    assert (told.code, "nothing left to decide" in told.message) == ("already_declined", True)


def test_confirmed_late_it_counts_from_its_own_first_day_so_that_the_true_return_can_be_recorded(at: Any) -> None:
    desk = at(replace(CONFIRMED, into="next"))
    desk.defers("2022-01-12", "2022-09-01")
    desk.answers("confirm", on="2022-03-15")
    assert (desk.standing("2022-02-01").training_status, desk.standing("2022-03-15").training_status) == (
        "active",
        "deferred",
    )
    assert refused(lambda: desk.does("resume", on="2022-01-11", now="2022-03-15", cohort="2")).code == "not_deferred"
    desk.does("resume", on="2022-01-20", now="2022-03-15", cohort="2")
    assert (desk.standing("2022-03-15").training_status, desk.standing("2022-03-15").cohort) == ("active", "2")


def test_a_cohort_chosen_later_is_the_next_after_the_return_itself(at: Any) -> None:
    desk = at(policy(into="next"))
    desk.defers(MONDAY, "2022-09-01")
    desk.does("resume", on="2022-01-20")  # cohort 2 starts in February 2022, cohort 3 in October
    told = refused(lambda: desk.does("resume", on="2022-03-10", cohort="3"))
    assert (told.code, "please choose 2" in told.message) == ("cohort_not_offered", True)
    desk.does("resume", on="2022-03-10", cohort="2")
    assert desk.standing("2022-03-10").cohort == "2"


def test_an_unknown_reason_is_told_those_that_are_offered(at: Any) -> None:
    told = refused(
        lambda: at(policy(reasons=frozenset({"bereavement"}))).defers(MONDAY, "2022-09-01", reason="nonsense")
    )
    assert "career-break" not in told.message
    assert "bereavement" in told.message


def test_deferrals_from_before_the_pack_said_so_still_count(at: Any) -> None:
    at(policy()).defers(MONDAY, "2022-09-01")
    assert at(CONFIRMED).first(MONDAY).stage == "deferred"


def test_its_history_says_who_asked_and_who_confirmed(at: Any) -> None:
    desk = at(CONFIRMED)
    desk.defers(MONDAY, "2022-09-01")
    desk.answers("confirm")
    told = enquiries.case(desk.installation, ADA, "p-1", as_of=day(MONDAY)).history
    assert [(line.by, line.text) for line in told] == [
        ("Sam", "Deferral asked for from 10 January 2022, agreed return 1 September 2022"),
        ("Lee", "Lead provider: deferral confirmed, from 10 January 2022, agreed return 1 September 2022"),
    ]
    assert [line.reason for line in told] == ["other", None]
