"""What follows a missed review differs by group: other numbers, and what is switched off (reading 34)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.cards.card import Card
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.help_cards import help_card
from bot.conversation.cards.report_card import figures
from bot.conversation.cards.status_card import status_card
from bot.conversation.posts.reminder_posts import reminder_cards, reminder_text
from core.records.participant_rows import PersonName
from core.reminders.reminder import Reminder
from core.rules.calendar import working_day_on_or_after, working_day_on_or_before
from core.rules.course_span import span_of
from core.rules.engagement_counts import engagement_report
from core.rules.facts import Contact, Extension, Participant, RemovalVote
from core.rules.results import OutputStanding
from core.rules.standing import standing
from core.services.acts import extension, removal
from core.services.enquiries import Case
from core.services.staff.actors import Actor
from reference.loading import load_pack
from reference.pack import Escalation, Pack
from tests.conversation.stages import buttons_of
from tests.conversation.stages import said as words_on
from tests.reminding import occasions, remind
from tests.rules.conftest import called, day, declared, extended, person, vote

GUIDANCE = load_pack("edt-v18")
ADA = Actor("Ada", "administrator", None, "slack", "U0ADA", None)
OFF = {"window": False, "extensions": False, "removal": False}
LATER = (extended(1, "2022-01-14", "2021-12-15"),)
THREE = tuple(extended(1, until, on) for until, on in (
    ("2022-01-06", "2021-12-20"), ("2022-01-07", "2022-01-05"), ("2022-01-10", "2022-01-07"),
))  # fmt: skip
SILENT = tuple(called(on) for on in ("2022-01-05", "2022-01-06", "2022-01-07"))
PROPOSED = (vote("2022-01-08", "delivery_partner"),)


def ruled(group: str = "specialist", **said: Any) -> Pack:
    """The guidance, with an escalation of its own for a group."""
    return replace(GUIDANCE, escalations=(Escalation((group,), "house", **said),))


def look(pack: Pack, who: Participant, on: str, number: int = 1) -> OutputStanding:
    return standing(pack, who, day(on)).outputs[number - 1]


# NPQLTD, cohort 1, Output 1, review 13 December 2021. By what the entry says, and what was decided: from which day on which stage.
STAGES: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ("as the guidance has it", {}, {},
     [("2021-11-14", "not_due"), ("2021-11-15", "pre_review"), ("2021-12-14", "window"), ("2022-01-04", "contact")]),
    ("no window", {"window": False}, {},
     [("2021-11-14", "not_due"), ("2021-11-15", "pre_review"), ("2021-12-14", "contact")]),
    ("no window, and an extension", {"window": False}, {"extensions": LATER},
     [("2021-12-13", "pre_review"), ("2021-12-14", "contact"), ("2021-12-15", "extended"), ("2022-01-15", "contact")]),
    ("no window, and nobody answers", {"window": False}, {"contacts": SILENT},
     [("2021-12-14", "contact"), ("2022-01-07", "removal_review")]),
    ("no extensions, and an old one", {"extensions": False}, {"extensions": LATER},
     [("2021-12-13", "pre_review"), ("2021-12-14", "window"), ("2022-01-04", "contact")]),
    ("no extensions, and three old ones", {"extensions": False}, {"extensions": THREE},
     [("2021-12-14", "window"), ("2022-01-04", "contact")]),
    ("three extensions", {}, {"extensions": THREE},
     [("2021-12-14", "window"), ("2021-12-20", "extended"), ("2022-01-11", "removal_review")]),
    ("no removal, and three extensions", {"removal": False}, {"extensions": THREE},
     [("2021-12-14", "window"), ("2021-12-20", "extended"), ("2022-01-11", "contact")]),
    ("nobody answers", {}, {"contacts": SILENT}, [("2022-01-04", "contact"), ("2022-01-07", "removal_review")]),
    ("no removal, and nobody answers", {"removal": False}, {"contacts": SILENT}, [("2022-01-04", "contact")]),
    ("a proposal", {}, {"removal_votes": PROPOSED}, [("2022-01-04", "contact"), ("2022-01-08", "removal_pending")]),
    ("no removal, and an old proposal", {"removal": False}, {"removal_votes": PROPOSED}, [("2022-01-04", "contact")]),
    ("no removal, and one that both approved", {"removal": False},
     {"removal_votes": (*PROPOSED, vote("2022-01-09", "lead_provider"))},
     [("2022-01-04", "contact"), ("2022-01-09", "withdrawn")]),
    ("nothing at all", OFF, {"extensions": THREE, "contacts": SILENT, "removal_votes": PROPOSED},
     [("2021-11-15", "pre_review"), ("2021-12-14", "contact")]),
    ("ten days, and reminders from two weeks on", {"window_days": 10, "review_leads": (14, 3)}, {},
     [("2021-11-28", "not_due"), ("2021-11-29", "pre_review"), ("2021-12-14", "window"), ("2021-12-24", "contact")]),
    ("two contacts are enough", {"unanswered_contacts": 2}, {"contacts": SILENT},
     [("2022-01-04", "contact"), ("2022-01-06", "removal_review")]),
    ("two extensions are enough", {"extensions_before_removal": 2}, {"extensions": THREE[:2]},
     [("2021-12-20", "extended"), ("2022-01-08", "removal_review")]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "decided", "begins"), [row[1:] for row in STAGES], ids=[row[0] for row in STAGES])
def test_the_stages_day_by_day(said: dict[str, Any], decided: dict[str, Any], begins: list[tuple[str, str]]) -> None:
    """Of the group that the entry names; another one goes by the settings."""
    pack, who = ruled(**said), person(**decided)
    for number, (first, stage) in enumerate(begins):
        after = day(begins[number + 1][0]) if number + 1 < len(begins) else day("2022-02-01")
        on = day(first)
        while on < after:
            assert (on.isoformat(), look(pack, who, on.isoformat()).stage) == (on.isoformat(), stage)
            on += timedelta(days=1)
    other = person("NPQSL", **decided)
    for on in ("2021-11-20", "2021-12-14", "2021-12-20", "2022-01-04", "2022-01-10", "2022-01-20"):
        assert look(pack, other, on) == replace(look(GUIDANCE, other, on))


DATES = [
    # what the entry says, what was decided, the window's end, the deadline, extensions that count
    ({}, {}, "2022-01-03", "2022-01-03", 0),
    ({"window_days": 10}, {}, "2021-12-23", "2021-12-23", 0),
    ({"window": False}, {}, None, None, 0),
    ({"window": False}, {"extensions": LATER}, None, "2022-01-14", 1),
    ({"extensions": False}, {"extensions": LATER}, "2022-01-03", "2022-01-03", 0),
    (OFF, {"extensions": LATER}, None, None, 0),
]


@pytest.mark.parametrize(("said", "decided", "ends", "deadline", "count"), DATES)
def test_the_window_and_the_deadline(
    said: dict[str, Any], decided: dict[str, Any], ends: str | None, deadline: str | None, count: int
) -> None:
    output = look(ruled(**said), person(**decided), "2022-01-20")
    assert (output.window_ends, output.deadline, output.extensions) == (
        ends and day(ends),
        deadline and day(deadline),
        count,
    )


def test_an_old_proposal_is_not_told_where_nobody_is_removed() -> None:
    who = person(removal_votes=PROPOSED)
    assert standing(GUIDANCE, who, day("2022-01-20")).removal_proposed_on == day("2022-01-08")
    whole = standing(ruled(removal=False), who, day("2022-01-20"))
    assert (whole.removal_proposed_on, whole.removal_sides_approved) == (None, ())


def test_two_groups_each_by_its_own_numbers() -> None:
    pack = replace(GUIDANCE, escalations=(
        Escalation(("specialist",), "house", window_days=5, contact_overdue_every=3),
        Escalation(("leadership", "ehco"), "house", window=False, unanswered_contacts=2),
    ))  # fmt: skip
    assert [look(pack, person(course), "2021-12-18").stage for course in ("NPQLTD", "NPQSL")] == ["window", "contact"]
    assert pack.settings_of("specialist").contact_overdue_every == 3
    assert pack.settings_of("leadership").contact_overdue_every == GUIDANCE.settings.contact_overdue_every
    assert pack.settings_of("ehco").unanswered_contacts == 2
    assert pack.settings_of("another") is pack.settings_of(None) is pack.settings


def test_a_course_lasts_as_long_as_its_groups_window() -> None:
    longest = ruled(window_days=500, three_week_mark_after=500, contact_overdue_after=501)
    last = max(row.review for rows in GUIDANCE.schedule.values() for row in rows
               if row.review and (row.group, row.cohort) == ("specialist", "1"))  # fmt: skip
    assert span_of(longest, "NPQLTD", "1").ends_on == last + timedelta(days=500)
    assert span_of(longest, "NPQSL", "1").ends_on == span_of(GUIDANCE, "NPQSL", "1").ends_on


# --- why an act would be of no use -------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["2021-11-01", "2021-12-20", "2022-01-10"])
def test_an_extension_is_refused_with_the_way_out(on: str) -> None:
    whole = standing(ruled(extensions=False), person(), day(on))
    refused = extension.why_not(ruled(extensions=False), whole, whole, day(on), 1)
    assert refused is not None
    assert (refused.code, refused.message) == (
        "extensions_off",
        "By Education Development Trust's rules no extension is given on Specialist NPQs. "
        "Offer Jane Example support, and record a deferral if that helps.",
    )


def test_a_removal_is_refused_with_the_way_out() -> None:
    pack, who = ruled(removal=False), person(removal_votes=PROPOSED)
    whole = standing(pack, who, day("2022-01-10"))
    refused = removal.why_not(pack, whole, whole, day("2022-01-10"), 1)
    assert refused is not None
    assert (refused.code, refused.message) == (
        "removal_off",
        "By Education Development Trust's rules nobody is removed from Specialist NPQs. Offer Jane Example support or a "
        "deferral; whoever leaves is withdrawn in the participants file.",
    )


def test_without_a_window_an_extension_can_be_agreed_as_soon_as_the_settings_say() -> None:
    pack = ruled(window=False)
    for on, code in (("2021-11-14", "too_early"), ("2021-11-15", None), ("2022-01-10", None)):
        whole = standing(pack, person(), day(on))
        refused = extension.why_not(pack, whole, whole, day(on), 1)
        assert (refused and refused.code) == code


# --- a year of messages, against a plain reading -----------------------------------------------------------------------

KEYS = (
    "review_upcoming",
    "window_open",
    "window_progress",
    "three_week_mark",
    "contact_overdue",
    "extension_ending",
    "extension_lapsed",
    "removal_votes_waiting",
)
FIRST, LAST = day("2021-11-01"), day("2022-11-01")
CHAIN = {"review_upcoming": "review", "window_open": "review", "window_progress": "review",
         "extension_ending": "extension", "extension_lapsed": "extension"}  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A group's numbers, as the guidance has them unless said otherwise."""

    window: bool = True
    extensions: bool = True
    removal: bool = True
    window_days: int = 21
    review_leads: tuple[int, ...] = (28, 14, 7, 1)
    window_open_after: int = 1
    window_progress_after: tuple[int, ...] = (7, 14)
    three_week_mark_after: int = 21
    contact_overdue_after: int = 22
    contact_overdue_every: int = 7
    unanswered_contacts: int = 3
    extensions_before_removal: int = 3


