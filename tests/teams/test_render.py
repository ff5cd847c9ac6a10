"""Cards as Teams takes them: small enough, whole, and with nothing in them that somebody typed and Teams would read as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from microsoft_teams.cards import AdaptiveCard

from bot.conversation.acts import EXTEND
from bot.conversation.cards.card import Actions, Button, Card, Note, Paragraph, PersonPicker, PersonRow, line
from bot.conversation.posts.reminder_posts import card_for_page, page_people, reminder_cards
from bot.conversation.verbs import DETAILS, FIND, SAY, Call, decode_action, encode
from bot.teams import card_data_names, decode, limits, render
from core.reminders.reminder import Reminder
from reference.pack import Pack
from tests.conversation.made import caseload, reminders

LONG = (
    "Alexandrina Wilhelmina Featherstonehaugh-Cholmondeley-Smythe",  # 60 characters
    "Siân Llwyd-Ŵyn ferch Gruffydd ap Rhys o Lanfairpwllgwyngyll",
    "Łukasz Żółkiewski-Brzęczyszczykiewicz ze Szczebrzeszyna",
    "محمد عبد الرحمن بن عبد العزيز آل سعود القحطاني الشهراني",
)


@pytest.fixture(scope="module")
def everybody(pack: Pack) -> list[Reminder]:
    return reminders(pack, caseload(27))


def of_300(reminder: Reminder) -> Reminder:
    own = reminder.people
    people = tuple(
        replace(own[n % len(own)], participant_id=f"participant-number-{n:04d}", name=f"{LONG[n % len(LONG)]} {n}")
        for n in range(300)
    )
    return replace(reminder, people=people, concerned=302, evidenced=2)


def parts(given: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a card."""
    if isinstance(given, dict):
        yield given
        for value in given.values():
            yield from parts(value)
    elif isinstance(given, list):
        for each in given:
            yield from parts(each)


def words(card: Mapping[str, Any]) -> str:
    return "\n".join(
        "".join(run["text"] for run in part["inlines"]) for part in parts(card) if part.get("type") == "RichTextBlock"
    )


