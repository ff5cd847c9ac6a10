"""Button, form and service say the same of what may be done: on made-up days of made-up lives, and in plain words."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import entry
from bot.conversation.acts import CONTACT, DEFER, EXTEND, REMOVE, RETURN
from bot.conversation.cards.card import ChoiceField, DateField, Form
from bot.conversation.forms import MEANT
from bot.conversation.offered_acts import buttons_for
from bot.conversation.requests import Done, OpenForm, Origin, Press, Private, Submit
from bot.conversation.verbs import STATUS, Call
from core.database.database import open_database
from core.derived.installation import Installation
from core.rules.standing import standing
from core.services.acts import deferral, extension, removal, resumption
from core.services.acts.recording import Deed
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.conversation.stages import buttons_of
from tests.histories import HISTORIES, PEOPLE, live_through
from tests.rules.lives import ANY_DAY, PACKS, Life

ADA = Origin("slack", "U0ADA", "C0TEAM", "", Actor("Ada", "administrator", None, "slack", "U0ADA", None))
VERBS = (EXTEND.opens, DEFER.opens, CONTACT.opens, RETURN.opens, REMOVE.opens)
LABELS = {
    "Extend": EXTEND.opens,
    "Defer": DEFER.opens,
    "Log contact": CONTACT.opens,
    "Record return": RETURN.opens,
    "Removal": REMOVE.opens,
}
STEPS = 20  # presses in one history


class Day:
    """Somebody who decides about these people on one day."""

    def __init__(self, installation: Installation, on: date, chance: random.Random) -> None:
        self.installation, self.on, self.chance = installation, on, chance
        self.now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)

    def offered(self, who: str, output: int) -> set[str]:
        """The opening verbs on the card of an output."""
        reply = entry.answer(self.installation, Press(ADA, Call(STATUS, who, output)), now=self.now)
        assert isinstance(reply, Private)
        return {LABELS[b.label] for card in reply.cards for b in buttons_of(*card.elements) if b.label in LABELS}

    def presses(self, verb: str, who: str, output: int) -> Form | str:
        """The form that opens, or what is said in its place."""
        reply = entry.answer(self.installation, Press(ADA, Call(verb, who, output)), now=self.now)
        if isinstance(reply, OpenForm):
            return reply.form
        assert isinstance(reply, Private)
        return reply.cards[0].summary

    def sends(self, form: Form) -> bool:
        """Fills the form in with values that can be meant, and sends it; whether they were accepted."""
        ways = [{"side": side, "decision": d} for side in removal.SIDES for d in removal.VOTES]
        tries: list[dict[str, str]] = ways if any(each.name == "side" for each in form.fields) else [{}]
        filled = self.filled(form)
        return any(
            isinstance(entry.answer(self.installation, Submit(ADA, form.call, {**filled, **more}), now=self.now), Done)
            for more in tries
        )

    def filled(self, form: Form) -> dict[str, str | None]:
        """Dates as the form proposes them, any of the choices; where a field may be left empty, it sometimes is."""
        found: dict[str, str | None] = {}
        for each in form.fields:
            if isinstance(each, DateField):
                day = (each.initial or self.on + timedelta(days=60)).isoformat()
                found |= {each.name: day, each.name + MEANT: day}
            elif isinstance(each, ChoiceField) and (each.required or self.chance.random() < 0.5):
                found[each.name] = self.chance.choice(each.choices).value
        return found

    def refusals(self, verb: str, who: str, output: int) -> list[str]:
        """What the service says to many values, of each of which it must refuse all."""
        deed, actor = Deed(self.on, self.now), ADA.actor
        assert actor is not None
        said = []
        for ahead in (1, 30, 400, 2000):
            later = self.on + timedelta(days=ahead)
            acts: dict[str, tuple[Callable[..., object], dict[str, Any]]] = {
                EXTEND.opens: (extension.extend, {"output": output, "until": later, "reason": "other"}),
                DEFER.opens: (deferral.defer, {"starts_on": self.on, "until": later, "reason": "other"}),
                RETURN.opens: (resumption.resume, {"cohort": str(ahead % 4) if ahead % 4 else None}),
                REMOVE.opens: (removal.remove, {"side": "delivery_partner", "decision": "approve"}),
            }
            act, values = acts[verb]
            with pytest.raises(Refusal) as refused:
                act(self.installation, actor, who, deed, **values)
            said.append(refused.value.message)
        if verb == REMOVE.opens:
            with pytest.raises(Refusal):
                removal.remove(self.installation, actor, who, deed, side="lead_provider", decision="reject")
        return said


@pytest.mark.parametrize("seed", range(HISTORIES // 2))
def test_card_form_and_service_agree(seed: int, sqlite_url: str, pack: Pack, tmp_path: Path) -> None:
    """Whatever is offered opens and, with a right value, is accepted; what opens no form the service refuses in its words."""
    installation = Installation(open_database(sqlite_url), pack)
    live_through(installation, tmp_path, seed, steps=10)
    chance = random.Random(seed)
    on = date(2021, 10, 1)
    for _ in range(STEPS):
        on += timedelta(days=chance.randrange(40))
        who, output = f"p-{chance.randrange(PEOPLE)}", 1 + chance.randrange(2)
        day = Day(installation, on, chance)
        offered, opened = day.offered(who, output), {}
        for verb in VERBS:
            answer = day.presses(verb, who, output)
            if isinstance(answer, Form):
                opened[verb] = answer
                continue
            assert verb not in offered, answer
            for said in day.refusals(verb, who, output):
                assert answer.split(" Last recorded: ")[0] == said
        assert offered <= opened.keys()
        if opened:
            verb, form = chance.choice(sorted(opened.items(), key=lambda one: one[0]))
            assert day.sends(form), (seed, on, who, output, verb)
    installation.engine.dispose()


@settings(deadline=None)
@given(st.sampled_from(sorted(PACKS)), st.integers(0, 100_000), ANY_DAY)
def test_a_button_is_offered_exactly_where_its_act_would_not_be_refused(which: str, seed: int, later: int) -> None:
    """In the words of the rulebook, for whoever has something left to be decided about."""
    pack = PACKS[which]
    life = Life(pack, seed)
    on = life.starts + timedelta(days=later)
    whole = standing(pack, life.person(), on)
    actor = ADA.actor
    assert actor is not None
    for output in whole.outputs:
        found = {button.label for button in buttons_for(pack, actor, whole, output, 0)} - {"Details"}
        if whole.training_status == "withdrawn" or whole.current is None:
            assert found == set()
            continue
        away = whole.training_status == "deferred" or whole.rescheduling_needed
        at_stake = output.verdict in ("not_met", "unknown") and not output.declared and output.review_date is not None
        from_then = timedelta(days=pack.settings.extension_earliest_before)
        in_time = at_stake and on >= output.review_date - from_then  # type: ignore[operator]
        to_remove = whole.current.verdict != "met" or whole.removal_proposed_on is not None
        wanted: Mapping[str, bool] = {
            "Extend": in_time and not away,
            "Record return": away,
            "Defer": not away,
            "Log contact": True,
            "Removal": output.stage in ("removal_review", "removal_pending") and to_remove,
        }
        assert found == {label for label, holds in wanted.items() if holds}