class Sent(NamedTuple):
    on: date
    key: str
    about: date
    output: int
    lead: int
    who: str


def until(who: Participant, output: int, on: date) -> list[date]:
    """The deadlines agreed by a day."""
    return [each.until for each in who.extensions if each.output == output and each.decided_on <= on]


def in_a_row(who: Participant, on: date) -> int:
    """Reading 16: each day counts once, and a day with an answer begins anew."""
    count = 0
    for _, of_day in groupby(sorted(c for c in who.contacts if c.contacted_on <= on), key=lambda c: c.contacted_on):
        count = 0 if any(contact.outcome == "reached" for contact in of_day) else count + 1
    return count


def proposed(who: Participant, on: date) -> date | None:
    """Reading 15: since when a proposal is open; of these people one side alone ever approves."""
    since: date | None = None
    for each in who.removal_votes:
        if each.decided_on <= on:
            since = None if each.decision == "reject" else since or each.decided_on
    return since


def stage_of(rules: Plain, who: Participant, review: date, on: date) -> str:
    """The lines of the stage for somebody who has done nothing, on Output 1, what is switched off skipped."""
    agreed = until(who, 1, on) if rules.extensions else []
    if rules.removal and proposed(who, on):
        return "removal_pending"
    if on <= review:
        return "before"
    if agreed and on <= max(agreed):
        return "extended"
    if rules.window and on <= review + timedelta(days=rules.window_days):
        return "window"
    if rules.removal and (
        in_a_row(who, on) >= rules.unanswered_contacts or len(agreed) >= rules.extensions_before_removal
    ):
        return "removal_review"
    return "contact"


