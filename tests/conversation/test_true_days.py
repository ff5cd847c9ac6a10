"""Every message states the date that it is about, and speaks of no day that has passed as one to come.

Whatever the numbers of a pack: a holiday may move a message beyond what it is about, and a late one goes out later still.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.posts.post_openings import Opening, opening
from bot.conversation.posts.reminder_posts import reminder_cards
from bot.slack import render as slack
from bot.teams import render as teams
from core.reminders.reminder import Occasion, Reminder
from core.rules.calendar import in_words
from core.rules.facts import (
    Declaration,
    Deferral,
    EngagementReport,
    Extension,
    Participant,
    RemovalVote,
)
from reference.pack import AssessmentWindow, Pack
from tests.conversation.made import PARTNER, attended, person, studied
from tests.fakes.slack_blocks import texts_of
from tests.histories import HISTORIES
from tests.redated import with_dates
from tests.reminding import occasions, remind

OF_WINDOW = {"window_open", "window_progress"}
A_DATE = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
)
# What may stand before a day that has passed. The last two are titles, whose sentence says "was".
PASSED = ("was ", "was on ", "closed on ", "proposed on ", "report of ", "invoice on ", "Back from deferral on ")
ONLY_PASSED = ("was ", "was on ", "closed on ")
EASTER = date(2027, 3, 28)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def made(pack: Pack, review: date, window: tuple[date, date] | None = None, **numbers: Any) -> Pack:
    """The pack with other numbers, and the specialists' second review of the first cohort on another day."""
    money = {"invoice": review + days(20), "payment": review + days(50)}
    moved = with_dates(pack, ("specialist", "1", 2), review=review, **money)
    moved = with_dates(moved, ("specialist", "1", 3), review=review + days(300))
    windows = (
        {} if window is None else {("specialist", "1"): (AssessmentWindow("specialist", "1", *window, "made up"),)}
    )
    return replace(moved, assessment_windows=windows, settings=replace(pack.settings, **numbers), hash="made")


def everybody(review: date, until: date) -> list[Participant]:
    """Somebody for each kind of message: behind, extended, proposed for removal, deferred, done, short of a paper."""
    first = (Declaration(1, date(2022, 1, 5), date(2021, 12, 13), "submitted"),)
    before = review - days(12)
    lives: list[dict[str, Any]] = [
        {"sponsorship_returned_on": None, "register": (attended(date(2021, 11, 20)),)},
        {"extensions": (Extension(2, until, "workload", before),)},
        {"removal_votes": (RemovalVote(before, "delivery_partner", "approve"),)},
        {"deferrals": (Deferral(before, until, "parental-leave", before),)},
        {"activities": (studied(before),)},
        {"engagement_reports": (EngagementReport(review - days(25), 12, None),)},  # type: ignore[arg-type]
    ]
    return [person(number + 1, declarations=first, **life) for number, life in enumerate(lives)]


def goes_out_on(pack: Pack, occasion: Occasion, late: int) -> date | None:
    """That many days after its own day; None where it does not go out so late."""
    on = occasion.due_on + days(late)
    if late and occasion.last_day is not None and on > occasion.last_day:
        return None
    return on if late <= pack.settings.catch_up_days else None


def posted(pack: Pack, people: list[Participant], late: int, first: date, last: date) -> Iterator[Reminder]:
    for occasion in occasions(pack, people, [EASTER + days(3)], PARTNER, first, last):
        on = goes_out_on(pack, occasion, late)
        reminder = None if on is None else remind(pack, people, occasion, on)
        if reminder is not None:
            yield reminder


def told_date(pack: Pack, occasion: Occasion) -> date:
    return occasion.about + days(pack.settings.window_days) if occasion.key in OF_WINDOW else occasion.about


def complaints(pack: Pack, reminder: Reminder, said: Opening) -> list[str]:
    occasion, found = reminder.occasion, []
    every = (said.title, said.what_plain, said.next_plain)
    if in_words(told_date(pack, occasion)) not in said.what_plain:
        found.append(f"does not say {told_date(pack, occasion)}")
    for text in every:
        for match in A_DATE.finditer(text):
            on = datetime.strptime(match[0], "%d %B %Y").date()
            before = text[: match.start()]
            if on < reminder.day and not before.endswith(PASSED):
                found.append(f"{on} has passed: {text}")
            if on > reminder.day and before.endswith(ONLY_PASSED):
                found.append(f"{on} is to come: {text}")
    if re.search(r"is open|are open|has opened|can still meet", said.what_plain):
        found += [f"over: {said.what_plain}"] if reminder.day > told_date(pack, occasion) else []
    return found


