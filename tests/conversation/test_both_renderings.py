"""The same card in Slack and in Teams: the same words, and the same things to press about the same people."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.conversation.acts import ACTS, EXTEND, FormRequest
from bot.conversation.cards.card import Card, ChoiceField, Form, PersonPicker, TextField
from bot.conversation.cards.channel_trouble_card import Unwell, unwell_card
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.help_cards import (
    OLD_CONTROL,
    arrived_card,
    file_card,
    folded_card,
    help_card,
    not_understood_card,
    refusal_card,
)
from bot.conversation.cards.list_cards import WhoMeant, at_risk_card, people_card, reviews_card
from bot.conversation.cards.outbox_cards import outbox_card, repeat_card
from bot.conversation.cards.report_card import report_cards
from bot.conversation.cards.status_card import status_card
from bot.conversation.forms import form_for
from bot.conversation.grammar import NotUnderstood
from bot.conversation.posts.reminder_posts import reminder_cards
from bot.conversation.requests import Press
from bot.conversation.verbs import FIND, OUTBOX, STATUS, Call, decode_action
from bot.slack import render as slack
from bot.teams import card_data_names, decode
from bot.teams import render as teams
from core.rules.engagement_counts import engagement_report
from core.rules.output_tally import Tally
from core.services.enquiries import AtRisk, AtRiskList, HistoryLine, Review, Reviews
from core.services.outbox_actions import Delivery
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.conversation.made import NAMES, caseload, reminders
from tests.conversation.stages import case_of, everybodys_roles, in_every_stage, looked_at, other_situations, said
from tests.fakes.slack import controls
from tests.fakes.slack_blocks import message_complaints, texts_of, view_complaints
from tests.fakes.teams_cards import MOST_BYTES, actions, card_complaints, inputs, labels, size, takes_inputs, words

ADMIN = Actor("Ada", "administrator")
VIEWER = everybodys_roles()["viewer"]
TODAY = date(2022, 1, 5)
HISTORY = tuple(
    HistoryLine("contact", date(2021, 12, 20), f"Sam {n}", f"Contact tried by phone ({NAMES[n]})") for n in range(7)
)
UNSEEN = "\N{ZERO WIDTH SPACE}"


ON_IT = Tally(47, 0, 0, 73, {}, {})


def cards(pack: Pack) -> Iterator[tuple[str, Card]]:
    """Many cards, each with a name."""
    situations = in_every_stage(pack) | other_situations(pack)
    for name, situation in situations.items():
        case, output = case_of(pack, situation, HISTORY), looked_at(pack, situation)[1]
        yield f"status: {name}", status_card(pack, ADMIN, case, output)
        yield f"status for a viewer: {name}", status_card(pack, VIEWER, case, output)
        yield f"details: {name}", details_card(pack, case)
    standings = [looked_at(pack, situation) for situation in situations.values()]
    found = [
        AtRisk(replace(whole, participant_id=f"q-{n}", name=f"{NAMES[n % len(NAMES)]} {n}"), output)
        for n, (whole, output) in enumerate(standings * 2)
    ]
    for number in (1, 2, 3):
        yield (
            f"at-risk: page {number}",
            at_risk_card(pack, ADMIN, AtRiskList(found, 2), {"course": "NPQLTD"}, number, TODAY),
        )
    yield "at-risk: one", at_risk_card(pack, ADMIN, AtRiskList(found[:1], 0), {}, 1, TODAY)
    yield "at-risk: nobody", at_risk_card(pack, ADMIN, AtRiskList([], 0), {}, 1, TODAY)
    yield "at-risk: nobody of whom it is known", at_risk_card(pack, ADMIN, AtRiskList([], 1), {}, 1, TODAY)
    people = [case_of(pack, situation).person for situation in situations.values()]
    yield (
        "people",
        people_card(
            pack,
            people,
            {each.id: [each.course] for each in people},
            "*jane* <b>",
            WhoMeant("extend", EXTEND.opens, "Extend", 2),
        ),
    )
    days = (date(2022, 6, 23), date(2022, 7, 14), date(2022, 7, 23), date(2022, 8, 23), date(2022, 6, 8))
    known, unknown = (days[1], None, *days[2:4], ON_IT, days[4], False, ()), (days[1], days[3], None, None, ON_IT, None)
    coming = [Review(f"Hub {n}", "specialist", "1", 2, "Retention Point", days[0], *known) for n in range(9)]
    yield "reviews", reviews_card(pack, Reviews(coming, 0), {}, 1, TODAY)
    computed = Review("Hub", "specialist", "1", 2, "Retention Point", days[0], *unknown, True, ("NPQLT november",))
    yield "reviews: computed", reviews_card(pack, Reviews([computed], 1), {}, 1, TODAY)
    yield "reviews: none is known", reviews_card(pack, Reviews([], 3), {}, 1, TODAY)
    report = engagement_report(pack.cohorts, [whole for whole, _ in standings])
    for number, card in enumerate(report_cards(pack, {"Hub A": report, "Hub B": report}, TODAY)):
        yield f"report: {number}", card
    yield "help", help_card(pack)
    yield "arrived", arrived_card("the-place")
    yield "folded", folded_card()
    yield "a file", file_card()
    yield "not understood", not_understood_card(NotUnderstood("statsu", "status jane"))
    yield "not understood at all", not_understood_card(NotUnderstood("<!channel> *x*", None))
    yield "refused", refusal_card(OLD_CONTROL)
    yield "unwell", unwell_card([Unwell("the-place", ("Hub A", "Hub B"), "Mend it.", "another")])
    due = datetime(2022, 6, 16, 8, 0, tzinfo=UTC)
    waits = Delivery(
        1, "waiting", "http_500", "window_open", TODAY, due, "Hub A", "teams", "x", 2, 1, due, None, due, "", ""
    )
    held = replace(waits, id=2, state="held", reason="timeout", retry_at=None)
    yield "outbox", outbox_card([waits, held], {"all": "yes"}, 1, "Said.")
    yield "outbox: a held one", repeat_card(held, Call(OUTBOX, page=1, message=2))
    posts: dict[str, Any] = {}
    for reminder in reminders(pack, caseload(27)):
        best = posts.get(reminder.occasion.key)
        if best is None or len(reminder.people) > len(best.people):
            posts[reminder.occasion.key] = reminder
    for key, reminder in posts.items():
        for number, card in enumerate(reminder_cards(pack, reminder, rehearsal=True)):
            yield f"reminder: {key} {number}", card


@pytest.fixture(scope="module")
def drawn(pack: Pack) -> Mapping[str, Card]:
    found = dict(cards(pack))
    assert len(found) > 80
    return found


def plain(text: str) -> set[str]:
    """The words of a text: without marks of a style, without what tells one platform's commands from another's."""
    flat = re.sub(r"[*_~`]", "", text.replace(UNSEEN, "")).replace("/npq ", " ")
    return {word.rstrip(":") for word in flat.split()}


def pressed_in_slack(message: Mapping[str, Any]) -> set[Call | tuple[str, str]]:
    found: set[Call | tuple[str, str]] = set()
    for control in controls(message):
        if control["type"] == "external_select":
            found.add(("type a name", control["action_id"].partition(":")[2]))
            continue
        for option in control.get("options") or [control]:
            found.add(decode_action(control["action_id"], option["value"]))
    return found


def pressed_in_teams(card: Mapping[str, Any]) -> set[Call | tuple[str, str]]:
    """Through the bot's own ears: each button with each choice of person that goes along with it."""
    found: set[Call | tuple[str, str]] = set()
    asked = inputs(card)
    for action in actions(card):
        data = action["data"]
        if not takes_inputs(action):
            found.add(heard(data))
        elif decode_action("", data["npq"]).verb == FIND:
            (typed,) = (each for each in asked.values() if "choices.data" in each)
            found.add(("type a name", typed["choices.data"]["dataset"].partition(":")[2]))
        else:
            (whom,) = (each for each in asked.values() if "choices.data" not in each)
            found |= {heard({**data, whom["id"]: choice["value"]}) for choice in whom["choices"]}
    return found