def planned(rules: Plain, who: Participant, reviews: Sequence[date]) -> Iterator[Sent]:
    """What is said to be due about somebody who does nothing for a year, whether or not it concerns them on the day."""

    def before(key: str, about: date, lead: int, output: int) -> Sent:
        return Sent(working_day_on_or_before(GUIDANCE, about - timedelta(days=lead)), key, about, output, -lead, who.id)

    def after(key: str, about: date, lead: int, output: int) -> Sent:
        return Sent(working_day_on_or_after(GUIDANCE, about + timedelta(days=lead)), key, about, output, lead, who.id)

    for output, review in enumerate(reviews, 1):
        yield from (before("review_upcoming", review, lead, output) for lead in rules.review_leads)
        if rules.window:
            yield after("window_open", review, rules.window_open_after, output)
            yield from (after("window_progress", review, lead, output) for lead in rules.window_progress_after)
            yield after("three_week_mark", review, rules.three_week_mark_after, output)
        begins = rules.contact_overdue_after if rules.window else 1
        for lead in range(begins, 400, rules.contact_overdue_every):
            yield after("contact_overdue", review, lead, output)
    for each in who.extensions if rules.extensions else ():
        yield before("extension_ending", each.until, 3, each.output)
        yield after("extension_lapsed", each.until, 1, each.output)
    for each in who.removal_votes if rules.removal else ():
        if each.decision == "approve":
            yield from (after("removal_votes_waiting", each.decided_on, lead, 1) for lead in range(2, 400, 7))