@st.composite
def packs(draw: st.DrawFn) -> dict[str, Any]:
    """Numbers such as packs may have; close together, so that Christmas and Easter move them onto one another."""
    some = st.integers(1, 16)
    opens = EASTER + days(draw(st.integers(-12, 6)))
    window = (opens, opens + days(draw(st.integers(1, 16))))
    return {
        "review": EASTER + days(draw(st.integers(-25, 15))),
        "window": window,
        "window_days": draw(some),
        "review_leads": tuple(draw(st.sets(some, min_size=1, max_size=4))),
        "window_open_after": draw(some),
        "window_progress_after": tuple(draw(st.sets(some, min_size=1, max_size=4))),
        "three_week_mark_after": draw(some),
        "contact_overdue_after": draw(some),
        "contact_overdue_every": draw(st.integers(1, 7)),
        "extension_ending_before": draw(some),
        "extension_lapsed_after": draw(some),
        "removal_votes_after": draw(some),
        "removal_votes_every": draw(st.integers(1, 7)),
        "invoice_working_days_before": draw(st.integers(1, 4)),
        "papers_missing_before": draw(some),
        "assessment_closing_before": draw(some),
        "meeting_pack_before": draw(some),
        "deferral_ending_before": draw(some),
        "stale_report_days": draw(some),
        "stale_review_within": draw(some),
    }


@settings(max_examples=HISTORIES)
@given(packs(), st.integers(-3, 12), st.sampled_from([0, 0, 1, 2, 4, 11]))
def test_every_message_says_when_and_looks_back_on_what_has_passed(
    pack: Pack, numbers: dict[str, Any], further: int, late: int
) -> None:
    changed = made(pack, **numbers)
    people = everybody(numbers["review"], EASTER + days(further))
    first, last = EASTER - days(45), EASTER + days(45)
    for reminder in posted(changed, people, late, first, last):
        said = opening(changed, reminder)
        assert complaints(changed, reminder, said) == [], reminder.occasion


