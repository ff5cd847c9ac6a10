"""Without new evidence for long somebody is inactive, whatever dates are known (reading 35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.posts.reminder_posts import reminder_text
from core.reminders.reminder import Occasion, Reminder
from core.rules.calendar import working_day_on_or_after
from core.rules.enrolment import cohort_on, training_status
from core.rules.facts import Participant
from core.rules.standing import standing
from reference.pack import Pack
from tests.redated import with_rows
from tests.reminding import occasions, remind
from tests.rules.conftest import back, called, day, declared, deferred, did, period, person, ran, session, watched
from tests.rules.lives import PACKS, Life

LONGEST = 90
FIRST_DAYS = ("2021-11-01", "2022-02-01")  # of cohorts 1 and 2


def clocked(pack: Pack, longest: int = LONGEST) -> Pack:
    return replace(pack, settings=replace(pack.settings, inactive_after_days=longest))


@pytest.fixture
def watchful(pack: Pack) -> Pack:
    """The guidance's pack, with 90 days and without any date for cohort 1, which begins on 1 November 2021."""
    return clocked(with_rows(pack, (row for rows in pack.schedule.values() for row in rows if row.cohort != "1")))


def warned(pack: Pack, who: Participant, on: date) -> tuple[str, ...]:
    return tuple(
        words
        for output in standing(pack, who, on).outputs
        for code, words in zip(output.warning_codes, output.warnings, strict=True)
        if code == "inactive"
    )


# what is known of them → the day from which it is counted: the newest on 1 June 2022
NEWEST: list[tuple[str, dict[str, object], str | None]] = [
    ("nothing: from the first day of the cohort", {}, "2021-11-01"),
    ("a session", {"register": (session("2022-02-08"),)}, "2022-02-08"),
    ("a session that was missed", {"register": (session("2022-02-08", "absent"),)}, "2021-11-01"),
    ("one that nobody marked", {"register": (session("2022-02-08", "booked", marked=False),)}, "2021-11-01"),
    (
        "one that was covered later",
        {"register": (session("2022-02-08", contingency="recording", contingency_on="2022-02-10"),)},
        "2022-02-10",
    ),
    ("credits", {"activities": (did("2022-01-05"), did("2022-02-02", 1, "S 1.1b"))}, "2022-02-02"),
    ("an activity without credits", {"activities": (did("2022-01-05"), did("2022-02-02", 0, "S 1.1b"))}, "2022-01-05"),
    ("a video, however little of it", {"videos": (watched("2022-02-03", "5"),)}, "2022-02-03"),
    ("a video that was opened alone", {"videos": (watched("2022-02-03", "0"),)}, "2021-11-01"),
    ("a first percentage", {"engagement_reports": (ran("2022-02-04", "1"),)}, "2022-02-04"),
    ("a first percentage of nothing", {"engagement_reports": (ran("2022-02-04", "0"),)}, "2021-11-01"),
    ("a report that says the same", {"engagement_reports": (ran("2022-01-04", "7"), ran("2022-02-04", "7"))}, "2022-01-04"),
    ("a report that says less", {"engagement_reports": (ran("2022-01-04", "7"), ran("2022-02-04", "6"))}, "2022-01-04"),
    ("a percentage that rises", {"engagement_reports": (ran("2022-01-04", "7"), ran("2022-02-04", "7.1"))}, "2022-02-04"),
    (
        "credits that rise in it",
        {"engagement_reports": (ran("2022-01-04", "7", 20), ran("2022-02-04", "7", 21))},
        "2022-02-04",
    ),
    ("a period with credits", {"declaration_reports": (period("2022-01-01", "2022-01-31", 4),)}, "2022-01-31"),
    (
        "a period without",
        {"declaration_reports": (period("2022-01-01", "2022-01-31", 4), period("2022-02-01", "2022-02-20", 0))},
        "2022-01-31",
    ),
    ("what comes later", {"register": (session("2022-06-02"), session("2022-02-08"))}, "2022-02-08"),
    ("a contact is no evidence of theirs", {"contacts": (called("2022-05-30", "reached"),)}, "2021-11-01"),
    ("something new of late", {"register": (session("2022-05-30"),)}, None),
    ("90 days ago", {"register": (session("2022-03-03"),)}, None),
    ("91 days ago", {"register": (session("2022-03-02"),)}, "2022-03-02"),
    ("on deferral", {"deferrals": (deferred("2022-03-01", "2022-09-01"),)}, None),
    ("on deferral by the file", {"training_status": "deferred"}, None),
    ("withdrawn", {"training_status": "withdrawn"}, None),
    ("back, in the cohort of October", {"deferrals": (deferred("2021-12-01", "2022-05-01"),),
                                        "resumptions": (back("2022-05-01", "3"),)}, None),
    ("back, in that of February", {"deferrals": (deferred("2021-12-01", "2022-05-01"),),
                                   "resumptions": (back("2022-05-01", "2"),)}, "2022-02-01"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "since"), [row[1:] for row in NEWEST], ids=[row[0] for row in NEWEST])