def heard(data: Mapping[str, Any]) -> Call:
    activity = {"type": "message", "value": data, "conversation": {"id": "a:1"}, "from": {"id": "29:1"}}
    request = decode.press(activity, data)
    assert isinstance(request, Press)
    return request.call


def test_both_say_the_same_words(drawn: Mapping[str, Card]) -> None:
    """Buttons' labels apart: in Slack they stand beside each person, in Teams once for all of them."""
    different = {}
    for name, card in drawn.items():
        message, there = slack.message(card), teams.adaptive(card)
        assert message_complaints(message) == [], name
        pressable = plain(" ".join([*labels(there), "Go", "Whom is it about?"]))
        pressable |= plain(" ".join(element.label for element in card.elements if isinstance(element, PersonPicker)))
        in_slack = plain(html.unescape("\n".join(texts_of(message["blocks"])))) - pressable - {"Type", "a", "name"}
        in_teams = plain(words(there)) - pressable - {"Type", "a", "name"}
        if in_slack != in_teams:
            different[name] = (in_slack - in_teams, in_teams - in_slack)
    assert different == {}


def test_teams_says_everything_on_a_card(drawn: Mapping[str, Card]) -> None:
    for name, card in drawn.items():
        there = teams.adaptive(card)
        missing = plain(said(card)) - plain("\n".join([words(there), *labels(there)]))
        assert missing == set(), name


