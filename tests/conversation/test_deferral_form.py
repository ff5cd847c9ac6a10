"""What the form of a deferral offers by a pack's policy; without one it is as it always was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.conversation import forms
from bot.conversation.acts import DEFER, FormRequest
from bot.conversation.cards.card import ChoiceField, Form
from bot.conversation.cards.help_cards import help_card
from bot.slack.render import message
from core.services.staff.actors import Actor
from reference.pack import DeferralPolicy, NotBetween, Pack
from tests.conversation.stages import case_of, in_every_stage, looked_at

TODAY = date(2022, 1, 5)


def form(pack: Pack, policy: DeferralPolicy | None = None) -> Form:
    """Of somebody past the window of 13 December 2021."""
    used = replace(pack, deferral=policy) if policy else pack
    situation = in_every_stage(used)["contact"]
    _, output = looked_at(used, situation)
    asking = FormRequest(used, Actor("Ada", "administrator"), case_of(used, situation), output, TODAY)
    return forms.form_for(DEFER, asking)


def test_without_a_policy(pack: Pack) -> None:
    first, until, reason = form(pack).fields
    assert (first.initial, first.hint) == (TODAY, "")
    assert until.hint.startswith("Later than the first day. ")
    assert isinstance(reason, ChoiceField)
    assert (len(reason.choices), reason.required) == (5, True)


def test_a_reason_may_be_left_out(pack: Pack) -> None:
    reason = form(pack, DeferralPolicy("p. 1", frozenset({"bereavement"}), reason_needed=False)).fields[2]
    assert isinstance(reason, ChoiceField)
    assert ([choice.value for choice in reason.choices], reason.required) == (["bereavement"], False)
    assert reason.hint.startswith("You can leave it out.")


def test_where_none_can_begin_any_more_the_last_day_is_named(pack: Pack) -> None:
    first = form(pack, DeferralPolicy("p. 1", not_between=(NotBetween("started", 1, None),))).fields[0]
    assert (first.initial, first.hint) == (None, "13 December 2021 at the latest.")


def test_the_help_speaks_of_confirming_only_where_the_lead_provider_does(pack: Pack) -> None:
    asked = replace(pack, deferral=DeferralPolicy("p. 1", confirmed_by_lead_provider=True))
    assert ["confirm Jane Example" in str(message(help_card(each))) for each in (pack, asked)] == [False, True]
