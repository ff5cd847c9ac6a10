"""The reminder posts: everybody on exactly one of them, nothing private, the true date, and always within Slack's limits."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.cards import fitting
from bot.conversation.cards.card import Card
from bot.conversation.cards.fitting import NAMES_A_PAGE, PEOPLE_A_PAGE, packed, weight
from bot.conversation.posts.reminder_posts import card_for_page, page_people, reminder_cards, reminder_text
from bot.conversation.verbs import decode_action
from bot.slack import render
from core.reminders.reminder import Occasion, PersonDue, Reminder
from core.rules.calendar import in_words
from core.rules.facts import Deferral, Extension, Participant
from core.services.acts import deferral, extension
from reference.pack import Pack
from tests.conversation.made import NAMES, PARTNER, caseload, person, studied
from tests.conversation.stages import (
    REASONS,
    in_every_stage,
    in_two_sessions,
    looked_at,
    other_situations,
    remembering,
    with_an_assessment_window,
)
from tests.fakes.slack_blocks import message_complaints, texts_of
from tests.reminding import occasions, remind

# "When messages are due" in the rulebook, in its order.
KEYS = (
    "review_upcoming",
    "window_open",
    "window_progress",
    "three_week_mark",
    "contact_overdue",
    "extension_ending",
    "extension_lapsed",
    "removal_votes_waiting",
    "invoice_due",
    "papers_missing",
    "self_report",
    "assessment_window",
    "meeting_pack",
    "deferral_ending",
    "stale_data",
)
NAMING = tuple(key for key in KEYS if key != "meeting_pack")
OFFERED = ["Extend", "Defer", "Log contact", "Details"]
FIRST, LAST = date(2021, 11, 10), date(2022, 3, 18)
MEETING = date(2021, 12, 8)
ZERO_WIDTH = "\u200b"
Names = Callable[[int], str]


@pytest.fixture(scope="module")
def window_pack(pack: Pack) -> Pack:
    return with_an_assessment_window(pack)


@pytest.fixture(scope="module")
def due(window_pack: Pack) -> dict[str, Reminder]:
    """One message of each kind, as the rules make it: the one about most people."""
    return one_of_each(window_pack, caseload(27))


def one_of_each(pack: Pack, people: Sequence[Participant]) -> dict[str, Reminder]:
    everybody = [*people, person(900, name="Ada Byron", sponsorship_returned_on=None, **in_two_sessions())]
    look, found = remembering(), dict[str, Reminder]()
    for occasion in occasions(pack, everybody, (MEETING,), PARTNER, FIRST, LAST):
        reminder = remind(pack, everybody, occasion, occasion.due_on, look)
        best = found.get(occasion.key)
        if reminder is not None and (best is None or len(reminder.people) > len(best.people)):
            found[occasion.key] = reminder
    return found


def grown(reminder: Reminder, count: int, name: Names = lambda n: f"Person {n:03d}") -> Reminder:
    """The same message about that many people, who stand where its own people do."""
    own = reminder.people
    people = tuple(
        replace(own[n % len(own)], participant_id=f"q-{n:03d}", name=name(n)) for n in range(count)
    )  # fmt: skip
    return replace(reminder, people=people, concerned=count + 2, evidenced=2)


def about_everybody(pack: Pack, reminder: Reminder) -> Reminder:
    """The message about somebody in every stage: a post that stands may come to name any of them."""
    people = []
    for number, situation in enumerate((in_every_stage(pack) | other_situations(pack)).values()):
        whole, output = looked_at(pack, situation)
        people.append(PersonDue(f"s-{number:02d}", f"Somebody {number:02d}", output, whole, "A note."))
    return replace(reminder, people=tuple(people), concerned=len(people))


def drawn(card: Card) -> dict[str, Any]:
    """As it goes to Slack, which must not complain."""
    message = render.message(card)
    assert message_complaints(message) == []
    return message


def posts(pack: Pack, reminder: Reminder, *, rehearsal: bool = False) -> list[dict[str, Any]]:
    return [drawn(card) for card in reminder_cards(pack, reminder, rehearsal=rehearsal)]


def readable(*messages: Mapping[str, Any]) -> str:
    """What people read in the blocks: escapes undone, and the space that nobody sees left out."""
    return html.unescape("\n".join(text for m in messages for text in texts_of(m["blocks"]))).replace(ZERO_WIDTH, "")


def notified(*messages: Mapping[str, Any]) -> str:
    """What the notifications say."""
    return html.unescape("\n".join(m["text"] for m in messages)).replace(ZERO_WIDTH, "")


def offered(*messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """By participant: what can be pressed beside the name."""
    found: dict[str, list[str]] = {}
    for message in messages:
        for block in message["blocks"]:
            for element in [*block.get("elements", []), *filter(None, [block.get("accessory")])]:
                for control in element.get("options") or [element]:
                    if "value" in control:
                        call = decode_action(element["action_id"], control["value"])
                        found.setdefault(call.participant or "", []).append(control["text"]["text"])
    return found


# --- every kind of message -------------------------------------------------------------------------------------------


def test_the_made_up_caseload_brings_every_kind_of_message(due: dict[str, Reminder]) -> None:
    assert set(due) == set(KEYS)


@pytest.mark.parametrize("rehearsal", [True, False], ids=["rehearsal", "real"])
@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_message_is_one_that_slack_takes(
    window_pack: Pack, due: dict[str, Reminder], key: str, rehearsal: bool
) -> None:
    for message in posts(window_pack, due[key], rehearsal=rehearsal):
        assert message["text"].strip()
        assert message["blocks"]


@pytest.mark.parametrize("key", NAMING)
def test_who_it_is_about_stands_in_the_blocks_and_in_the_notification(
    window_pack: Pack, due: dict[str, Reminder], key: str
) -> None:
    messages = posts(window_pack, due[key])
    said, told = readable(*messages), notified(*messages)
    for due_person in due[key].people:
        assert due_person.name in said
        assert due_person.name in told


@pytest.mark.parametrize("key", NAMING)
def test_each_person_offers_extend_defer_log_contact_and_details(
    window_pack: Pack, due: dict[str, Reminder], key: str
) -> None:
    found = offered(*posts(window_pack, due[key]))
    assert set(found) == {due_person.participant_id for due_person in due[key].people}
    for labels in found.values():
        assert [label for label in labels if label in OFFERED] == OFFERED


@pytest.mark.parametrize(
    ("key", "more"), [("removal_votes_waiting", "Decide"), ("deferral_ending", "Record return")]
)  # fmt: skip
def test_a_message_that_asks_for_another_decision_offers_it_first(
    window_pack: Pack, due: dict[str, Reminder], key: str, more: str
) -> None:
    for labels in offered(*posts(window_pack, due[key])).values():
        assert labels == [more, *OFFERED]


@pytest.mark.parametrize("key", NAMING)
def test_every_kind_can_come_to_name_people_in_every_stage(
    window_pack: Pack, due: dict[str, Reminder], key: str
) -> None:
    reminder = about_everybody(window_pack, due[key])
    messages = posts(window_pack, reminder, rehearsal=True)
    assert set(offered(*messages)) == {due_person.participant_id for due_person in reminder.people}
    said = readable(*messages)
    assert all(said.count(due_person.name) == 1 for due_person in reminder.people)


@pytest.mark.parametrize("key", KEYS)
def test_every_message_states_the_true_date(window_pack: Pack, due: dict[str, Reminder], key: str) -> None:
    """Whatever working day it goes out on, and on every one of its pages."""
    wanted = in_words(due[key].occasion.about)
    reminder = due[key] if key == "meeting_pack" else grown(due[key], 45)
    for message in posts(window_pack, reminder):
        assert wanted in readable(message)
        assert wanted in notified(message)
    assert wanted in reminder_text(window_pack, reminder)


@pytest.mark.parametrize("key", KEYS)
def test_every_message_says_for_whom_it_is(window_pack: Pack, due: dict[str, Reminder], key: str) -> None:
    reminder, (message, *_) = due[key], posts(window_pack, due[key])
    wanted = [PARTNER] if key == "meeting_pack" else [PARTNER, "Specialist NPQs", "cohort 1", "Output "]
    for part in wanted:
        assert part in readable(message)
        assert part in notified(message)
    if reminder.occasion.output is not None:
        assert f"Output {reminder.occasion.output}" in readable(message)


@pytest.mark.parametrize("key", KEYS)
def test_every_message_says_what_to_do_next(window_pack: Pack, due: dict[str, Reminder], key: str) -> None:
    for message in posts(window_pack, due[key]):
        assert "What to do next" in readable(message)
        assert "What to do next" in notified(message)


@pytest.mark.parametrize("key", KEYS)
def test_rehearsal_is_said_when_the_clock_is_frozen_and_not_otherwise(
    window_pack: Pack, due: dict[str, Reminder], key: str
) -> None:
    reminder = due[key] if key == "meeting_pack" else grown(due[key], 45)
    for message in posts(window_pack, reminder, rehearsal=True):
        assert "rehearsal" in readable(message).casefold()
        assert "rehearsal" in notified(message).casefold()
    for message in posts(window_pack, reminder, rehearsal=False):
        assert "rehearsal" not in json.dumps(message).casefold()
    assert reminder_text(window_pack, reminder, rehearsal=True).casefold().startswith("rehearsal")
    assert "rehearsal" not in reminder_text(window_pack, reminder).casefold()


@pytest.mark.parametrize("key", NAMING)
def test_nobody_is_told_to_ask_the_lead_provider_for_a_recording(
    window_pack: Pack, due: dict[str, Reminder], key: str
) -> None:
    """R15: there is no centralised repeat, mop-up event or recording."""
    for reminder in (due[key], about_everybody(window_pack, due[key])):
        messages = posts(window_pack, reminder)
        for said in (readable(*messages), notified(*messages)):
            assert not re.search(r"\brecordings?\b|mop-?up|catch-?up session|repeat", said, re.IGNORECASE)


def test_the_window_message_does_not_threaten(window_pack: Pack, due: dict[str, Reminder]) -> None:
    said = readable(*posts(window_pack, due["window_open"]))
    assert "A later declaration is paid in a later run" in said
    assert not re.search(r"\bwill be (removed|withdrawn)|must\b|fail(ed|ure)?\b", said, re.IGNORECASE)


def test_a_review_message_says_how_many_are_evidenced_and_what_each_still_needs(pack: Pack) -> None:
    people = [person(1, name="Ann"), person(2, name="Bob", activities=(studied(date(2021, 12, 1)),))]
    (occasion,) = [
        o
        for o in occasions(pack, people, (), PARTNER, date(2021, 12, 6), date(2021, 12, 6))
        if o.key == "review_upcoming"
    ]
    reminder = remind(pack, people, occasion, occasion.due_on)
    assert reminder is not None
    said = readable(*posts(pack, reminder))
    assert "1 of 2 evidenced" in said.replace("*", "")
    assert "Ann" in said
    assert "Bob" not in said
    assert "13 December 2021" in said
    assert "in 7 days" in said
    assert "attend a face-to-face event or live webinar" in said
    assert "watch at least 90% of the Block 1 video introduction" in said


def test_a_kind_that_a_later_version_adds_still_reads_as_a_notice(pack: Pack, due: dict[str, Reminder]) -> None:
    later = replace(due["review_upcoming"], occasion=replace(due["review_upcoming"].occasion, key="half_term_note"))
    said = readable(*posts(pack, later))
    assert "Half term note" in said
    assert in_words(later.occasion.about) in said


# --- how many people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 45, 300])
@pytest.mark.parametrize("key", NAMING)
def test_everybody_is_on_exactly_one_page_in_order(
    window_pack: Pack, due: dict[str, Reminder], key: str, count: int
) -> None:
    reminder = grown(due[key], count)
    pages = page_people(window_pack, reminder)
    assert [who for page in pages for who in page] == [f"q-{n:03d}" for n in range(count)]
    assert all(0 < len(page) <= PEOPLE_A_PAGE for page in pages)


@pytest.mark.parametrize("count", [1, 2, 45, 300])
def test_everybody_is_drawn_once_and_each_post_says_which_of_how_many_it_is(
    window_pack: Pack, due: dict[str, Reminder], count: int
) -> None:
    reminder = grown(due["review_upcoming"], count)
    messages = posts(window_pack, reminder, rehearsal=True)
    for number, message in enumerate(messages, start=1):
        numbered = f"{number} of {len(messages)}"
        for said in (readable(message), notified(message)):
            assert (numbered in said) == (len(messages) > 1)
    assert (len(messages) == 1) == (count <= 2)
    found = offered(*messages)
    assert list(found) == [f"q-{n:03d}" for n in range(count)]
    assert all(labels == OFFERED for labels in found.values())
    shown, told, planned = readable(*messages), notified(*messages), reminder_text(window_pack, reminder)
    for n in range(count):
        assert shown.count(f"Person {n:03d}") == 1
        assert f"Person {n:03d}" in told
        assert f"Person {n:03d}" in planned


def test_three_hundred_who_have_done_nothing_are_all_named_as_the_rules_find_them(pack: Pack) -> None:
    people = [person(n, name=f"Person {n:03d}") for n in range(300)]
    occasion = next(
        o
        for o in occasions(pack, people, (), PARTNER, date(2021, 12, 14), date(2021, 12, 14))
        if o.key == "window_open"
    )
    reminder = remind(pack, people, occasion, occasion.due_on)
    assert reminder is not None
    messages = posts(pack, reminder)
    assert set(offered(*messages)) == {f"p-{n:03d}" for n in range(300)}
    assert all(f"{n} of {len(messages)}" in readable(m) for n, m in enumerate(messages, start=1))
    assert max(len(offered(m)) for m in messages) - min(len(offered(m)) for m in messages) <= 1, "evenly filled"


@pytest.mark.parametrize("moved", [1, 5, 60])
def test_the_progress_message_names_everybody_who_moved(pack: Pack, moved: int) -> None:
    """The rulebook of `window_progress`: who moved, who has not. Names are never cut away."""
    people = [person(0, name="Ann Still-Waiting")]
    people += [
        person(n, name=f"Person {n:03d} Longname", activities=(studied(date(2021, 12, 17)),))
        for n in range(1, moved + 1)
    ]
    occasion = next(
        o
        for o in occasions(pack, people, (), PARTNER, date(2021, 12, 20), date(2021, 12, 20))
        if o.key == "window_progress"
    )
    reminder = remind(pack, people, occasion, occasion.due_on)
    assert reminder is not None
    said = readable(*posts(pack, reminder))
    assert "Ann Still-Waiting" in said
    assert [n for n in range(1, moved + 1) if f"Person {n:03d} Longname" not in said] == []


def test_no_sentence_ends_twice(pack: Pack, due: dict[str, Reminder]) -> None:
    for key, reminder in due.items():
        assert ".." not in reminder_text(pack, reminder), key


def test_a_meeting_pack_is_one_message_about_nobody_in_particular(window_pack: Pack, due: dict[str, Reminder]) -> None:
    (message,) = posts(window_pack, due["meeting_pack"])
    assert offered(message) == {}
    assert "evidenced" in readable(message)


# --- names as they come ----------------------------------------------------------------------------------------------

ODD_NAMES: dict[str, Names] = {
    "mentions and markup": lambda n: f"<!channel> & <b>Bob</b> <@U0123> {n:03d}",
    "right to left": lambda n: f"محمد عبد الله {n:03d}",
    "Welsh and Polish letters": lambda n: f"Siân Llwyd-Ŵyn Żółkiewski {n:03d}",
    "characters that style text": lambda n: f"O*Neill _Max_ ~x~ `y` :tada: {n:03d}",
    "calls to a channel": lambda n: f"@channel @here @everyone {n:03d}",
    "150 characters": lambda n: f"{'Featherstonehaugh-' * 9}"[:147] + f"{n:03d}",
    "150 characters that must be escaped": lambda n: "&" * 147 + f"{n:03d}",
    "150 asterisks": lambda n: "*" * 147 + f"{n:03d}",
    "150 backticks and colons": lambda n: "`:a" * 49 + f"{n:03d}",
    "emoji": lambda n: f"👩‍🏫 Ann 🇬🇧 {n:03d}",
    "quotes and backslashes": lambda n: f'Ann "The Hat" O\'Neill \\n {n:03d}',
}


@pytest.mark.parametrize("what", ODD_NAMES)
def test_a_name_is_shown_as_it_is_and_fits(window_pack: Pack, due: dict[str, Reminder], what: str) -> None:
    name = ODD_NAMES[what]
    for key in ("review_upcoming", "three_week_mark", "invoice_due"):
        messages = posts(window_pack, grown(due[key], 45, name), rehearsal=True)
        said, told = readable(*messages), notified(*messages)
        assert [n for n in range(45) if said.count(name(n)) != 1] == []
        assert [n for n in range(45) if name(n) not in told] == []


@pytest.mark.parametrize("what", ODD_NAMES)
def test_a_name_is_never_read_as_a_mention_a_style_or_a_command(
    window_pack: Pack, due: dict[str, Reminder], what: str
) -> None:
    for key in NAMING:
        for message in posts(window_pack, grown(due[key], 3, ODD_NAMES[what])):
            for text in (message["text"], *texts_of(message["blocks"])):
                for shout in ("<!", "<@", "<b>", "_Max_", "~x~", "`y`", ":tada:", "@channel", "@here", "@everyone"):
                    assert shout not in text


def test_nothing_that_slack_could_take_for_a_command_is_anywhere_in_what_is_sent(
    window_pack: Pack, due: dict[str, Reminder]
) -> None:
    """Neither in what is read nor in what a screen reader says of a button."""
    for key in NAMING:
        for message in posts(window_pack, grown(due[key], 3, ODD_NAMES["mentions and markup"]), rehearsal=True):
            assert "<!" not in json.dumps(message, ensure_ascii=False)


def test_a_delivery_partners_name_cannot_shout_either(window_pack: Pack, due: dict[str, Reminder]) -> None:
    for key in KEYS:
        occasion = replace(due[key].occasion, delivery_partner="<!everyone> & Hub *x*")
        for message in posts(window_pack, replace(due[key], occasion=occasion)):
            assert all("<!" not in text for text in (message["text"], *texts_of(message["blocks"])))
            assert "<!everyone> & Hub *x*" in readable(message)


def test_an_absurdly_long_name_is_shortened_and_its_owner_kept(window_pack: Pack, due: dict[str, Reminder]) -> None:
    messages = posts(window_pack, grown(due["review_upcoming"], 45, lambda n: f"{n:03d} " + "x" * 9_990))
    assert len(offered(*messages)) == 45
    said = readable(*messages)
    assert all(f"{n:03d} xxx" in said for n in range(45))


# --- nothing private -------------------------------------------------------------------------------------------------


def test_no_reason_of_an_extension_or_a_deferral_is_on_any_post(window_pack: Pack) -> None:
    """Every reason there is, each agreed with several people, in every kind of message."""
    people, agreed = [], date(2021, 12, 20)
    for number, someone in enumerate(caseload(36)):
        why, away = (reasons[number // 3 % len(reasons)] for reasons in (extension.REASONS, deferral.REASONS))
        more: dict[str, Any] = {"extensions": (Extension(1, date(2022, 1, 14), why, agreed),)} if number % 3 else {}
        if number % 3 == 1:
            more["deferrals"] = (Deferral(date(2022, 1, 24), date(2022, 4, 1), away, agreed),)
        people.append(replace(someone, **more))
    found = one_of_each(window_pack, people)
    assert set(found) == set(KEYS)
    for key in ("extension_ending", "extension_lapsed", "deferral_ending", "three_week_mark"):
        assert len(found[key].people) > 5, key
    for reminder in found.values():
        messages = posts(window_pack, reminder, rehearsal=True)
        for said in (json.dumps(messages), notified(*messages), reminder_text(window_pack, reminder)):
            assert [word for word in REASONS if word in said.casefold()] == []


@pytest.mark.parametrize("key", KEYS)
def test_no_reason_is_told_of_people_in_any_stage(window_pack: Pack, due: dict[str, Reminder], key: str) -> None:
    said = json.dumps(posts(window_pack, about_everybody(window_pack, due[key])))
    assert [word for word in REASONS if word in said.casefold()] == []


# --- drawn again later -----------------------------------------------------------------------------------------------


EXTENDED = "Output 1 extended to 14 January 2022 by "
DECIDED = {"Sam": EXTENDED + "Sam Coordinator", "all markup": EXTENDED + "*_`~<&>" * 22}


@pytest.mark.parametrize(
    ("what", "by"),
    [(what, "Sam") for what in ("plain", *ODD_NAMES)]
    + [(what, "all markup") for what in ("plain", "characters that style text", "150 asterisks")],
)
@pytest.mark.parametrize("key", ["review_upcoming", "window_progress", "removal_votes_waiting"])
def test_a_page_drawn_again_after_decisions_still_fits(
    window_pack: Pack, due: dict[str, Reminder], key: str, what: str, by: str
) -> None:
    name = ODD_NAMES.get(what, lambda n: f"Person {n:03d}")
    reminder = grown(due[key], 45, name)
    pages = page_people(window_pack, reminder)
    for number, ids in enumerate(pages, start=1):
        message = drawn(
            card_for_page(
                window_pack,
                reminder,
                ids,
                page=number,
                pages=len(pages),
                rehearsal=True,
                decided=dict.fromkeys(ids, DECIDED[by]),
                revisions=dict.fromkeys(ids, 999_999),
            )
        )
        assert list(offered(message)) == list(ids)
        assert readable(message).count(EXTENDED) == len(ids)
        assert f"{number} of {len(pages)}" in readable(message)


def test_a_page_drawn_again_says_what_was_decided_and_carries_the_new_revision(
    pack: Pack, due: dict[str, Reminder]
) -> None:
    reminder = grown(due["review_upcoming"], 3)
    told = "Output 1 extended to 14 January 2022 by Sam"
    card = card_for_page(
        pack, reminder, ["q-001"], page=2, pages=3, rehearsal=False, decided={"q-001": told}, revisions={"q-001": 4}
    )
    message = drawn(card)
    assert told in readable(message)
    assert "Person 000" not in readable(message)
    calls = [
        decode_action(e["action_id"], e["value"])
        for b in message["blocks"]
        if b["type"] == "actions"
        for e in b["elements"]
    ]
    assert {call.revision for call in calls} == {4}


def test_a_page_whose_people_have_all_left_is_still_drawn(pack: Pack, due: dict[str, Reminder]) -> None:
    message = drawn(card_for_page(pack, due["review_upcoming"], ["gone"], page=1, pages=2, rehearsal=False))
    assert offered(message) == {}
    assert "1 of 2" in readable(message)


# --- packing ---------------------------------------------------------------------------------------------------------

items = st.lists(
    st.tuples(st.integers(1, 4_000), st.text("ab&<> é", min_size=1, max_size=300)), max_size=120
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(items, st.integers(500, 12_000))
def test_packing_loses_nobody_keeps_the_order_and_the_limits(given_items: list[tuple[int, str]], room: int) -> None:
    numbered = list(enumerate(given_items))
    pages = packed(numbered, lambda item: item[1][0], lambda item: item[1][1], room)
    assert [item for page in pages for item in page] == numbered
    assert all(pages)
    for page in pages:
        assert len(page) <= PEOPLE_A_PAGE
        if len(page) > 1:
            assert sum(each[0] for _, each in page) <= room
            assert sum(weight(each[1]) + 2 for _, each in page) <= NAMES_A_PAGE


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(), max_size=100), st.integers(-3, 40), st.integers(1, 20))
def test_pages_by_number_hold_everything_and_any_number_finds_a_page(
    given_items: list[int], number: int, size: int
) -> None:
    every = fitting.pages(given_items, size)
    assert [item for page in every for item in page] == given_items
    page, at, count = fitting.page_numbered(given_items, number, size)
    assert count == len(every)
    assert 1 <= at <= count
    assert page == every[at - 1]


odd_words = st.text(st.sampled_from("aé م<>&*_~`:@!#|\\\"'\n \u202e👩"), min_size=1, max_size=150)


@settings(max_examples=25, deadline=None)
@given(names=st.lists(odd_words, min_size=1, max_size=60), decided=odd_words)
def test_whatever_people_are_called_nobody_is_lost_and_slack_takes_it(
    window_pack: Pack, due: dict[str, Reminder], names: list[str], decided: str
) -> None:
    reminder = grown(due["three_week_mark"], len(names), lambda n: names[n])
    pages = page_people(window_pack, reminder)
    found: list[str] = []
    for number, ids in enumerate(pages, start=1):
        told = dict.fromkeys(ids, decided * 3)
        card = card_for_page(
            window_pack, reminder, ids, page=number, pages=len(pages), rehearsal=True, decided=told, revisions={}
        )
        message = drawn(card)
        found += offered(message)
        assert "<!" not in "".join(texts_of(message["blocks"])) + message["text"]
    assert found == [f"q-{n:03d}" for n in range(len(names))]


def test_the_names_used_here_are_of_every_kind() -> None:
    """The made-up caseload's own names already hold markup, other scripts and length."""
    assert any("<!channel>" in name for name in NAMES)
    assert max(map(len, NAMES)) > 55