def test_teams_takes_every_card(drawn: Mapping[str, Card]) -> None:
    for name, card in drawn.items():
        for message in teams.messages(card):
            there = message["attachments"][0]["content"]
            assert card_complaints(there) == [], name
            assert size(there) <= MOST_BYTES, name


def test_both_offer_the_same_about_the_same_people(drawn: Mapping[str, Card]) -> None:
    """Where people have different buttons Teams' one row may stand for more, which is answered when it is pressed."""
    for name, card in drawn.items():
        in_slack, in_teams = pressed_in_slack(slack.message(card)), pressed_in_teams(teams.adaptive(card))
        assert in_slack <= in_teams, (name, in_slack - in_teams)
        more = [call for call in in_teams - in_slack if isinstance(call, Call)]
        assert len(more) == len(in_teams - in_slack), name
        if not name.startswith("at-risk"):
            assert more == [], name
        people = {call.participant for call in in_slack if isinstance(call, Call)}
        asked = {call.verb for call in in_slack if isinstance(call, Call)}
        assert all(call.participant in people and call.verb in asked for call in more), name


def test_a_dialog_has_the_same_buttons_without_execute(drawn: Mapping[str, Card]) -> None:
    for name, card in drawn.items():
        there = teams.adaptive(card)
        inside = card_data_names.for_dialog(there)
        assert card_complaints(inside, dialog=True) == [], name
        assert pressed_in_teams(inside) == pressed_in_teams(there), name


# forms


def forms(pack: Pack) -> Iterator[Form]:
    for situation in (in_every_stage(pack) | other_situations(pack)).values():
        _, output = looked_at(pack, situation)
        for act in ACTS:
            asking = FormRequest(pack, ADMIN, case_of(pack, situation, HISTORY), output, situation.on)
            yield form_for(act, asking, "A *notice* <b>.")


def test_both_ask_the_same_in_a_form(pack: Pack) -> None:
    for form in forms(pack):
        view, card = slack.view(form), teams.form(form)
        assert card_complaints(card) == []
        in_slack = {
            block["block_id"]: (
                block["label"]["text"],
                not block["optional"],
                [(o["text"]["text"], o["value"]) for o in block["element"].get("options", [])],
                block["element"].get("initial_date") or block["element"].get("initial_option", {}).get("value"),
            )
            for block in view["blocks"]
            if block["type"] == "input"
        }
        in_teams = {
            name: (
                each["label"],
                each.get("isRequired", False),
                [(choice["title"], choice["value"]) for choice in each.get("choices", [])],
                each.get("value"),
            )
            for name, each in inputs(card).items()
        }
        assert in_slack == in_teams
        assert decode_action("", view["private_metadata"]) == decode_action("", actions(card)[0]["data"]["npq"])
        there = plain(words(card))
        assert plain(html.unescape("\n".join(texts_of(view["blocks"])))) - there <= _choices(form), form.title


def _choices(form: Form) -> set[str]:
    offered = [choice.label for field in form.fields if isinstance(field, ChoiceField) for choice in field.choices]
    return plain(" ".join([*offered, "Choose one a day"]))


@pytest.mark.parametrize("verb", [STATUS, EXTEND.opens])
def test_a_name_typed_finds_what_was_asked_for(verb: str) -> None:
    card = teams.adaptive(Card("Whom?", (PersonPicker("Find", verb),)))
    data = {**actions(card)[0]["data"], "npq_found": f'{{"v":"{verb}","p":"p-1"}}'}
    assert heard(data) == Call(verb, "p-1")


def test_both_ask_for_words_alike() -> None:
    """A field for one's own words: its label, whether it may be left empty, how long it may be, and what stands in it already."""
    needed = TextField("plan", "What is *planned* <b>", "A call & a visit", "Shown under Details.", longest=200)
    form = Form(
        "Note a plan", Call(EXTEND.sends, "p-1"), (), (needed, replace(needed, name="more", required=False)), "Note"
    )
    view, card = slack.view(form), teams.form(form)
    assert view_complaints(view) == []
    assert card_complaints(card) == []
    there = inputs(card)
    blocks = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["block_id"] for block in blocks] == list(there) == ["plan", "more"]
    for block in blocks:
        asked, element = there[block["block_id"]], block["element"]
        assert (block["label"]["text"], element["max_length"]) == (asked["label"], asked["maxLength"])
        assert element["initial_value"] == asked["value"] == "A call & a visit"
        assert block["optional"] != asked.get("isRequired", False)