@settings(max_examples=HISTORIES // 2)
@given(packs(), st.integers(-3, 12))
def test_a_channel_reads_the_same_words_once_a_day(pack: Pack, numbers: dict[str, Any], further: int) -> None:
    """Reading 22: repeats that a holiday moves onto one day are one."""
    changed = made(pack, **numbers)
    people = everybody(numbers["review"], EASTER + days(further))
    seen: dict[tuple[date, str], Occasion] = {}
    for reminder in posted(changed, people, 0, EASTER - days(45), EASTER + days(45)):
        key = (reminder.day, "\n".join(card.summary for card in reminder_cards(changed, reminder)))
        assert key not in seen, (seen[key], reminder.occasion)
        seen[key] = reminder.occasion


@settings(max_examples=HISTORIES // 2)
@given(packs(), st.integers(-3, 12))
def test_asking_day_by_day_finds_what_asking_once_finds(pack: Pack, numbers: dict[str, Any], further: int) -> None:
    changed = made(pack, **numbers)
    people = everybody(numbers["review"], EASTER + days(further))
    first, last = EASTER - days(12), EASTER + days(20)
    whole = occasions(changed, people, [], PARTNER, first, last)
    daily = [o for n in range(33) for o in occasions(changed, people, [], PARTNER, first + days(n), first + days(n))]
    assert daily == whole
    assert len({(o.series, o.due_on) for o in whole}) == len(whole)


# --- what they say once the days that they are about are over ---------------------------------------------------------

NUMBERS: Mapping[str, dict[str, Any]] = {
    "window_open": {"window_days": 1, "window_open_after": 1, "window_progress_after": (9,)},
    "window_progress": {"window_days": 14, "window_open_after": 5, "window_progress_after": (14,)},
}
GOOD_FRIDAY, TUESDAY = date(2027, 3, 26), date(2027, 3, 30)
OVER = {
    "window_open": (
        "Output 2: the window closed on 26 March 2027",
        "The review date was 25 March 2027. 0 of 2 evidenced. 2 people have not met it yet. "
        "The last day of the window was 26 March 2027 (4 days ago).",
    ),
    "window_progress": (
        "Output 2: how the window went",
        "The review date was 12 March 2027. 0 of 2 evidenced. 2 people have not met it yet. "
        "The last day of the window was 26 March 2027 (4 days ago).",
    ),
}
CONTACT = "get in touch with each of them, ask whether anything makes it hard to engage, and offer support, a deferral included."
LATER = " A later declaration is paid in a later run."


def behind(number: int, *extensions: Extension) -> Participant:
    first = (Declaration(1, date(2022, 1, 5), date(2021, 12, 13), "submitted"),)
    return person(number, declarations=first, extensions=extensions)


def of(pack: Pack, people: list[Participant], key: str, on: date) -> Reminder:
    (occasion,) = (o for o in occasions(pack, people, [], PARTNER, on, on) if o.key == key)
    reminder = remind(pack, people, occasion, on)
    assert reminder is not None
    return reminder


@pytest.mark.parametrize("key", OVER)
def test_r40_a_window_message_that_easter_moves_beyond_the_window_looks_back_on_it(pack: Pack, key: str) -> None:
    """Good Friday and Easter Monday; on the Tuesday the window is over: they are to be contacted (R38, R40)."""
    numbers = NUMBERS[key]
    changed = made(pack, GOOD_FRIDAY - days(numbers["window_days"]), **numbers)
    reminder = of(changed, [behind(1), behind(2)], key, TUESDAY)
    said = opening(changed, reminder)
    assert (said.title, said.what_plain) == OVER[key]
    assert said.next_plain == CONTACT + LATER
    (card,) = reminder_cards(changed, reminder)
    for drawn in ("\n".join(texts_of(slack.message(card)["blocks"])), json.dumps(teams.message(card))):
        assert "26 March 2027" in drawn
        assert "(4 days ago)" in drawn


@pytest.mark.parametrize(
    ("until", "tells", "asks"),
    [
        ((None, None), "", CONTACT),
        (
            (None, date(2027, 4, 9)),
            " 1 of them has a later agreed deadline, named below.",
            "get in touch with those without a later deadline, ask whether anything makes it hard to engage, and offer "
            "support, a deferral included. The others have until the agreed deadline, named below.",
        ),
        (
            (date(2027, 3, 30), date(2027, 4, 9)),  # the first is due that very day
            " 2 of them have a later agreed deadline, named below.",
            "help each of them with what is listed by the agreed deadline, named below.",
        ),
        ((None, date(2027, 3, 29)), "", CONTACT),  # that deadline has passed as well
    ],
    ids=["none", "one", "both", "passed"],
)
def test_r39_nobody_with_a_later_deadline_is_past_it(
    pack: Pack, until: tuple[date | None, ...], tells: str, asks: str
) -> None:
    changed = made(pack, date(2027, 3, 12), **NUMBERS["window_progress"])
    people = [
        behind(n, *([] if on is None else [Extension(2, on, "workload", date(2027, 3, 20))]))
        for n, on in enumerate(until, start=1)
    ]
    said = opening(changed, of(changed, people, "window_progress", TUESDAY))
    assert said.what_plain.endswith(f"(4 days ago).{tells}")
    assert said.next_plain == asks + LATER


@pytest.mark.parametrize(
    ("opens", "closes", "before", "on", "title", "tells"),
    [
        (  # opening and middle move beyond the closing: one of them looks back
            "2027-03-26", "2027-03-28", 1, "2027-03-30", "Assessment window: closed on 28 March 2027",
            "The window for the summative assessment closed on 28 March 2027 (2 days ago). 2 people have not submitted yet.",
        ),
        (  # a window shorter than its notice of closing: that is given before it opens
            "2027-03-26", "2027-03-31", 4, "2027-03-25", "Assessment window: from 26 March 2027 until 31 March 2027",
            "The window for the summative assessment opens on 26 March 2027 (tomorrow) and closes on 31 March 2027 "
            "(in 6 days). 2 people have not submitted yet.",
        ),
        (  # opening, middle and closing on one day: that it has opened is the news
            "2027-03-26", "2027-03-31", 1, "2027-03-30", "Assessment window: open until 31 March 2027",
            "The window for the summative assessment has opened. It closes on 31 March 2027 (tomorrow). "
            "2 people have not submitted yet.",
        ),
    ],
    ids=["over", "ahead", "all-on-one-day"],
)  # fmt: skip
def test_r32_the_assessment_window_is_told_as_it_is(
    pack: Pack, opens: str, closes: str, before: int, on: str, title: str, tells: str
) -> None:
    window = (date.fromisoformat(opens), date.fromisoformat(closes))
    changed = made(pack, date(2027, 2, 2), window, assessment_closing_before=before)
    people = [behind(1), behind(2)]
    said = opening(changed, of(changed, people, "assessment_window", date.fromisoformat(on)))
    assert (said.title, said.what_plain) == (title, tells)


@pytest.mark.parametrize("key", OVER)
def test_drawn_again_later_it_still_names_the_window_s_last_day(pack: Pack, key: str) -> None:
    numbers = NUMBERS[key]
    changed = made(pack, GOOD_FRIDAY - days(numbers["window_days"]), **numbers)
    reminder = replace(of(changed, [behind(1)], key, TUESDAY), day=date(2027, 4, 20))
    assert (
        opening(changed, reminder).what_plain
        == "This was a message for the days until 26 March 2027, which has passed."
    )


@pytest.mark.parametrize(
    ("every", "on", "by"),
    [
        (7, "2027-03-18", "25 March 2027"),
        (4, "2027-03-22", "25 March 2027"),  # Good Friday is no day to act by
        (2, "2027-03-27", "30 March 2027"),  # sent on a Saturday: the working day before Easter Monday has passed
        (1, "2027-03-27", "30 March 2027"),
        (1, "2027-03-25", "25 March 2027"),
    ],
)
def test_r40_nobody_is_asked_to_act_by_a_day_that_has_passed(pack: Pack, every: int, on: str, by: str) -> None:
    changed = made(pack, date(2027, 3, 1), window_days=5, contact_overdue_after=6, contact_overdue_every=every)
    people = [behind(1)]
    occasion = next(o for o in occasions(changed, people, [], PARTNER, date(2027, 3, 1), date(2027, 3, 20))
                    if (o.key, o.output) == ("contact_overdue", 2))  # fmt: skip
    reminder = remind(changed, people, occasion, date.fromisoformat(on))
    assert reminder is not None
    assert opening(changed, reminder).next_plain.startswith(f"get in touch by {by}, ")