def concerns(rules: Plain, who: Participant, reviews: Sequence[date], sent: Sent) -> bool:
    """Readings 19, 21 and 28, for somebody who is on Output 1 and stays there."""
    if sent.key == "three_week_mark":
        return sent.on >= sent.about + timedelta(days=rules.three_week_mark_after)
    if sent.key.startswith("extension"):
        agreed = until(who, sent.output, sent.on)
        return bool(agreed) and max(agreed) == sent.about
    if sent.output != 1:
        return False
    if sent.key == "removal_votes_waiting":
        return proposed(who, sent.on) == sent.about
    if sent.key != "contact_overdue":
        return True
    agreed = until(who, 1, sent.on) if rules.extensions else []
    over = max([*agreed, reviews[0] + timedelta(days=rules.window_days if rules.window else 0)])
    contacted = any(over < contact.contacted_on <= sent.on for contact in who.contacts)
    return stage_of(rules, who, reviews[0], sent.on) == "contact" and not contacted


def plainly(rules: Plain, people: Sequence[Participant], reviews: Sequence[date]) -> set[Sent]:
    """What goes out about some people of a group in the year; of a series one a day (reading 22), that of the later lead."""
    found = {sent for who in people for sent in planned(rules, who, reviews) if FIRST <= sent.on <= LAST}
    one_a_day: dict[tuple[object, ...], int] = {}
    for sent in found:
        series = (CHAIN.get(sent.key, sent.key), sent.about, sent.output, sent.on)
        one_a_day[series] = max(sent.lead, one_a_day.get(series, sent.lead))
    by_id = {who.id: who for who in people}
    return {
        sent
        for sent in found
        if one_a_day[CHAIN.get(sent.key, sent.key), sent.about, sent.output, sent.on] == sent.lead
        and concerns(rules, by_id[sent.who], reviews, sent)
    }