def pressable(card: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Verb and participant of everything that can be pressed."""
    found = set()
    for part in parts(card):
        chosen = [
            json.loads(choice["value"])[0]
            for block in part.get("items", [])
            if block.get("id") == card_data_names.PERSON
            for choice in block["choices"]
        ]
        for action in parts(part.get("items", [])[1:] if chosen else []):
            if action.get("type") == "Action.Execute":
                found |= {(action["verb"], who) for who in chosen}
        if part.get("type") == "Action.Execute":
            call = decode_action("", part["data"][card_data_names.CALL])
            if call.participant is not None:
                found.add((call.verb, call.participant))
    return found


def test_300_people_come_in_pages_of_fifteen_at_most_each_within_the_size(
    pack: Pack, everybody: list[Reminder]
) -> None:
    about_people = {reminder.occasion.key: reminder for reminder in everybody if reminder.people}
    for reminder in map(of_300, about_people.values()):
        named: list[str] = []
        for card in reminder_cards(pack, reminder, rehearsal=True):
            drawn = card_data_names.stamped(render.adaptive(card), "t" * 32)
            assert render.size(drawn) <= limits.CARD_BYTES, reminder.occasion.key
            rows = [element for element in card.elements if isinstance(element, PersonRow)]
            assert len(rows) <= 15
            named += [row.participant_id for row in rows]
            said, offered = words(drawn), pressable(drawn)
            for row in rows:
                assert row.name in said
                for button in row.buttons:
                    assert (button.call.verb, row.participant_id) in offered
        assert named == [person.participant_id for person in reminder.people]


def test_every_card_is_one_by_microsofts_types(pack: Pack, everybody: list[Reminder]) -> None:
    for reminder in everybody:
        for card in reminder_cards(pack, reminder):
            drawn = render.adaptive(card)
            AdaptiveCard.model_validate(drawn)
            assert drawn["version"] == "1.5"
            assert drawn["fallbackText"]


def test_a_press_with_a_choice_of_person_says_whom_it_is_about(pack: Pack, everybody: list[Reminder]) -> None:
    reminder = next(r for r in everybody if len(r.people) > 3)
    (ids, *_) = page_people(pack, reminder)
    revisions = dict.fromkeys(ids, 7)
    card = card_for_page(pack, reminder, ids, page=1, pages=1, rehearsal=False, revisions=revisions)
    drawn = render.adaptive(card)
    asked = next(part for part in parts(drawn) if part.get("id") == card_data_names.PERSON)
    extend = next(part for part in parts(drawn) if part.get("verb") == EXTEND.opens)
    data = {**extend["data"], card_data_names.PERSON: asked["choices"][1]["value"]}
    press = decode.press({"id": "a1", "conversation": {"id": "19:x"}, "from": {"id": "29:y"}}, data)
    assert press.call == Call(
        EXTEND.opens, ids[1], reminder.people[1].output.output, 7, course=reminder.people[1].standing.course
    )
    wrong = decode.press({"id": "a1"}, {**extend["data"], card_data_names.PERSON: '["p", {"no": "number"}, []]'})
    assert (wrong.call.participant, wrong.call.output, wrong.call.revision) == ("p", None, None)
    for broken in ("", "nobody", "[1]", "[[[", "null"):
        assert decode.press({"id": "a1"}, {**extend["data"], card_data_names.PERSON: broken}).call.verb == ""


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=80))
def test_what_somebody_typed_is_shown_as_it_stands(typed: str) -> None:
    """In text runs Teams reads no markup; only headings are read so, and there it is escaped."""
    row = PersonRow("p-1", typed, (line(typed),), (Button("Details", Call(DETAILS, "p-1"), spoken=typed),))
    drawn = render.adaptive(Card(typed, (Paragraph((line(typed),)), row, Note(line(typed)))))
    shown = render.as_typed_here(typed)
    runs = [run["text"] for part in parts(drawn) for run in part.get("inlines", [])]
    assert runs.count(shown) == 4
    (heading,) = [part for part in parts(drawn) if part.get("type") == "TextBlock"]
    for mark in "*_[]`<":
        assert f"\\{mark}" in heading["text"] or mark not in heading["text"]


def test_commands_are_shown_as_they_are_typed_here() -> None:
    card = Card("Help", (Paragraph((line("Type /npq status Jane, or /npq at-risk. Not /npqx, nor a/npq b."),)),))
    assert words(render.adaptive(card)) == "Type status Jane, or at-risk. Not /npqx, nor a/npq b."


def test_an_answer_too_large_for_one_card_comes_in_several_with_nothing_left_out() -> None:
    lines = [f"Line {number}: {'ż' * 200}" for number in range(100)]
    card = Card("Details", tuple(Paragraph((line(text),)) for text in lines))
    drawn = [message["attachments"][0]["content"] for message in render.messages(card)]
    assert len(drawn) > 1
    assert all(render.size(each) <= limits.CARD_BYTES for each in drawn)
    assert "\n".join(map(words, drawn)).split("\n") == lines
    assert [each["body"][0]["text"] for each in drawn] == [
        f"Details ({number} of {len(drawn)})" for number in range(1, len(drawn) + 1)
    ]


def test_buttons_stand_in_rows_that_a_phone_shows_whole() -> None:
    labels = ("Extend", "Defer", "Log contact", "Details", "Record return", "Status")
    card = Card("Many", (Actions(tuple(Button(label, Call(DETAILS, "p-1")) for label in labels)),))
    rows = [
        [action["title"] for action in part["actions"]]
        for part in parts(render.adaptive(card))
        if part.get("type") == "ActionSet"
    ]
    assert rows == [["Extend", "Defer", "Log contact"], ["Details", "Record return"], ["Status"]]


def test_a_name_typed_where_nobody_is_offered_is_looked_up() -> None:
    drawn = render.adaptive(Card("Who?", (PersonPicker("Find somebody by name"),)))
    go = next(part for part in parts(drawn) if part.get("verb") == FIND)
    for typed, words_said in (("Jane Sm", "status Jane Sm"), (card_data_names.NOBODY, "status"), ("", "status")):
        press = decode.press({"id": "a1"}, {**go["data"], card_data_names.FOUND: typed})
        assert press.call == Call(SAY, words=words_said)
    chosen = encode(Call(DETAILS, "p-1"))
    assert decode.press({"id": "a1"}, {**go["data"], card_data_names.FOUND: chosen}).call == Call(DETAILS, "p-1")