def test_since_when_somebody_is_inactive(watchful: Pack, facts: dict[str, object], since: str | None) -> None:
    """Whatever it was, it served for Output 1: nobody has met Output 2."""
    found = warned(
        watchful, person(**{"declarations": (declared(1, "2022-05-31", "2022-05-31"),), **facts}), day("2022-06-01")
    )
    if since is None:
        assert found == ()
        return
    written, ago = f"{day(since).day} {day(since):%B %Y}", (day("2022-06-01") - day(since)).days
    said = "No evidence yet; the course began on" if since in FIRST_DAYS else "No new evidence since"
    assert found == (f"{said} {written}, {ago} days ago.",)


def test_it_is_said_of_the_current_output_while_that_is_not_met(watchful: Pack) -> None:
    attended = person(register=(session("2021-11-10"),))
    assert warned(watchful, attended, day("2022-06-01")) == ()  # Output 1 is met, and waits to be declared
    declared_once = replace(attended, declarations=(declared(1, "2021-12-01"),))
    assert warned(watchful, declared_once, day("2022-06-01")) == (
        "No new evidence since 10 November 2021, 203 days ago.",
    )
    outputs = standing(watchful, declared_once, day("2022-06-01")).outputs
    assert [output.output for output in outputs if "inactive" in output.warning_codes] == [2]


def test_without_a_first_day_it_is_counted_from_the_first_evidence(watchful: Pack) -> None:
    cohorts = {key: replace(cohort, starts_on=None) for key, cohort in watchful.cohorts.items()}
    pack = replace(watchful, cohorts=cohorts)
    assert warned(pack, person(), day("2024-06-01")) == ()
    assert warned(pack, person(videos=(watched("2021-12-01", "10"),)), day("2022-06-01")) == (
        "No new evidence since 1 December 2021, 182 days ago.",
    )


def test_whoever_rejoined_a_cohort_that_the_pack_lacks_has_no_first_day(watchful: Pack) -> None:
    gone = {"deferrals": (deferred("2021-12-01", "2022-05-01"),), "resumptions": (back("2022-05-01", "9"),)}
    assert warned(watchful, person(**gone), day("2023-06-01")) == ()
    assert due(watchful, [person(**gone)], "2022-06-01", "2023-06-01") == []


def test_a_pack_without_the_setting_says_nothing(pack: Pack) -> None:
    assert pack.settings.inactive_after_days is None
    assert warned(pack, person(), day("2023-06-01")) == ()
    assert due(pack, [person()], "2021-11-01", "2023-12-31") == []


# --- the message -------------------------------------------------------------------------------------------------------


def due(pack: Pack, people: Sequence[Participant], first: str, last: str) -> list[tuple[Occasion, Reminder]]:
    found = []
    for occasion in occasions(pack, people, [], "North Star", day(first), day(last)):
        if occasion.key == "inactive":
            reminder = remind(pack, people, occasion, occasion.due_on)
            if reminder is not None:
                found.append((occasion, reminder))
    return found


def told(found: list[tuple[Occasion, Reminder]]) -> list[tuple[str, str, list[str], int | None]]:
    return [
        (str(o.due_on), str(o.about), sorted(person.participant_id for person in r.people), r.output) for o, r in found
    ]


def test_a_message_goes_out_after_so_many_days_and_again_while_it_lasts(watchful: Pack) -> None:
    """1 November 2021 and 91 days are Monday 31 January; 90 days later it is Sunday 1 May, then Saturday 30 July."""
    assert told(due(watchful, [person()], "2021-11-01", "2022-08-31")) == [
        ("2022-01-31", "2021-11-01", ["p-001"], 1),
        ("2022-05-03", "2021-11-01", ["p-001"], 1),  # 2 May is a bank holiday
        ("2022-08-01", "2021-11-01", ["p-001"], 1),
    ]


def test_new_evidence_ends_it_and_begins_another(watchful: Pack) -> None:
    who = person(register=(session("2021-11-10"), session("2022-03-01")), declarations=(declared(1, "2021-12-01"),
                 declared(2, "2022-03-03"),))  # fmt: skip
    assert told(due(watchful, [who], "2021-11-01", "2022-12-31")) == [
        ("2022-02-09", "2021-11-10", ["p-001"], 2),
        ("2022-05-31", "2022-03-01", ["p-001"], 3),
        ("2022-08-30", "2022-03-01", ["p-001"], 3),  # 29 August is a bank holiday
        ("2022-11-28", "2022-03-01", ["p-001"], 3),  # 271 days: a Sunday
    ]


