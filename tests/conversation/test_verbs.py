"""The verbs behind buttons: each comes back as it went out, and whatever else comes is answered calmly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.conversation import verbs
from bot.conversation.acts import ACTS, act_of
from bot.conversation.offered_acts import person_buttons
from bot.conversation.verbs import UNKNOWN, Call, decode_action, decode_form, encode, is_known
from core.reminders.reminder import PersonDue
from core.rules.standing import standing
from reference.pack import Pack
from tests.conversation.made import person

BUTTON_VALUE, OPTION_VALUE, PRIVATE_METADATA, ACTION_ID, CALLBACK_ID = 2000, 150, 3000, 255, 255  # Slack's reference
DFE_ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
# Every verb that was ever posted. A line is never taken away: old posts stay in their channels.
EVER_POSTED = (
    "npq.v1.status.show",
    "npq.v1.details.open",
    "npq.v1.extension.open",
    "npq.v1.extension.submit",
    "npq.v1.deferral.open",
    "npq.v1.deferral.submit",
    "npq.v1.deferral-answer.open",
    "npq.v1.deferral-answer.submit",
    "npq.v1.contact.open",
    "npq.v1.contact.submit",
    "npq.v1.return.open",
    "npq.v1.return.submit",
    "npq.v1.removal.open",
    "npq.v1.removal.submit",
    "npq.v1.at-risk.page",
    "npq.v1.reviews.page",
    "npq.v1.people.find",
    "npq.v1.menu",
    "npq.v1.command.say",
    "npq.v1.outbox.page",
    "npq.v1.outbox.retry",
    "npq.v1.outbox.repeat",
    "npq.v1.outbox.cancel",
)

CALLS = [
    Call("npq.v1.status.show", "p-001"),
    Call("npq.v1.extension.open", "p-001", 1, 12),
    Call("npq.v1.extension.open", "p-001", 1, 0),
    Call("npq.v1.extension.submit", "p-001", 3, 2**31),
    Call("npq.v1.at-risk.page", page=2, filters={"course": "NPQSL", "cohort": "2", "partner": "North Star", "output": "1"}),
    Call("npq.v1.reviews.page", page=1, filters={}),
    Call("npq.v1.command.say", words="status Siân Llwyd-Ŵyn output 2"),
    Call("npq.v1.details.open", 'محمد "<!channel>" & \\ \n 🙂', 1),
    Call("npq.v1.details.open", DFE_ID, 4, 999_999),
]  # fmt: skip


@pytest.mark.parametrize("verb", EVER_POSTED)
def test_every_verb_ever_posted_is_still_read(verb: str) -> None:
    assert is_known(verb)
    call = Call(verb, "p-001", 2, 7)
    assert decode_action(verb, encode(call)) == call
    assert decode_form(verb, encode(call)) == call


def test_no_verb_is_left_out_of_the_list_above() -> None:
    named = {value for name, value in vars(verbs).items() if name.isupper() and str(value).startswith("npq.")}
    of_acts = {verb for act in ACTS for verb in (act.opens, act.sends)}
    assert set(EVER_POSTED) >= named | of_acts
    assert all(is_known(verb) for verb in named), "a verb without its place among the others would decode to nothing"


@pytest.mark.parametrize("verb", [verb for verb in EVER_POSTED if verb.endswith(("open", "submit"))])
def test_every_act_ever_posted_is_still_done(verb: str) -> None:
    act = act_of(verb)
    assert verb == "npq.v1.details.open" or (act is not None and verb in (act.opens, act.sends))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.verb)
def test_a_call_comes_back_as_it_went_out(call: Call) -> None:
    assert decode_action("anything", encode(call)) == call
    assert decode_form(call.verb, encode(call)) == call
    assert hash(decode_action("", encode(call))) == hash(call)


@pytest.mark.parametrize(
    "value",
    [
        '{"v":"npq.v0.escalate","p":"p-001"}',
        '{"v":"npq.v2.extension.open","p":"p-001","o":1}',
        '{"v":"NPQ.V1.STATUS.SHOW","p":"p-001"}',
        '{"v":"","p":"p-001"}',
        '{"v":null}',
        '{"v":["npq.v1.status.show"]}',
        '{"p":"p-001"}',
        "escalate",
        "null",
        "[]",
        "1",
        '"npq.v1.status.show"',
        "{",
        "",
        "[" * 2500,
        '{"v":"npq.v1.status.show","p":"' + "x" * 4000 + '"}',
    ],
    ids=lambda value: value[:40] or "nothing",
)
def test_an_old_or_unknown_value_is_known_to_be_unknown(value: str) -> None:
    assert decode_action("npq.v0.escalate", value) == Call(UNKNOWN)
    assert decode_form("npq.v0.escalate", value) == Call(UNKNOWN)


def test_a_button_without_a_value_is_read_by_its_action_id() -> None:
    assert decode_action("npq.v1.reviews.page", None) == Call("npq.v1.reviews.page")
    assert decode_action("npq.v1.reviews.page:3", "") == Call("npq.v1.reviews.page")
    assert decode_action("npq.v0.reviews", None) == Call(UNKNOWN)


def test_a_form_is_read_only_by_its_own_verb() -> None:
    """A callback_id and a private_metadata that disagree are nobody's form."""
    sent = encode(Call("npq.v1.extension.submit", "p-001", 1))
    assert decode_form("npq.v1.deferral.submit", sent) == Call(UNKNOWN)
    assert decode_form("", sent) == Call(UNKNOWN)
    assert decode_form("npq.v1.extension.submit", None) == Call(UNKNOWN)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"v":"npq.v1.status.show","p":17}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","o":"1"}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","o":true}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","o":1.5}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","o":NaN}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","r":1e400}', Call("npq.v1.status.show")),
        ('{"v":"npq.v1.status.show","n":' + "9" * 400 + "}", Call("npq.v1.status.show")),
        ('{"v":"npq.v1.at-risk.page","f":["NPQSL"]}', Call("npq.v1.at-risk.page")),
        ('{"v":"npq.v1.status.show","p":"p-001","later":{"a":1}}', Call("npq.v1.status.show", "p-001")),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_part_of_the_wrong_type_is_left_out(value: str, expected: Call) -> None:
    assert decode_action("", value) == expected