def test_the_true_date_is_not_the_day_it_goes_out(pack: Pack) -> None:
    """13 December 2021 minus one day is a Sunday: the message goes out on Friday and still says the 13th."""
    people = [person(1, name="Ann")]
    last = [
        o
        for o in occasions(pack, people, (), PARTNER, date(2021, 12, 7), date(2021, 12, 12))
        if o.key == "review_upcoming"
    ]
    assert [o.due_on for o in last] == [date(2021, 12, 10)]
    reminder = remind(pack, people, last[0], last[0].due_on)
    assert reminder is not None
    said = readable(*posts(pack, reminder))
    assert "13 December 2021" in said
    assert "in 3 days" in said
    assert "10 December 2021" not in said


def test_an_occasion_far_away_reads_naturally(pack: Pack, due: dict[str, Reminder]) -> None:
    """One person is "1 person has", two are "2 people have"."""
    for count, words in ((1, "1 person is not evidenced yet"), (2, "2 people are not evidenced yet")):
        assert words in readable(*posts(pack, grown(due["review_upcoming"], count)))


def test_a_message_on_the_review_day_says_today(pack: Pack, due: dict[str, Reminder]) -> None:
    occasion: Occasion = due["review_upcoming"].occasion
    today = replace(due["review_upcoming"], day=occasion.about)
    said = readable(*posts(pack, today))
    assert "review today" in said
    assert in_words(occasion.about) in said
    assert in_words(occasion.about + timedelta(days=1)) not in said
