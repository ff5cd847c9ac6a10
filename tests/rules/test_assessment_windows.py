"""Assessment windows of a group and of a course, one after the other (R32): over a year, beside a plain reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

import pytest

from core.posts.content import stored_occasion
from core.reminders.occasions import Occasion
from core.rules.calendar import working_day_on_or_after, working_day_on_or_before
from core.rules.facts import Assessment, Participant
from reference.loading import load_pack
from reference.pack import AssessmentWindow, Pack
from tests.rules.conftest import day, declared
from tests.rules.test_second_pack import due

FROM, UNTIL = "2027-06-01", "2028-05-31"
COURSES = ("NPQLT", "NPQLBC", "NPQSL")


@pytest.fixture(scope="module")
def gated() -> Pack:
    pack = load_pack(str(Path(__file__).parents[1] / "packs" / "gated-2026"))
    return replace(pack, gates={}, hash="no gate")


def tries(chance: Random) -> tuple[Assessment, ...]:
    found, on = [], date(2027, 8, 20) + timedelta(days=chance.randrange(60))
    for number in range(1, chance.choice((0, 1, 1, 2, 3)) + 1):
        submitted = on if chance.random() < 0.9 else None
        marked = on + timedelta(days=chance.randrange(50)) if chance.random() < 0.8 else None
        found.append(
            Assessment(submitted, marked, marked, "done", True, chance.choice(("passed", "failed", None)), number)
        )
        on += timedelta(days=chance.randrange(30, 150))
    return tuple(found)


def people() -> list[Participant]:
    chance = Random(32)
    return [
        Participant(f"p-{n}", f"Person {n}", course, "2026b", "North Star", assessments=tries(chance),
                    declarations=(declared(1, "2026-12-10"), declared(2, "2027-06-10")))
        for n, (course, _) in enumerate(product(COURSES, range(25)))
    ]  # fmt: skip


def windows(course: str) -> list[tuple[date, date]]:
    """As the pack's file has them."""
    own = {"NPQLBC": [("2027-10-04", "2027-10-25")], "NPQSL": [("2028-03-06", "2028-03-27")]}
    others = [("2027-09-06", "2027-09-27"), ("2028-01-10", "2028-01-31")]
    return [(day(opens), day(closes)) for opens, closes in own.get(course, others)]


def concerned(who: Participant, opens: date, on: date) -> bool:
    """Who has not submitted; in a window that opened later, who submitted, has failed and has not submitted again."""

    def known(one: Assessment, result: str) -> bool:
        return one.result == result and all(each is None or each <= on for each in (one.submitted_on, one.marked_on))

    submitted = [one for one in who.assessments if one.submitted_on and one.submitted_on <= on]
    if not submitted:
        return True
    last = submitted[-1]
    assert last.submitted_on is not None
    passed = any(known(one, "passed") for one in submitted)
    return not passed and known(last, "failed") and last.submitted_on < opens


def test_a_year_of_messages_beside_a_plain_reading(gated: Pack) -> None:
    everybody = people()
    found = due(gated, everybody, FROM, UNTIL, "assessment_window")
    told = {
        (occasion.due_on, occasion.about, occasion.detail, person.participant_id)
        for occasion, reminder in found
        for person in reminder.people
    }
    wanted = set()
    for who in everybody:
        for opens, closes in windows(who.course):
            for on, point in (
                (working_day_on_or_after(gated, opens), "opening"),
                (working_day_on_or_after(gated, opens + (closes - opens) // 2), "middle"),
                (
                    working_day_on_or_before(gated, closes - timedelta(days=gated.settings.assessment_closing_before)),
                    "closing",
                ),
            ):
                if concerned(who, opens, on):
                    wanted.add((on, closes, point, who.id))
    # those of one window that fall on one day are one, the later one's
    days = {(on, closes, who) for on, closes, _, who in wanted}
    assert {(on, closes, who) for on, closes, _, who in told} == days
    assert {point for _, _, point, _ in told} == {"opening", "middle", "closing"}
    again = [who.id for who in everybody if who.assessments and who.course == "NPQLT"]
    assert any(who in again and closes == day("2028-01-31") for _, closes, _, who in told), "somebody failed before it"
    assert all({p.note for p in reminder.people} == {"Not submitted yet."} for _, reminder in found)
    assert len({occasion.identity for occasion, _ in found}) == len(found)


def test_a_message_names_its_course_only_where_that_has_windows_of_its_own(gated: Pack) -> None:
    found = [occasion for occasion, _ in due(gated, people(), FROM, UNTIL, "assessment_window")]
    assert {(o.course_group, o.course, str(o.about)) for o in found} == {
        ("specialist", None, "2027-09-27"),
        ("specialist", None, "2028-01-31"),
        ("specialist", "NPQLBC", "2027-10-25"),
        ("leadership", None, "2028-03-27"),
    }
    assert {o.identity for o in found if str(o.about) == "2027-10-25"} == {
        "assessment_window|North Star|specialist|2026b|3|NPQLBC|2027-10-25|-21|opening",
        "assessment_window|North Star|specialist|2026b|3|NPQLBC|2027-10-25|-11|middle",
        "assessment_window|North Star|specialist|2026b|3|NPQLBC|2027-10-25|-9|closing",
    } & {o.identity for o in found}


def test_what_went_out_is_known_by_the_same_name(gated: Pack) -> None:
    """A course that gets a window of its own changes nothing of its group's messages."""
    held = gated.assessment_windows
    for_all = {key: tuple(w for w in of if w.course is None) for key, of in held.items()}
    before = replace(gated, assessment_windows=for_all, hash="before")
    names = [o.identity for o, _ in due(before, people(), FROM, UNTIL, "assessment_window")]
    assert "assessment_window|North Star|specialist|2026b|3|2027-09-27|-21|opening" in names
    after = [o.identity for o, _ in due(gated, people(), FROM, UNTIL, "assessment_window")]
    assert set(names) <= set(after)
    assert all("NPQLBC" in name for name in set(after) - set(names))


def test_two_courses_may_have_windows_on_the_same_days(gated: Pack) -> None:
    both = [AssessmentWindow("specialist", "2026b", day("2027-10-04"), day("2027-10-25"), "made up", code)
            for code in ("NPQLBC", "NPQLT")]  # fmt: skip
    pack = replace(gated, assessment_windows={("specialist", "2026b"): tuple(both)}, hash="both")
    who = [
        Participant("p-1", "A", "NPQLT", "2026b", "North Star"),
        Participant("p-2", "B", "NPQLBC", "2026b", "North Star"),
    ]
    found = due(pack, who, FROM, UNTIL, "assessment_window")
    assert len(found) == 6
    assert {(o.course, *(p.participant_id for p in r.people)) for o, r in found} == {
        ("NPQLT", "p-1"),
        ("NPQLBC", "p-2"),
    }


def test_an_occasion_from_before_is_read() -> None:
    stored = stored_occasion(Occasion("assessment_window", day("2027-09-06"), day("2027-09-27"), "N", "g", "1", 3, -21))
    del stored["course"]
    kept = {k: date.fromisoformat(v) if k in ("due_on", "about") else v for k, v in stored.items()}
    assert Occasion(**kept).course is None