def test_people_of_one_day_are_one_message_and_each_says_which_output(watchful: Pack) -> None:
    seen = (session("2021-11-10"),)
    people = [
        person(id="p-1", name="Ann Archer", videos=(watched("2021-11-10", "10"),)),
        person(id="p-2", name="Bo Best", register=seen, declarations=(declared(1, "2021-12-01"),)),
        person(id="p-3", name="Cy Cole", videos=(watched("2021-11-11", "10"),)),
        person("NPQH", id="p-4", name="Di Day", videos=(watched("2021-11-10", "10"),)),
    ]
    found = due(watchful, people, "2022-02-01", "2022-02-28")
    assert sorted(told(found)) == [
        ("2022-02-09", "2021-11-10", ["p-1", "p-2"], None),
        ("2022-02-09", "2021-11-10", ["p-4"], 1),
        ("2022-02-10", "2021-11-11", ["p-3"], 1),
    ]
    [text] = [reminder_text(watchful, r) for _, r in found if len(r.people) == 2]
    assert "2 people" in text
    assert "10 November 2021 (91 days ago)" in text
    assert "import them first" in text
    assert "Output" not in text.partition("Who:")[0]


def test_who_has_none_at_all_is_told_so(watchful: Pack) -> None:
    [(_, reminder)] = due(watchful, [person()], "2022-01-01", "2022-02-28")
    assert [one.note for one in reminder.people] == ["No evidence since the start."]


# --- held against a plain reading --------------------------------------------------------------------------------------


def plainly(pack: Pack, who: Participant, on: date, longest: int) -> date | None:
    """Reading 35, read from the facts."""
    if training_status(who, on) != "active":
        return None
    seen = [when for when in _evidence(who) if when <= on]
    cohort = cohort_on(who, on)
    since = max(seen) if seen else pack.first_day(who.course, cohort, who.schedule or "")
    return since if since is not None and (on - since).days > longest else None


def _evidence(who: Participant) -> Iterator[date]:
    for entry in who.register:
        if entry.status in ("attended", "completed"):
            yield (entry.contingency_on or entry.event_date) if entry.contingency else entry.event_date
    yield from (activity.completed_on for activity in who.activities if activity.credits > 0)
    yield from (view.viewed_on for view in who.videos if view.percent_viewed > 0)
    reports = sorted(who.declaration_reports, key=lambda row: (row.period_start, row.period_end))
    yield from (row.period_end for row in reports if row.credits > 0)
    totals = [(row.period_end, row.cumulative_credits) for row in reports if row.cumulative_credits is not None]
    runs = sorted(who.engagement_reports, key=lambda row: row.run_on)
    percents = [(row.run_on, row.percent_complete) for row in runs]
    credits = [(row.run_on, row.cumulative_credits) for row in runs if row.cumulative_credits is not None]
    for figures in (totals, percents, credits):
        for number, (when, figure) in enumerate(figures):
            if figure > (figures[number - 1][1] if number else 0):
                yield when


@given(
    name=st.sampled_from(sorted(PACKS)),
    seed=st.integers(0, 10**6),
    longest=st.integers(1, 120),
    ahead=st.integers(0, 500),
)
def test_whatever_somebody_did(name: str, seed: int, longest: int, ahead: int) -> None:
    """The warning, and the days of the messages, by the plain reading."""
    pack = clocked(PACKS[name], longest)
    who = Life(pack, seed).person()
    begins = pack.cohorts[who.cohort].starts_on
    assert begins is not None
    on = begins + timedelta(days=ahead)
    whole = standing(pack, who, on)
    current = whole.current
    since = plainly(pack, who, on, longest)
    is_open = current is not None and current.verdict in ("not_met", "unknown") and current.stage != "withdrawn"
    assert ["inactive" in output.warning_codes for output in whole.outputs] == [
        output is current and is_open and since is not None for output in whole.outputs
    ]

    last = on + timedelta(days=60)
    expected = set()
    for ahead_of in range((last - on).days + 1):
        morning = on + timedelta(days=ahead_of)
        silent, then = plainly(pack, who, morning, longest), standing(pack, who, morning).current
        if silent is None or then is None or then.verdict not in ("not_met", "unknown"):
            continue
        leads = range(longest + 1, (morning - silent).days + 1, longest)
        if any(working_day_on_or_after(pack, silent + timedelta(days=lead)) == morning for lead in leads):
            expected.add((str(morning), str(silent), then.output))
    found = [(o, r) for o, r in due(pack, [replace(who, delivery_partner="North Star")], str(on), str(last))]
    assert {(str(o.due_on), str(o.about), r.output) for o, r in found} == expected
    assert len(found) == len(expected)
