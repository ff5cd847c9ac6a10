"""The private answers: what one reads at a glance, what one may press, and always what Slack takes."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.conversation import entry, forms
from bot.conversation.acts import CONTACT, DEFER, EXTEND, REMOVE, RETURN, FormRequest, act_of
from bot.conversation.cards.card import Actions, Card, Choice, ChoiceField, Form, PersonRow
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.help_cards import (
    OLD_CONTROL,
    at_risk_example,
    help_card,
    not_understood_card,
    refusal_card,
    unknown_words_card,
)
from bot.conversation.cards.list_cards import WhoMeant, asked_for_somebody_card, at_risk_card, people_card, reviews_card
from bot.conversation.cards.plain_text import plain_text
from bot.conversation.cards.report_card import report_cards
from bot.conversation.cards.status_card import status_card
from bot.conversation.grammar import NotUnderstood, TypedCommand, parse
from bot.conversation.list_filters import Narrowed, narrow
from bot.conversation.offered_acts import buttons_for, useless
from bot.conversation.requests import (
    Choices,
    Command,
    Done,
    FieldErrors,
    Lookup,
    OpenForm,
    OpenPanel,
    Origin,
    Press,
    Private,
    Submit,
)
from bot.conversation.verbs import STATUS, UNKNOWN, Call, decode_action
from bot.slack import render
from core.database.database import open_database
from core.derived.installation import Installation
from core.records.participant_rows import PersonName
from core.rules.calendar import in_words
from core.rules.engagement_counts import engagement_report
from core.rules.facts import DeclarationReport, EngagementReport, Extension
from core.rules.output_tally import Tally
from core.rules.results import OutputStanding
from core.services import imports
from core.services.acts import contact, deferral, extension, removal
from core.services.enquiries import AtRisk, AtRiskList, Case, HistoryLine, Review, Reviews
from core.services.refusals import Refusal
from core.services.staff.actors import ROLES, Actor, Role
from reference.loading import load_pack
from reference.pack import Pack
from tests.conftest import GUIDANCE
from tests.conversation.made import PARTNER, attended, caseload, person
from tests.conversation.stages import (
    REASONS,
    STAGES,
    Situation,
    buttons_of,
    case_of,
    everybodys_roles,
    in_every_stage,
    looked_at,
    other_situations,
    said,
)
from tests.fakes.slack_blocks import message_complaints, options_complaints, texts_of, view_complaints

SITUATIONS = (
    *STAGES,
    "nothing was ever imported",
    "the credit total is TBC",
    "an earlier output comes first",
    "three extensions have lapsed",
    "two missing papers",
    "an application that was never accepted",
    "completion, all done but moderation",
    "every output declared",
)
SHOUTING = "<!channel> & <b>Bob</b> *x* _y_ `z` :tada: @here"
HISTORY = tuple(
    HistoryLine("contact", date(2021, 12, 20), f"Sam {SHOUTING}", f"Contact tried by phone (no answer {n}), logged") for n in range(30)
)  # fmt: skip
ADMIN = Actor("Ada", "administrator")
TODAY = date(2022, 1, 5)


@pytest.fixture(scope="module")
def situations(pack: Pack) -> dict[str, Any]:
    found = in_every_stage(pack) | other_situations(pack)
    assert set(found) == set(SITUATIONS)
    return found


def readable(blocks: Sequence[Mapping[str, Any]]) -> str:
    return html.unescape("\n".join(texts_of(list(blocks)))).replace("\u200b", "")


def told(card: Card) -> str:
    """The card as a message that Slack takes, as people read it, without its styles."""
    message = render.message(card)
    assert message_complaints(message) == []
    assert all(shout not in text for text in texts_of(message["blocks"]) for shout in ("<!", "<@", "<b>"))
    return readable(message["blocks"])


def panelled(card: Card) -> str:
    """The same in a dialog."""
    view = render.panel(card)
    assert view_complaints(view) == []
    return readable(view["blocks"])


def filled(form: Form) -> dict[str, Any]:
    """The form as a modal that Slack takes."""
    view = render.view(form)
    assert view_complaints(view) == []
    return view


def form_for(
    pack: Pack, actor: Actor, verb: str, case: Case, output: OutputStanding, today: date, notice: str = ""
) -> Form:
    act = act_of(verb)
    assert act is not None
    return forms.form_for(act, FormRequest(pack, actor, case, output, today), notice)


# --- the made-up people ----------------------------------------------------------------------------------------------


def test_there_is_somebody_in_every_stage_of_the_rulebook(pack: Pack, situations: Mapping[str, Any]) -> None:
    assert len(STAGES) == 15
    assert {name: looked_at(pack, situations[name])[1].stage for name in STAGES} == dict(
        zip(STAGES, STAGES, strict=True)
    )


# --- status ----------------------------------------------------------------------------------------------------------

# What one reads of each stage without pressing anything. A "|" parts words that must all be there.
AT_A_GLANCE = {
    "withdrawn": "Withdrawn from the course",
    "declared": "Declared on 20 December 2021",
    "not_defined": "No criteria or dates yet|Details regarding evidencing engagement for Early Headship Coaching Offer",
    "deferred": "On deferral|agreed return: 1 April 2022",
    "rescheduling_needed": "cohort to rejoin needed|Agree which cohort they rejoin",
    "ready": "Met on 1 December 2021|waiting for the declaration",
    "not_scheduled": "Not met yet|no review date yet",
    "removal_pending": "Not met yet|removal proposed|the other side has yet to decide",
    "refer_to_lead_provider": "Not met yet|nothing new is left to do|ask Education Development Trust",
    "not_due": "Not met yet|not due yet|13 December 2021 (in 42 days)",
    "pre_review": "Not met yet|review coming up|13 December 2021 (in 7 days)|3 January 2022",
    "extended": "Not met yet|extended to 14 January 2022|14 January 2022 (in 9 days)",
    "window": "Not met yet|in the window until 3 January 2022|13 December 2021 (7 days ago)",
    "removal_review": "Not met yet|removal may be considered|jointly with Education Development Trust",
    "contact": "Not met yet|past the deadline: please get in touch|offer support (a deferral included)",
    "nothing was ever imported": "Can't tell yet|13 December 2021",
    "the credit total is TBC": "Can't tell yet (credit total TBC)|3 (total to be confirmed)",
    "an earlier output comes first": "Not met yet|Output 1 comes first",
    "three extensions have lapsed": "removal may be considered|Extensions\n3",
    "two missing papers": "not back: signed school contract and signed sponsorship agreement",
    "an application that was never accepted": "The application needs to be accepted",
    "completion, all done but moderation": "Nothing for the participant to do: Education Development Trust",
    "every output declared": "Declared",
}


def test_every_situation_has_its_line_in_the_table() -> None:
    assert set(AT_A_GLANCE) == set(SITUATIONS)


@pytest.mark.parametrize("name", SITUATIONS)
def test_status_says_at_a_glance_where_somebody_stands(pack: Pack, situations: Mapping[str, Any], name: str) -> None:
    situation = situations[name]
    _, output = looked_at(pack, situation)
    words = told(status_card(pack, ADMIN, case_of(pack, situation), output)).replace("*", "")
    assert situation.who.name in words
    assert f"Output {output.output}" in words
    for part in AT_A_GLANCE[name].split("|"):
        assert part in words
    if output.review_date is not None:
        assert in_words(output.review_date) in words


@pytest.mark.parametrize("name", SITUATIONS)
def test_status_says_all_that_is_still_needed(pack: Pack, situations: Mapping[str, Any], name: str) -> None:
    situation = situations[name]
    _, output = looked_at(pack, situation)
    card = status_card(pack, ADMIN, case_of(pack, situation), output)
    for step in output.next_steps:
        opening, _, ways = step.partition(": ")
        wanted = ways.rstrip(".").split("; ") if opening == "Any one of these is enough" else [step]
        assert [part for part in wanted if part not in told(card)] == []
    for warning in output.warnings:
        assert warning in told(card)
    assert ("What is still needed" in told(card)) == bool(output.next_steps)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_notification_of_a_status_says_name_verdict_and_review_date(
    pack: Pack, situations: Mapping[str, Any], name: str
) -> None:
    _, output = looked_at(pack, situations[name])
    text = plain_text(status_card(pack, ADMIN, case_of(pack, situations[name]), output))
    assert situations[name].who.name in text
    if output.review_date is not None:
        assert in_words(output.review_date) in text
    assert len(text) <= 3900


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_other_outputs_are_on_the_status_in_a_line_each(
    pack: Pack, situations: Mapping[str, Any], name: str
) -> None:
    whole, output = looked_at(pack, situations[name])
    words = told(status_card(pack, ADMIN, case_of(pack, situations[name]), output))
    for other in whole.outputs:
        assert f"Output {other.output}" in words


@pytest.mark.parametrize("name", STAGES)
def test_a_sign_never_stands_without_its_words(pack: Pack, situations: Mapping[str, Any], name: str) -> None:
    _, output = looked_at(pack, situations[name])
    card = status_card(pack, ADMIN, case_of(pack, situations[name]), output)
    for line in said(card).splitlines():
        if line[:1] in "✔○?–":
            assert len(line) > 5, line


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_percentage_is_floored_and_never_ninety_too_early(
    pack: Pack, situations: Mapping[str, Any], name: str
) -> None:
    _, output = looked_at(pack, situations[name])
    words = told(status_card(pack, ADMIN, case_of(pack, situations[name]), output))
    if output.credits.percent is not None and output.credits.earned is not None:
        assert f"{output.credits.earned} of {output.credits.total} ({output.credits.percent}%)" in words


def test_names_of_every_kind_are_shown_and_shout_at_nobody(pack: Pack, situations: Mapping[str, Any]) -> None:
    situation = replace(situations["contact"], who=replace(situations["contact"].who, name=SHOUTING))
    case = case_of(pack, situation, HISTORY, school=SHOUTING, facilitator=SHOUTING)
    _, output = looked_at(pack, situation)
    assert SHOUTING in told(status_card(pack, ADMIN, case, output))
    assert SHOUTING in panelled(details_card(pack, case))
    for verb in FORMS:
        view = filled(form_for(pack, ADMIN, verb, case, output, situation.on, notice=SHOUTING))
        assert SHOUTING in readable(view["blocks"])
        assert "<!" not in "".join(texts_of(view["blocks"]))


# --- what may be pressed ---------------------------------------------------------------------------------------------

# The buttons of a status card: a row for each stage, by role. Details is for everybody.
MAY_DECIDE = "Extend, Defer, Log contact, Details"
BUTTONS = [
    # stage, viewer, facilitator, coordinator and lead provider and administrator
    ("withdrawn", "Details", "Details", "Details"),
    ("every output declared", "Details", "Details", "Details"),
    ("declared", "Details", "Log contact, Details", "Defer, Log contact, Details"),
    ("not_defined", "Details", "Log contact, Details", "Defer, Log contact, Details"),
    ("deferred", "Details", "Log contact, Details", "Record return, Log contact, Details"),
    ("rescheduling_needed", "Details", "Log contact, Details", "Record return, Log contact, Details"),
    ("ready", "Details", "Log contact, Details", "Defer, Log contact, Details"),
    ("removal_pending", "Details", "Log contact, Details", "Extend, Defer, Log contact, Removal, Details"),
    ("removal_review", "Details", "Log contact, Details", "Extend, Defer, Log contact, Removal, Details"),
    ("refer_to_lead_provider", "Details", "Log contact, Details", MAY_DECIDE),
    ("not_scheduled", "Details", "Log contact, Details", "Defer, Log contact, Details"),  # no deadline to extend
    ("not_due", "Details", "Log contact, Details", "Defer, Log contact, Details"),  # too early to extend
    ("pre_review", "Details", "Log contact, Details", MAY_DECIDE),
    ("extended", "Details", "Log contact, Details", MAY_DECIDE),
    ("window", "Details", "Log contact, Details", MAY_DECIDE),
    ("contact", "Details", "Log contact, Details", MAY_DECIDE),
]
ROLES_BY_COLUMN = {0: ("viewer",), 1: ("facilitator",), 2: ("coordinator", "lead_provider", "administrator")}


@pytest.mark.parametrize("row", BUTTONS, ids=[row[0] for row in BUTTONS])
def test_the_buttons_follow_the_role(pack: Pack, situations: Mapping[str, Any], row: tuple[str, str, str, str]) -> None:
    situation = situations[row[0]]
    whole, output = looked_at(pack, situation)
    actors = everybodys_roles()
    assert set(actors) == set(ROLES) == set(get_args(Role))
    for column, roles in ROLES_BY_COLUMN.items():
        for role in roles:
            buttons = buttons_for(pack, actors[role], whole, output, 3)
            assert ", ".join(button.label for button in buttons) == row[column + 1], role
            for button in buttons:
                assert button.call.participant == situation.who.id
                assert button.call.output == output.output
                assert button.call.revision == 3
                assert situation.who.name in button.spoken, "a screen reader must hear whom it is about"
            card = status_card(pack, actors[role], case_of(pack, situation), output)
            assert [b.label for b in buttons_of(*card.elements)] == [b.label for b in buttons]
            told(card)


def test_every_stage_stands_in_the_table_of_buttons() -> None:
    assert set(STAGES) <= {row[0] for row in BUTTONS}


@pytest.mark.parametrize("stage", STAGES)
def test_every_button_on_a_status_leads_somewhere(pack: Pack, situations: Mapping[str, Any], stage: str) -> None:
    """What is offered is not refused at once: each opening verb has its form for this person."""
    situation = situations[stage]
    _, output = looked_at(pack, situation)
    case = case_of(pack, situation)
    for button in buttons_for(pack, ADMIN, case.standing, output, 3):
        if button.call.verb in FORMS:
            act = act_of(button.call.verb)
            assert act is not None
            assert useless(pack, act, case.standing, output.output) is None, button.label


# --- details ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITUATIONS)
def test_details_give_every_criterion_with_its_reason_and_rule(
    pack: Pack, situations: Mapping[str, Any], name: str
) -> None:
    whole, _ = looked_at(pack, situations[name])
    words = panelled(details_card(pack, case_of(pack, situations[name], HISTORY[:3])))
    assert situations[name].who.name in words
    assert situations[name].who.id in words
    for output in whole.outputs:
        assert f"Output {output.output}" in words
        for criterion in output.criteria:
            assert criterion.reason in words
            assert criterion.rule in words
    assert whole.pack in words, "every verdict can say which pack it rests on"
    assert "no answer 2" in words


BOTH_SAY = {
    "declaration_reports": (
        DeclarationReport(date(2021, 11, 1), date(2021, 11, 30), 35, None, 35),
        DeclarationReport(date(2021, 12, 1), date(2021, 12, 31), 0, None, 36),
    ),
    "engagement_reports": tuple(EngagementReport(on, Decimal("14"), 30) for on in (date(2021, 11, 30), date(2021, 12, 31))),
    "application_status": None,
    "register": (attended(date(2021, 12, 1)),),
    "extensions": tuple(
        Extension(output, date(2022, 1, 10 + n), "workload", date(2022, 1, 1)) for output in (1, 2) for n in range(2)
    ),
}  # fmt: skip


def test_what_is_to_be_checked_of_the_data_is_said_once_and_what_is_of_an_output_at_each(pack: Pack) -> None:
    situation = Situation(person(1, **BOTH_SAY), date(2022, 3, 10), 2)
    whole, output = looked_at(pack, situation)
    assert [len(each.data_warnings) for each in whole.outputs] == [2, 3, 2], "JSON has them of each output"
    details = panelled(details_card(pack, case_of(pack, situation)))
    assert details.count("The application status is blank") == 1
    assert details.count("the Engagement report says 30") == 2, "by 30 November and by 31 December"
    assert details.count("2 extensions have been granted for this output.") == 2
    status = told(status_card(pack, ADMIN, case_of(pack, situation), output)).replace("*", "")
    assert status.index("What is still needed") < status.index("Please check") < status.index("Output 1 (")
    for warning in output.warnings:
        assert status.count(warning) == 1


def test_a_status_without_warnings_asks_to_check_nothing(pack: Pack) -> None:
    situation = Situation(person(1), date(2021, 12, 6))
    _, output = looked_at(pack, situation)
    assert "Please check" not in told(status_card(pack, ADMIN, case_of(pack, situation), output))


def test_every_output_of_somebody_withdrawn_says_so(pack: Pack) -> None:
    situation = Situation(person(1, training_status="withdrawn"), date(2022, 3, 10))
    _, output = looked_at(pack, situation)
    words = told(status_card(pack, ADMIN, case_of(pack, situation), output))
    assert words.count("Withdrawn from the course") == 3
    assert "comes first" not in words
    assert "23 June 2022" not in words, "nothing of theirs is reviewed any more"


def test_details_tell_the_reason_of_what_was_recorded_and_of_nothing_else(
    pack: Pack, situations: Mapping[str, Any]
) -> None:
    """Privately, to whoever may see the participant: the only place where a reason is told."""
    for name in SITUATIONS:
        words = panelled(details_card(pack, case_of(pack, situations[name]))).casefold()
        assert [reason for reason in REASONS if reason in words] == []
    told_why = (HistoryLine("deferral", date(2021, 12, 20), "Sam", "Deferred from 1 January 2022", "parental-leave"),)
    words = panelled(details_card(pack, case_of(pack, situations["contact"], told_why)))
    assert "Deferred from 1 January 2022 (parental leave) by Sam" in words


def test_a_long_history_shows_the_newest_and_counts_the_rest(pack: Pack, situations: Mapping[str, Any]) -> None:
    words = panelled(details_card(pack, case_of(pack, situations["contact"], HISTORY)))
    assert "no answer 29" in words
    assert "no answer 9" not in words
    assert "And 10 earlier ones" in words


# --- forms -----------------------------------------------------------------------------------------------------------

FORMS = {
    EXTEND.opens: ["New deadline", "Reason"],
    DEFER.opens: ["First day of the deferral", "Agreed return", "Reason (DfE's categories)"],
    CONTACT.opens: ["How", "Outcome", "When"],
    RETURN.opens: ["Back since", "Cohort to rejoin"],
    REMOVE.opens: ["On behalf of", "Decision"],
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("verb", FORMS)
def test_every_form_is_one_that_slack_takes_and_says_whom_it_is_about(
    pack: Pack, situations: Mapping[str, Any], name: str, verb: str
) -> None:
    situation = situations[name]
    _, output = looked_at(pack, situation)
    case = case_of(pack, situation, HISTORY[:2])
    for notice in ("", "Something was recorded in the meantime."):
        view = filled(form_for(pack, ADMIN, verb, case, output, situation.on, notice))
        words = readable(view["blocks"])
        assert situation.who.name in words
        assert notice in words
        labels = [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]
        assert labels == [label for label in FORMS[verb] if label != "Cohort to rejoin" or label in labels]
        assert situation.who.name not in view["private_metadata"]
        if output.review_date is not None:
            assert in_words(output.review_date) in words


@pytest.mark.parametrize("stage", STAGES)
def test_the_extension_form_proposes_the_earliest_day_that_is_allowed(
    pack: Pack, situations: Mapping[str, Any], stage: str
) -> None:
    situation = situations[stage]
    _, output = looked_at(pack, situation)
    form = form_for(pack, ADMIN, EXTEND.opens, case_of(pack, situation), output, situation.on)
    proposed = form.fields[0].initial
    assert isinstance(proposed, date)
    assert proposed > situation.on
    assert output.deadline is None or proposed > output.deadline


def choices(form: Form, name: str) -> tuple[str, ...]:
    (field,) = [each for each in form.fields if each.name == name]
    assert isinstance(field, ChoiceField)
    return tuple(choice.value for choice in field.choices)


def test_forms_offer_exactly_what_the_rules_know(pack: Pack, situations: Mapping[str, Any]) -> None:
    situation = situations["contact"]
    _, output = looked_at(pack, situation)
    case = case_of(pack, situation)

    def form(verb: str) -> Form:
        return form_for(pack, ADMIN, verb, case, output, situation.on)

    assert choices(form(EXTEND.opens), "reason") == extension.REASONS
    assert choices(form(DEFER.opens), "reason") == deferral.REASONS
    assert choices(form(CONTACT.opens), "channel") == contact.CHANNELS
    assert set(choices(form(CONTACT.opens), "outcome")) == set(contact.OUTCOMES)
    assert choices(form(REMOVE.opens), "decision") == removal.VOTES
    assert choices(form(RETURN.opens), "cohort") == tuple(
        cohort.key for cohort in pack.cohorts.values() if "NPQLTD" in cohort.courses
    )


def test_a_course_is_offered_only_the_cohorts_that_have_it(pack: Pack) -> None:
    """R49: NPQLL and NPQEYL begin with cohort 3."""
    situation = replace(
        in_every_stage(pack)["deferred"], who=person(1, course="NPQLL", cohort="3"), on=date(2023, 1, 9)
    )
    _, output = looked_at(pack, situation)
    form = form_for(pack, ADMIN, RETURN.opens, case_of(pack, situation), output, situation.on)
    assert choices(form, "cohort") == ("3", "4")


@pytest.mark.parametrize(
    ("role", "sides"),
    [
        ("coordinator", ("delivery_partner",)),
        ("lead_provider", ("lead_provider",)),
        ("administrator", ("delivery_partner", "lead_provider")),
    ],
)
def test_one_decides_on_removal_for_ones_own_side_only(
    pack: Pack, situations: Mapping[str, Any], role: str, sides: tuple[str, ...]
) -> None:
    situation = situations["removal_pending"]
    _, output = looked_at(pack, situation)
    form = form_for(pack, everybodys_roles()[role], REMOVE.opens, case_of(pack, situation), output, situation.on)
    assert choices(form, "side") == sides
    words = readable(filled(form)["blocks"])
    assert "10 January 2022" in words
    assert "approved by the Delivery Partner" in words
    assert "until both sides approve" in words


def test_the_deferral_form_says_beforehand_when_dfe_will_refuse(pack: Pack, situations: Mapping[str, Any]) -> None:
    """R41: while nothing has been declared, with the way out; afterwards it is not said."""
    for stage, refused in (("contact", True), ("declared", False)):
        _, output = looked_at(pack, situations[stage])
        form = form_for(pack, ADMIN, DEFER.opens, case_of(pack, situations[stage]), output, situations[stage].on)
        words = readable(filled(form)["blocks"])
        assert ("DfE will refuse" in words) == refused
        assert ("later cohort" in words) == refused


# --- lists -----------------------------------------------------------------------------------------------------------


def at_risk(pack: Pack, count: int) -> AtRiskList:
    situations = list(in_every_stage(pack).values())
    found = []
    for number in range(count):
        whole, output = looked_at(pack, situations[number % len(situations)])
        named = replace(whole, participant_id=f"q-{number:03d}", name=f"Person {number:03d} {SHOUTING}")
        found.append(AtRisk(named, output))
    return AtRiskList(found, 0)


@pytest.mark.parametrize("count", [1, 2, 45, 300])
def test_at_risk_names_everybody_once_over_its_pages(pack: Pack, count: int) -> None:
    found, seen, number = at_risk(pack, count), list[str](), 1
    while True:
        card = at_risk_card(pack, ADMIN, found, {"course": "NPQLTD", "partner": SHOUTING}, number, TODAY)
        words = told(card)
        rows = [element for element in card.elements if isinstance(element, PersonRow)]
        seen += [row.participant_id for row in rows]
        assert all(row.name in words for row in rows)
        assert f"page {number} of {-(-count // 10)}" in words
        assert f"{count} {'person' if count == 1 else 'people'}" in words
        turning = [b for element in card.elements if isinstance(element, Actions) for b in element.buttons]
        forward = next((b.call for b in turning if "Next" in b.label), None)
        if forward is None:
            break
        assert forward.page == number + 1
        assert forward.filters == {"course": "NPQLTD", "partner": SHOUTING}
        number += 1
    assert seen == [f"q-{n:03d}" for n in range(count)]


@pytest.mark.parametrize("role", ROLES)
def test_each_row_of_at_risk_has_a_menu_that_follows_the_role(pack: Pack, role: str) -> None:
    actor = everybodys_roles()[role]
    card = at_risk_card(pack, actor, at_risk(pack, 10), {}, 1, TODAY)
    message = render.message(card)
    assert message_complaints(message) == []
    for row in card.elements:
        if isinstance(row, PersonRow):
            labels = [button.label for button in row.buttons]
            assert labels[0] == "Status"
            assert labels[-1] == "Details"
            assert ("Extend" in labels) <= (role not in ("viewer", "facilitator"))
            assert ("Log contact" in labels) <= (role != "viewer")
    menus = [b["accessory"] for b in message["blocks"] if b.get("accessory", {}).get("type") == "overflow"]
    assert len(menus) == 10
    for menu in menus:
        for option in menu["options"]:
            assert decode_action(menu["action_id"], option["value"]).participant


def test_nobody_at_risk_is_said_kindly_and_with_what_was_asked_for(pack: Pack) -> None:
    words = told(at_risk_card(pack, ADMIN, AtRiskList([], 0), {"course": "npqsl", "cohort": "2"}, 1, TODAY))
    assert "Nobody" in words
    assert "NPQSL, cohort 2" in words


def review(number: int, name: str) -> Review:
    day = date(2022, 6, 23)
    return Review(
        name, "specialist", "1", 2, "Retention Point", day, date(2022, 7, 14), None, date(2022, 7, 23), date(2022, 8, 23),
        Tally(47, 0, 0, 73 + number, {}, {}), date(2022, 6, 8) if number % 2 else None, False, (),
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 8, 9, 60])
def test_reviews_give_every_date_over_their_pages(pack: Pack, count: int) -> None:
    found = Reviews([review(n, f"Hub {n:03d} {SHOUTING}") for n in range(count)], 0)
    pages = -(-count // 8)
    words = "\n".join(told(reviews_card(pack, found, {}, number, TODAY)) for number in range(1, pages + 1))
    for n in range(count):
        assert words.count(f"Hub {n:03d}") == 1
    for day in ("23 June 2022", "14 July 2022", "23 July 2022", "23 August 2022"):
        assert day in words
    assert ("8 June 2022" in words) == (count > 1)
    assert "47 of 120" in words.replace("*", "")


def test_no_reviews_are_said_kindly(pack: Pack) -> None:
    assert "No review" in told(reviews_card(pack, Reviews([], 0), {}, None, TODAY))


@pytest.mark.parametrize("partners", [0, 1, 12, 200])
def test_the_report_is_in_messages_that_slack_takes(pack: Pack, situations: Mapping[str, Any], partners: int) -> None:
    rows = engagement_report(pack.cohorts, [looked_at(pack, situation)[0] for situation in situations.values()])
    cards = report_cards(pack, {f"Hub {n:03d} {SHOUTING}": rows for n in range(partners)}, TODAY)
    assert 1 <= len(cards) <= 5, "an answer in Slack has five messages"
    words = "\n".join(told(card) for card in cards)
    assert "5 January 2022" in words
    if partners in (1, 12):
        assert all(f"Hub {n:03d}" in words for n in range(partners))
        assert "evidenced" in words
    if partners == 200:
        assert "There is more" in words


def names(count: int) -> list[PersonName]:
    return [
        PersonName(f"q-{n:03d}", f"Jane {n:03d} {SHOUTING}", None, None, PARTNER, "NPQSL", "2", SHOUTING, None)
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [2, 10, 11, 300])
def test_several_who_fit_are_listed_and_nothing_is_guessed(pack: Pack, count: int) -> None:
    people = names(count)
    taken = {person.id: [person.course] for person in people}
    card = people_card(pack, people, taken, f"jane {SHOUTING * 10}", WhoMeant("status", STATUS, "Status", 2))
    words = told(card)
    assert f"{count} people fit" in words
    rows = [element for element in card.elements if isinstance(element, PersonRow)]
    assert len(rows) == min(count, 10)
    assert ("first 10" in words) == (count > 10)
    assert all(row.buttons[0].call == Call(STATUS, row.participant_id, 2) for row in rows)
    assert "external_select" in json.dumps(render.message(card)), "whoever is not listed can be found by typing"


# --- help, what was not understood, refusals -------------------------------------------------------------------------


def test_help_names_every_word_with_an_example(pack: Pack) -> None:
    words = told(help_card(pack))
    for word in ("help", "status", "at-risk", "reviews", "extend", "defer", "contact", "report", "resume", "remove"):
        assert f"/npq {word}" in words
    assert "only by you" in words


@pytest.mark.parametrize(("name", "course", "cohort"), [("npq", "NPQLT", "2026b"), (GUIDANCE, "NPQLT", "4")])
def test_the_example_of_a_list_is_of_the_pack_in_use(name: str, course: str, cohort: str) -> None:
    """So that it can be typed as it stands: a course of the pack, its newest cohort."""
    used = load_pack(name)
    assert f"/npq at-risk {course} cohort {cohort}: everybody" in told(help_card(used)).replace("*", "")
    found = parse(used, at_risk_example(used))
    assert isinstance(found, TypedCommand)
    narrowed = narrow(used, found.narrowed_by, [])
    assert narrowed == Narrowed({"course": course, "cohort": cohort})
    unknown = told(unknown_words_card(used, "at-risk", Narrowed({}, "xyzzy"), [], "")).replace("*", "")
    assert f"as in /npq at-risk {course} cohort {cohort}." in unknown


@pytest.mark.parametrize("word", ["status", "extend", "defer", "contact", "resume", "remove"])
def test_a_word_without_a_name_asks_for_one(word: str) -> None:
    assert f"/npq {word} Jane Example" in told(asked_for_somebody_card(word, STATUS))


@pytest.mark.parametrize(
    "typed", ["statsu jane", "xyzzy", SHOUTING, "x" * 5000, "statsu " + "x" * 5000, "statsu <!channel> & *x*", "\ud83d"]
)
def test_what_was_not_understood_is_said_back_safely(pack: Pack, typed: str) -> None:
    found = parse(pack, typed)
    assert isinstance(found, NotUnderstood)
    card = not_understood_card(found)
    words = told(card)
    assert "I don't know" in words
    buttons = list(buttons_of(*card.elements))
    if buttons:
        assert found.suggestion is not None
        assert found.suggestion in words.replace("*", "") or "*" in found.suggestion
        assert buttons[0].call.words == found.suggestion
        assert len(buttons) == 2
    else:
        assert "/npq help" in words.replace("*", "")


@pytest.mark.parametrize(
    "refusal",
    [
        OLD_CONTROL,
        Refusal("unknown_participant", f"I can't find a participant “{SHOUTING}”. Please check the spelling."),
        Refusal("not_permitted", "Your role here (viewer) cannot agree extensions."),
        Refusal("something_new", "x" * 9000),
        Refusal("not_linked", SHOUTING * 200),
        Refusal("not_linked", "I don't know you yet.", advice="npq staff add" + SHOUTING * 200),
    ],
    ids=lambda refusal: refusal.code,
)
def test_a_refusal_is_one_clear_card(refusal: Refusal) -> None:
    card = refusal_card(refusal)
    assert refusal.message[:200] in told(card)
    assert refusal.message[:200] in plain_text(card)


# --- the entry: who is answered what ----------------------------------------------------------------------------------

PEOPLE = f"""participant_id,full_name,course,cohort,delivery_partner,email
p-001,Jane Smith,NPQLTD,1,{PARTNER},jane.smith@example.org
p-002,Jane Doe,NPQLTD,1,{PARTNER},
p-100,Zoe Southern,NPQLTD,1,Southern Hub,
"""
NOW = datetime(2021, 12, 6, 9, 0, tzinfo=UTC)
COMMANDS = (
    "", "help", "status jane smith", "status jane", "status nobody", "status", "status p-001 output 2",
    "status p-001 output 9", "at-risk", "at risk NPQLTD 1", "at-risk NPQXX", "at-risk cohort 9", "at-risk No Such Hub",
    "reviews", "report", "extend jane smith", "defer jane smith", "contact jane smith", "resume jane smith",
    "remove jane smith", "extend jane", "statsu jane", "xyzzy", "<!channel>", "x" * 5000, "status " + "é" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pack: Pack) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "npq.db").write_bytes(sqlite_template.read_bytes())
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    engine = open_database(f"sqlite:///{folder}/npq.db")
    installation = Installation(engine, pack)
    assert imports.import_files(installation, ADMIN, [folder / "people.csv"], now=NOW).written
    yield installation
    engine.dispose()


def origin(actor: Actor) -> Origin:
    return Origin("slack", "U0", "C0TEAM", "", actor)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("typed", COMMANDS, ids=[command[:24] or "nothing" for command in COMMANDS])
def test_whatever_is_typed_is_answered_to_the_asker_alone(installation: Installation, role: str, typed: str) -> None:
    """A command never has a public answer, whoever asks and whatever for; a channel gets reminder posts only."""
    reply = entry.answer(installation, Command(origin(everybodys_roles()[role]), typed), now=NOW)
    if isinstance(reply, OpenForm):
        filled(reply.form)
        assert role not in ("viewer",)
        return
    assert isinstance(reply, Private)
    assert 1 <= len(reply.cards) <= 5
    for card in reply.cards:
        told(card)
        if "Zoe" in said(card):
            assert role == "administrator"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("word", "allowed"), [
    ("extend", "coordinator lead_provider administrator"),
    ("defer", "coordinator lead_provider administrator"),
    ("contact", "facilitator coordinator lead_provider administrator"),
    ("remove", "coordinator lead_provider administrator"),
])  # fmt: skip
def test_a_form_opens_only_for_whoever_may_send_it(
    installation: Installation, role: str, word: str, allowed: str
) -> None:
    reply = entry.answer(installation, Command(origin(everybodys_roles()[role]), f"{word} p-001"), now=NOW)
    if role in allowed.split():
        assert isinstance(reply, OpenForm)
    else:
        assert isinstance(reply, Private)
        assert f"Your role here ({role.replace('_', ' ')}) cannot" in told(reply.cards[0])


def test_somebody_absent_and_somebody_whom_one_may_not_see_read_the_same(installation: Installation) -> None:
    sam = origin(everybodys_roles()["coordinator"])

    def answer(who: str) -> str:
        reply = entry.answer(installation, Command(sam, f"status {who}"), now=NOW)
        assert isinstance(reply, Private)
        return told(reply.cards[0]).replace(who, "WHO")

    assert answer("p-100") == answer("p-999")
    assert answer("Zoe Southern") == answer("Zoe Sauthern")
    pressed = [
        entry.answer(installation, Press(sam, Call(verb, who, 1, 0)), now=NOW)
        for verb in (STATUS, EXTEND.opens)
        for who in ("p-100", "p-999")
    ]
    words = [told(reply.cards[0]) for reply in pressed if isinstance(reply, Private)]
    assert len(words) == 4
    assert {re.sub("p-[0-9]+", "WHO", each) for each in words} == {re.sub("p-[0-9]+", "WHO", words[0])}


@pytest.mark.parametrize(
    "call",
    [
        Call(UNKNOWN),
        Call(STATUS),
        Call(EXTEND.sends, "p-001", 1),
        Call("npq.v1.menu", "p-001"),
        Call("npq.v1.people.find"),
    ],
    ids=lambda call: f"{call.verb or 'unknown'} {call.participant or ''}",
)
def test_an_old_button_is_answered_clearly(installation: Installation, call: Call) -> None:
    reply = entry.answer(installation, Press(origin(ADMIN), call), now=NOW)
    assert isinstance(reply, Private)
    assert "earlier version of the bot" in told(reply.cards[0])


@pytest.mark.parametrize("call", [Call(UNKNOWN), Call(EXTEND.sends), Call(EXTEND.opens, "p-001", 1)])
def test_an_old_form_is_answered_clearly(installation: Installation, call: Call) -> None:
    reply = entry.answer(installation, Submit(origin(ADMIN), call, {}), now=NOW)
    assert isinstance(reply, Private)
    assert "earlier version of the bot" in told(reply.cards[0])


REFUSED_VALUES = [
    # what is filled in, on which field the complaint stands, and a word of it
    ({}, {"until": "choose a day", "reason": "choose one"}),
    ({"until": "", "reason": None}, {"until": "choose a day", "reason": "choose one"}),
    ({"until": "soon", "reason": "workload"}, {"until": "a day such as"}),
    ({"until": "2021-02-30", "reason": "workload"}, {"until": "a day such as"}),
    ({"until": "2021-12-31", "reason": "workload"}, {"until": "later than 3 January 2022"}),
    ({"until": "2022-01-14", "reason": "boredom"}, {"reason": "workload"}),
]


@pytest.mark.parametrize(("values", "errors"), REFUSED_VALUES)
def test_a_refused_value_comes_back_on_its_own_field(
    installation: Installation, values: dict[str, str | None], errors: dict[str, str]
) -> None:
    reply = entry.answer(installation, Submit(origin(ADMIN), Call(EXTEND.sends, "p-001", 1, 0), values), now=NOW)
    assert isinstance(reply, FieldErrors)
    assert set(reply.errors) == set(errors)
    for field, word in errors.items():
        assert word in reply.errors[field]


def test_a_recorded_decision_is_confirmed_and_a_late_press_is_told(installation: Installation) -> None:
    sam, ada = origin(everybodys_roles()["coordinator"]), origin(ADMIN)
    values = {"until": "2022-01-14", "reason": "workload"}
    done = entry.answer(installation, Submit(sam, Call(EXTEND.sends, "p-002", 1, 0), values), now=NOW)
    assert isinstance(done, Done)
    assert done.participant_id == "p-002"
    assert "14 January 2022" in told(done.card)
    assert "workload" not in told(done.card).casefold()

    late = entry.answer(installation, Press(ada, Call(EXTEND.opens, "p-002", 1, 0)), now=NOW)
    assert isinstance(late, OpenForm)
    words = readable(filled(late.form)["blocks"])
    assert "extended to 14 January 2022 by Sam coordinator" in words.replace("*", "")

    crossed = entry.answer(
        installation, Submit(ada, Call(EXTEND.sends, "p-002", 1, 0), {**values, "until": "2022-02-01"}), now=NOW
    )
    assert isinstance(crossed, OpenForm), "the second of two is shown what the first did"
    assert "Sam coordinator" in readable(filled(crossed.form)["blocks"])


def test_details_open_as_a_panel(installation: Installation) -> None:
    reply = entry.answer(installation, Press(origin(ADMIN), Call("npq.v1.details.open", "p-001", 1, 0)), now=NOW)
    assert isinstance(reply, OpenPanel)
    assert "Jane Smith" in panelled(reply.card)


def test_type_ahead_offers_only_those_whom_one_may_see(installation: Installation) -> None:
    everyone = entry.answer(installation, Lookup(origin(ADMIN), "z"), now=NOW)
    own = entry.answer(installation, Lookup(origin(everybodys_roles()["viewer"]), "z"), now=NOW)
    assert isinstance(everyone, Choices)
    assert [option.label for option in everyone.options] == ["Zoe Southern · NPQLTD, cohort 1"]
    assert own == Choices(())
    stranger = entry.answer(installation, Lookup(Origin("slack", "U0STRANGER"), "jane"), now=NOW)
    assert stranger == Choices(())


def test_options_fit_slack_whatever_people_are_called() -> None:
    labels = [SHOUTING * 5, "<!channel>", " ", "محمد"]
    found = [Choice(f"{number:0150d}", labels[number % len(labels)]) for number in range(140)]
    assert options_complaints({"options": render.options(found)}) == []


def test_a_stranger_is_told_what_to_ask_for_and_nothing_else(installation: Installation) -> None:
    for typed in ("status jane", "at-risk", "report", "help"):
        reply = entry.answer(installation, Command(Origin("slack", "U0STRANGER"), typed), now=NOW)
        assert isinstance(reply, Private)
        words = told(reply.cards[0])
        assert "U0STRANGER" in words
        assert "npq staff add" in words
        assert "Jane" not in words


def test_the_caseloads_people_are_all_drawn_in_a_list(pack: Pack) -> None:
    """Names as they come: other scripts, markup, length."""
    found = []
    for number, who in enumerate(caseload(18)):
        whole, output = looked_at(pack, replace(in_every_stage(pack)["window"], who=who))
        found.append(AtRisk(replace(whole, participant_id=f"c-{number}"), output))
    words = "\n".join(told(at_risk_card(pack, ADMIN, AtRiskList(found, 0), {}, page, TODAY)) for page in (1, 2))
    assert all(who.name in words for who in caseload(18))