@pytest.mark.parametrize("participant", ["p-001", DFE_ID, "x" * 64, "Ŵ" * 64])
def test_values_fit_slack_for_the_ids_that_systems_give(participant: str) -> None:
    for verb in EVER_POSTED:
        value = encode(Call(verb, participant, 4, 9_999, 99))
        assert len(value) <= BUTTON_VALUE
        assert len(value) <= PRIVATE_METADATA
        assert len(f"{verb}:99") <= ACTION_ID
        assert len(verb) <= CALLBACK_ID


def test_a_menus_option_holds_a_dfe_id_with_output_and_revision(pack: Pack) -> None:
    whole = standing(pack, replace(person(1), id=DFE_ID), date(2021, 12, 6))
    for button in person_buttons(pack, PersonDue(DFE_ID, whole.name, whole.outputs[-1], whole), 999_999):
        assert len(encode(button.call)) <= OPTION_VALUE


def test_a_very_long_id_still_fits_a_button_and_a_form() -> None:
    call = Call("npq.v1.extension.submit", "x" * 1500, 4, 999_999)
    assert len(encode(call)) <= BUTTON_VALUE
    assert decode_form(call.verb, encode(call)) == call


def test_filters_of_the_longest_command_fit_a_button() -> None:
    """Half a thousand quotation marks are what one may type; each takes two characters in JSON."""
    call = Call("npq.v1.at-risk.page", page=99, filters={"partner": '"' * 500, "course": "NPQLBC", "cohort": "4"})
    assert len(encode(call)) <= BUTTON_VALUE


def test_a_value_holds_ids_and_numbers_only(pack: Pack) -> None:
    whole = standing(pack, person(1), date(2021, 12, 6))
    for button in person_buttons(pack, PersonDue("p-001", whole.name, whole.outputs[0], whole), 3):
        assert whole.name in button.spoken
        assert whole.name not in encode(button.call)
        assert set(json.loads(encode(button.call))) == {"v", "p", "o", "r", "c"}


numbers = st.none() | st.integers(-(2**53) + 1, 2**53 - 1)
words = st.none() | st.text(max_size=40)
calls = st.builds(
    Call,
    verb=st.sampled_from(EVER_POSTED),
    participant=words,
    output=numbers,
    revision=numbers,
    page=numbers,
    words=words,
    filters=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(EVER_POSTED),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("vponrwfx"), inner, max_size=8),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(calls)
def test_any_call_comes_back_as_it_went_out(call: Call) -> None:
    assert decode_action("whatever", encode(call)) == call
    assert decode_form(call.verb, encode(call)) == call


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.none() | st.text(max_size=80) | json_values.map(json.dumps))
@example("npq.v1.menu", "\ud800")
@example("", '{"v":"npq.v1.status.show","p":"\\ud800"}')
def test_whatever_comes_is_decoded_to_something_known(action_id: str, value: str | None) -> None:
    for call in (decode_action(action_id, value), decode_form(action_id, value)):
        assert call.verb == UNKNOWN or is_known(call.verb)
        assert call.participant is None or isinstance(call.participant, str)
        assert all(isinstance(v, str) for pair in call.filters.items() for v in pair)
        hash(call)
