"""Whatever was typed or stored, a form fits into what Teams takes, and says what of it can't be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.teams_cards import MOST_BYTES, card_complaints, filled, size, words
from tests.flows.colleagues import Colleague
from tests.flows.conftest import DECLARED
from tests.flows.two_platforms import ADA, LEE, TEAM, TwoPlatforms

HEADER = "participant_id,full_name,course,cohort,delivery_partner,email,application_status,contract_returned_on,sponsorship_returned_on"
LONG = ["x" * 33_000, "é" * 16_000, "😀" * 9_000, '"\\' * 9_000, "2022-07-29 " * 3_000, "<&>" * 5_000, "a\n" * 10_000]
FORMS: dict[str, dict[str, str]] = {
    "extension": {"until": "2022-07-29", "reason": "workload"},
    "deferral": {"starts_on": "2022-06-16", "until": "2022-09-01", "reason": "parental-leave"},
    "contact": {"channel": "phone", "outcome": "reached", "on": "2022-06-15"},
    "return": {"on": "2022-06-16", "cohort": "1"},
    "removal": {"side": "delivery_partner", "decision": "approve"},
}


def sends_form(who: Colleague, form: str, values: dict[str, str], about: str = "p-001", **more: Any) -> Any:
    data = {"npq": f'{{"v":"npq.v1.{form}.submit","p":"{about}","o":2}}', **values, **more}
    action = {"type": "Action.Execute", "verb": "x", "data": data}
    answer = who.sends(who.invoke("adaptiveCard/action", {"action": action}, reply_to="1"))
    assert answer.status_code == 200, answer.text
    assert len(answer.content) <= MOST_BYTES, len(answer.content)
    return answer.json()["value"]


def in_dialog(who: Colleague, form: str, values: dict[str, str], **more: Any) -> Any:
    data = {"npq": f'{{"v":"npq.v1.{form}.submit","p":"p-001","o":2}}', **values, **more}
    value = {"commandId": "x", "commandContext": "message", "data": data}
    answer = who.sends(who.invoke("composeExtension/submitAction", value))
    assert len(answer.content) <= MOST_BYTES, len(answer.content)
    return answer.json()["task"]["value"]


@pytest.mark.parametrize("long", LONG, ids=lambda long: ascii(long[:3]))
@pytest.mark.parametrize("form", FORMS)
def test_a_long_value_is_answered_on_a_form_that_fits(both: TwoPlatforms, form: str, long: str) -> None:
    ada = both.colleague(LEE if form == "removal" else ADA)
    for field in FORMS[form]:
        shown = sends_form(ada, form, {**FORMS[form], field: long}, npq_on=long, npq_post=long)
        if not isinstance(shown, str):
            assert card_complaints(shown) == []
            assert "⚠" in words(shown)
        told = in_dialog(ada, form, {**FORMS[form], field: long}, npq_on=long)
        if not isinstance(told, str):
            assert card_complaints(told["card"]["content"], dialog=True) == []
    shown = sends_form(ada, form, dict.fromkeys(FORMS[form], long), **{f"f{n}": long for n in range(9)})
    assert isinstance(shown, str) or size(shown) <= 24_000


def test_what_was_typed_is_said_where_it_is_no_day_and_what_was_right_is_kept(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    shown = sends_form(
        colleague, "deferral", {"starts_on": "16/06/2022", "until": "31/02/2022", "reason": "career-break"}
    )
    assert "I can't read “31/02/2022” as a day." in words(shown)
    assert filled(shown) == {"starts_on": "2022-06-16", "reason": "career-break"}
    shown = sends_form(colleague, "extension", {"until": "29/07/2022", "reason": "x" * 9_000})
    assert f"“{'x' * 150}…” is not a reason I know" in words(shown)
    assert filled(shown) == {"until": "2022-07-29"}
    told = in_dialog(colleague, "extension", {"until": "29/07/2022", "reason": "x" * 9_000})
    assert filled(told["card"]["content"]) == {"until": "2022-07-29"}


@pytest.mark.parametrize("length", [900, 2_500, 9_000])
def test_a_stored_id_of_any_length_is_answered(both: TwoPlatforms, length: int) -> None:
    ada, whole = both.colleague(ADA), "p" + "1" * length
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr("core.imports.identifiers.LONGEST_ID", length + 1)  # as before there was a limit
        both.load(f"{HEADER}\n{whole},Long Id,NPQLTD,1,Northern Hub,,accepted,2021-11-20,2021-11-20\n")
    for word in ("status", "extend", "defer", "contact", "remove"):
        said = ada.says(f"{word} Long Id")
        assert size(said.card or {}) <= 24_000
        if length > 3_000 and word != "status":
            assert "too long for a form in the chat" in said.words


@pytest.mark.parametrize("letter", ["x", "é", "😀", '"', "&"])
def test_what_is_stored_at_length_fits_on_every_form(both: TwoPlatforms, letter: str) -> None:
    cell, partner = ("A" + letter * 9_000).replace('"', '""'), "Ü" * 9_000
    both.load(f'{HEADER}\np-900,"{cell}",NPQLTD,1,{partner},,accepted,2021-11-20,2021-11-20\n')
    both.link_in_teams("00000000-0000-0000-0000-00000000c0ff", "N" * 9_000, "administrator", None)
    both.teams.person("00000000-0000-0000-0000-00000000c0ff", "Long")
    for who in (both.colleague(ADA), both.colleague("00000000-0000-0000-0000-00000000c0ff")):
        for word in ("status", "extend", "defer", "contact", "remove", "resume"):
            assert size(who.says(f"{word} p-900").card or {}) <= 24_000
        for form, values in FORMS.items():
            shown = sends_form(who, form, values, about="p-900")
            assert isinstance(shown, str) or (card_complaints(shown) == [] and size(shown) <= 24_000)
            shown = sends_form(who, form, {}, about="p-900")
            assert isinstance(shown, str) or size(shown) <= 24_000


@pytest.mark.parametrize("letter", ["7", "é"])
def test_sixty_people_with_the_longest_ids_fit_on_every_card(both: TwoPlatforms, letter: str) -> None:
    ids = [f"q{n:04d}".ljust(255, letter) for n in range(60)]
    papers = "NPQLTD,1,Northern Hub,,accepted,2021-11-20,2021-11-20"
    rows = [f"{each},Al Bo{chr(65 + n // 26)}{chr(65 + n % 26)},{papers}" for n, each in enumerate(ids)]
    both.load(
        "\n".join([HEADER, *rows, ""]),
        "\n".join([DECLARED.splitlines()[0], *(f"{each},1,2021-12-20,2021-12-13,payable" for each in ids), ""]),
    )
    both.teams_posts_go_to(TEAM)
    both.tick()
    ada = both.colleague(ADA)
    for asked in ("at-risk", "reviews", "report", "outbox", "status Al"):
        ada.says(asked)
    for word in ("status", "extend", "defer", "contact", "remove", "resume"):
        ada.says(f"{word} {ids[7]}")
    for form, values in FORMS.items():
        for given in (values, {}):
            sends_form(both.colleague(LEE if form == "removal" else ADA), form, given, about=ids[9])
    posted = [call.body for what in ("post", "update") for call in both.teams.called(what)]
    assert len(posted) > 10
    assert max(len(json.dumps(each, ensure_ascii=False).encode()) for each in posted) <= 28_000