def reminded(pack: Pack, people: Sequence[Participant]) -> list[Reminder]:
    found = []
    for occasion in occasions(pack, people, [], "North Star", FIRST, LAST):
        if occasion.key in KEYS:
            reminder = remind(pack, people, occasion, occasion.due_on)
            if reminder is not None:
                found.append(reminder)
    return found


DAYS = st.integers(0, 200).map(lambda number: FIRST + timedelta(days=number))
SWITCHES = st.fixed_dictionaries({"window": st.booleans(), "extensions": st.booleans(), "removal": st.booleans()})
WINDOWS = [
    {},
    {"window_days": 10, "window_progress_after": (5,), "three_week_mark_after": 10, "contact_overdue_after": 11},
    {"window_days": 28, "window_open_after": 3, "three_week_mark_after": 24, "contact_overdue_after": 30},
]
OTHERS = [{}, {"review_leads": (21, 2)}, {"contact_overdue_every": 5}, {"unanswered_contacts": 2}]


@st.composite
def said_of_a_group(draw: st.DrawFn) -> dict[str, Any]:
    """What an entry may say."""
    said = {**draw(SWITCHES), **draw(st.sampled_from(WINDOWS)), **draw(st.sampled_from(OTHERS))}
    if not said["window"]:
        said = {name: value for name, value in said.items() if name not in WINDOWS[1] and name not in WINDOWS[2]}
    return said if said["removal"] else {name: value for name, value in said.items() if name != "unanswered_contacts"}


@st.composite
def decided(draw: st.DrawFn) -> dict[str, Any]:
    """A few decisions about somebody, on any days."""
    votes = [RemovalVote(draw(DAYS), "delivery_partner", "approve")] if draw(st.integers(0, 3)) == 0 else []
    if votes and draw(st.booleans()):
        votes.append(
            RemovalVote(votes[0].decided_on + timedelta(days=draw(st.integers(0, 30))), "lead_provider", "reject")
        )
    agreed = draw(st.lists(st.tuples(st.sampled_from((1, 1, 2)), DAYS, st.integers(1, 60)), max_size=3))
    return {
        "extensions": tuple(Extension(n, on + timedelta(days=more), "workload", on) for n, on, more in agreed),
        "contacts": tuple(
            Contact(on, "phone", outcome)
            for on, outcome in draw(st.lists(st.tuples(DAYS, st.sampled_from(("no-answer", "reached"))), max_size=4))
        ),
        "removal_votes": tuple(votes),
    }


@settings(deadline=None, max_examples=40)
@given(said_of_a_group(), said_of_a_group(), st.lists(decided(), min_size=4, max_size=4))
def test_a_year_of_messages(of_one: dict[str, Any], of_other: dict[str, Any], what: list[dict[str, Any]]) -> None:
    """Of four people who do nothing, two in each of two groups with rules of their own."""
    pack = replace(
        GUIDANCE, escalations=tuple(Escalation((group,), "house", **said) for group, said in (
            ("specialist", of_one), ("leadership", of_other),
        )),
    )  # fmt: skip
    courses = ("NPQLTD", "NPQLT", "NPQSL", "NPQH")
    people = [
        person(course, id=f"p-{number}", name=course, **each)
        for number, (course, each) in enumerate(zip(courses, what, strict=True))
    ]
    wanted = set()
    for group, said, members in (("specialist", of_one, people[:2]), ("leadership", of_other, people[2:])):
        dates = [GUIDANCE.schedule[group, "1", each.number][0].review for each in GUIDANCE.outputs[group]]
        wanted |= plainly(Plain(**said), members, [review for review in dates if review])
    found = {
        Sent(
            each.day,
            each.occasion.key,
            each.occasion.about,
            each.occasion.output or 0,
            each.occasion.lead,
            due.participant_id,
        )
        for each in reminded(pack, people)
        for due in each.people
    }
    assert found == wanted


# --- the words ---------------------------------------------------------------------------------------------------------

DECIDED = {"extensions": LATER, "contacts": SILENT[:1], "removal_votes": PROPOSED}
NOT_SAID = [
    ({"window": False}, ("window",)),
    ({"extensions": False}, ("exten", "agreed deadline")),
    ({"removal": False}, ("remov",)),
    (OFF, ("window", "exten", "deadline", "remov")),
]


def spoken_of(card: Card) -> str:
    """A card's words and those on its buttons."""
    return f"{words_on(card)} {' '.join(f'{each.label} {each.spoken}' for each in buttons_of(*card.elements))}"


def words_about(pack: Pack, who: Participant) -> Iterator[str]:
    """Every message of a year as it is posted, with its buttons; and status, details and figures on days of it."""
    for reminder in reminded(pack, [who]):
        yield reminder_text(pack, reminder)
        for card in reminder_cards(pack, reminder):
            yield spoken_of(card)
    name = PersonName(who.id, who.name, None, None, who.delivery_partner, who.course, who.cohort, None, None)
    for on in ("2021-11-20", "2021-12-13", "2021-12-20", "2022-01-04", "2022-01-20", "2022-03-01"):
        whole = standing(pack, who, day(on))
        case = Case(whole, name, 0, ())
        for output in whole.outputs:
            yield spoken_of(status_card(pack, ADA, case, output))
        yield spoken_of(details_card(pack, case))
        yield " ".join(value for _, value in figures(pack, engagement_report(pack.cohorts, [whole])))


@pytest.mark.parametrize(
    "facts", [{}, DECIDED, {**DECIDED, "declarations": (declared(1, "2021-12-14", "2021-12-13"),)}]
)
@pytest.mark.parametrize(("said", "never"), NOT_SAID)
def test_nothing_is_said_of_what_is_switched_off(
    said: dict[str, Any], never: tuple[str, ...], facts: dict[str, Any]
) -> None:
    spoken = [text.casefold() for text in words_about(ruled(**said), person(**facts))]
    assert len(spoken) > 20
    for word in never:
        assert [text for text in spoken if word in text] == []


def test_the_guidance_says_all_of_it() -> None:
    spoken = " ".join(words_about(GUIDANCE, person(**DECIDED))).casefold()
    for _, words in NOT_SAID:
        assert [word for word in words if word not in spoken] == []


def test_the_list_after_the_review_says_since_when() -> None:
    [first, *_] = [each for each in reminded(ruled(**OFF), [person()]) if each.occasion.key == "contact_overdue"]
    assert (first.day, first.people[0].note) == (day("2021-12-14"), "No contact logged since 13 December 2021.")
    assert (
        "The review date was 13 December 2021. 1 person has not met it yet, and no contact has been logged since."
    ) in reminder_text(ruled(**OFF), first)
    assert [button.label for button in buttons_of(*reminder_cards(ruled(**OFF), first)[0].elements)] == [
        "Defer",
        "Log contact",
        "Details",
    ]


def test_the_help_lists_what_any_group_has() -> None:
    everywhere = replace(GUIDANCE, escalations=(Escalation(tuple(GUIDANCE.outputs), "house", **OFF),))
    for pack, said in ((GUIDANCE, True), (ruled(**OFF), True), (everywhere, False)):
        told = words_on(help_card(pack))
        assert ["/npq extend" in told, "/npq remove" in told, "window" in told] == [said] * 3


def test_an_old_post_of_the_window_says_that_it_is_over() -> None:
    who = [person()]
    for occasion in occasions(GUIDANCE, who, [], "North Star", FIRST, LAST):
        if occasion.key in ("window_open", "window_progress", "three_week_mark") and occasion.output == 1:
            old = remind(GUIDANCE, who, occasion, occasion.due_on)
            assert old is not None
            assert remind(ruled(window=False), who, occasion, occasion.due_on) is None
            redrawn = replace(old, people=tuple(replace(each, still=False) for each in old.people))
            text = reminder_text(ruled(window=False), redrawn)
            assert "Things have changed since this was posted" in text
            assert "window" not in text
