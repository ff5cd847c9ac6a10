"""Questions: who is meant, where they stand, who is at risk, what is coming."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from core.database.database import open_database, reading
from core.database.tables import ActivityRow, DeclarationRow, MeetingRow, RegisterRow
from core.derived.finished_answers import View
from core.derived.installation import Installation
from core.records import participant_rows
from core.services import enquiries, finishing_answers
from core.services.acts import contact
from core.services.acts.recording import Deed
from core.services.everybody import sweep
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.acts import DO
from tests.loading import loading
from tests.records.made import enrolled, stored_person

TODAY = date(2022, 1, 10)  # a week after the window of the first review, 13 December 2021
ADA = Actor("Ada", "administrator", None, "slack", "U0ADA", 7)
SAM = Actor("Sam", "coordinator", "North Star", "slack", "U0SAM", 1)
SUE = Actor("Sue", "coordinator", "South Star", "slack", "U0SUE", 2)


def day(text: str) -> date:
    return date.fromisoformat(text)


def put(installation: Installation, *rows: Any) -> None:
    """Stores rows as an import does."""
    with loading(installation) as session:
        for row in rows:
            session.add(row)
            session.flush()


def person(participant_id: str, name: str, **more: Any) -> Any:
    return stored_person(participant_id, full_name=name, **more)


PEOPLE: dict[str, dict[str, str]] = {
    "p-1": {"name": "Jane Smith", "email": "jane.smith@example.org", "trn": "0012345"},
    "p-2": {"name": "Jane Doe", "email": "Jane.Doe@Example.org", "trn": "7654321"},
    "p-3": {"name": "Zoë O'Connor-Łukasz"},
    "p-4": {"name": "José  García"},
    "p-5": {"name": "Ann Li"},
    "p-6": {"name": "Anna Lindqvist"},
    "smith": {"name": "Omar Haddad"},
    "s-1": {"name": "Zoe Southern", "delivery_partner": "South Star", "email": "zoe@example.org", "trn": "1111111"},
}


@pytest.fixture
def small(sqlite_url: str, pack: Pack) -> Iterator[Installation]:
    """An empty installation on SQLite alone, where the kind of database makes no difference."""
    engine = open_database(sqlite_url)
    yield Installation(engine, pack)
    engine.dispose()


@pytest.fixture
def here(small: Installation) -> Installation:
    put(small, *(person(who, **more) for who, more in PEOPLE.items()))
    return small


def refusal(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value


# ---- who is meant

FOUND = [
    ("an id", "p-1", "p-1"),
    ("an id with spaces around it", "  p-1 ", "p-1"),
    ("an e-mail", "jane.smith@example.org", "p-1"),
    ("an e-mail in other letters", "JANE.DOE@example.ORG", "p-2"),
    ("a TRN", "0012345", "p-1"),
    ("a full name", "Jane Smith", "p-1"),
    ("a full name in other letters", "jANE sMITH", "p-1"),
    ("a surname", "doe", "p-2"),
    ("the beginnings of words", "ja sm", "p-1"),
    ("words the other way round", "Smith Jane", "p-1"),
    ("without its accents", "zoe o'connor-lukasz", "p-3"),
    ("without its accents, in part", "jose garc", "p-4"),
    ("with an accent that is not there", "Jané Smith", "p-1"),
    ("with the spaces of somebody in a hurry", "José     García", "p-4"),
    ("a whole name that begins another", "ann li", "p-5"),
    ("an id that is somebody's name", "smith", "smith"),
]


@pytest.mark.parametrize(("what", "who", "found"), FOUND, ids=[row[0].replace(" ", "-") for row in FOUND])
def test_one_participant_is_found_by(here: Installation, what: str, who: str, found: str) -> None:
    assert enquiries.identify(here, SAM, who) == found
    assert enquiries.status(here, SAM, who, as_of=TODAY)[0].standing.participant_id == found


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Ami\u200bna Khan\u200e", "Amina Khan"),
        ("Amina Khan", "Ami\u200bna Khan\u200e"),
        ("SiobhÃ¡n Oâ€™Brien", "Siobhan O'Brien"),
        ("SiobhÃ¡n Oâ€™Brien", "SiobhÃ¡n Oâ€™Brien"),
        ("Siobhán O’Brien", "SiobhÃ¡n Oâ€™Brien"),
    ],
)
def test_a_name_that_was_damaged_is_found_by_the_right_one(small: Installation, stored: str, typed: str) -> None:
    put(small, person("p-9", stored))
    assert enquiries.identify(small, SAM, typed) == "p-9"
    assert enquiries.identify(small, SAM, "p-9\u200b") == "p-9"


def test_finding_works_alike_on_each_database(installation: Installation) -> None:
    put(installation, *(person(who, **more) for who, more in PEOPLE.items()))
    assert [enquiries.identify(installation, SAM, who) for _, who, _ in FOUND] == [found for _, _, found in FOUND]


def test_several_are_listed_by_their_sorted_ids_and_nothing_is_guessed(here: Installation) -> None:
    refused = refusal(lambda: enquiries.identify(here, SAM, "jane"))
    assert (refused.code, refused.field, refused.matches) == ("ambiguous_participant", "who", ("p-1", "p-2"))
    assert refused.message == "2 participants fit “jane”; please use one of their ids: p-1, p-2."
    assert refusal(lambda: enquiries.status(here, SAM, "jane", as_of=TODAY)).matches == ("p-1", "p-2")


@pytest.mark.parametrize(
    "who",
    [
        "P-01",
        "p 1",
        "#p-1",
        "TRN 0012345",
        "12345",
        "00 12 345",
        "RP00/12345",
        "0012345.0",
        "mailto:jane.smith@example.org",
    ],
)
def test_an_id_or_trn_in_another_spelling_finds_the_one_it_means(here: Installation, who: str) -> None:
    assert enquiries.identify(here, SAM, who) == "p-1"
    assert enquiries.status(here, SAM, who, as_of=TODAY)[0].standing.participant_id == "p-1"


def test_the_exact_id_comes_before_one_that_is_nearly_it(here: Installation) -> None:
    put(here, person("P-1", "Somebody Else"))
    assert enquiries.identify(here, SAM, "p-1") == "p-1"
    assert enquiries.identify(here, SAM, "P-1") == "P-1"
    assert refusal(partial(enquiries.identify, here, SAM, "p1")).matches == ("P-1", "p-1")


def test_an_id_that_is_the_trn_of_another_is_listed_and_not_picked(here: Installation) -> None:
    put(here, person("7654321", "Somebody Else"))
    for ask in (enquiries.identify, partial(enquiries.status, as_of=TODAY)):  # also before names are at hand
        refused = refusal(partial(ask, Installation(here.engine, here.pack), SAM, "7654321"))
        assert (refused.code, refused.matches) == ("ambiguous_participant", ("7654321", "p-2"))
        assert refused.message == "2 participants fit “7654321”; please use one of their ids: id:7654321, p-2."
        assert ask(here, SAM, "id:p-1") is not None
    assert enquiries.identify(here, SAM, "ID: 7654321") == "7654321"
    assert refusal(partial(enquiries.identify, here, SAM, "id:jane")).code == "unknown_participant"


@pytest.mark.parametrize("stored", ["TBC", "N/A", "999999999"])
def test_what_stands_in_place_of_a_trn_finds_nobody(here: Installation, stored: str) -> None:
    put(here, person("p-9", "Somebody Else", trn=stored), person("p-8", "Another Else", trn=stored))
    assert refusal(partial(enquiries.identify, here, SAM, stored)).code == "unknown_participant"


def test_two_of_the_same_name_e_mail_or_trn_are_both_listed(here: Installation) -> None:
    put(here, person("p-9", "jane smith", email="JANE.smith@example.org", trn="0012345"))
    for who in ("Jane Smith", "jane.smith@example.org", "0012345"):
        assert refusal(partial(enquiries.identify, here, SAM, who)).matches == ("p-1", "p-9")


def test_very_many_are_counted_and_the_first_ten_named(small: Installation) -> None:
    put(small, *(person(f"p-{n:02d}", f"Jane Number{n}") for n in range(12)))
    refused = refusal(lambda: enquiries.identify(small, SAM, "jane"))
    assert refused.message == (
        "12 participants fit “jane”; please use one of their ids: "
        "p-00, p-01, p-02, p-03, p-04, p-05, p-06, p-07, p-08, p-09 and 2 more."
    )
    assert len(refused.matches) == 12


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("p-99", "I can't find a participant “p-99”."),
        ("Quentin Xylander", "I can't find a participant “Quentin Xylander”. Please check the spelling."),
        ("Jane Smiht", "I can't find a participant “Jane Smiht”. Did you mean Jane Smith"),
        ("", "I can't find a participant “”. Please check the spelling."),
        ("   ", "I can't find a participant “”. Please check the spelling."),
        ("*", "I can't find a participant “*”. Please check the spelling."),
        ("%", "I can't find a participant “%”. Please check the spelling."),
    ],
)
def test_nobody_fits(here: Installation, who: str, sentence: str) -> None:
    refused = refusal(lambda: enquiries.identify(here, SAM, who))
    assert (refused.code, refused.field, refused.matches) == ("unknown_participant", "who", ())
    assert refused.message.startswith(sentence)


# Somebody of South Star, as they are stored after North Star's coordinator first asked for them in vain.
UNSEEN: list[tuple[str, Mapping[str, Any], str]] = [
    ("by id", {"participant_id": "x-1"}, "x-1"),
    ("by e-mail", {"email": "quentin@example.org"}, "quentin@example.org"),
    ("by TRN", {"trn": "2222222"}, "2222222"),
    ("by name", {"full_name": "Quentin Xylander"}, "Quentin Xylander"),
    ("by part of a name", {"full_name": "Quentin Xylander"}, "quent"),
    ("by a name like a visible one", {"full_name": "Jane Smyth"}, "Jane Smyth"),
    ("by a name that begins a visible one", {"full_name": "Anna Lind"}, "Anna Lind"),
    ("by the name of a visible one", {"full_name": "Jane Smith"}, "Jane Smith"),
    ("by an id that begins a visible name", {"participant_id": "lindqvist"}, "lindqvist"),
    ("by the e-mail of a visible one", {"email": "jane.smith@example.org"}, "jane.smith@example.org"),
    ("by a first name that several have", {"full_name": "Jane"}, "jane"),
]


@pytest.mark.parametrize(("how", "stored", "who"), UNSEEN, ids=[row[0].replace(" ", "-") for row in UNSEEN])
def test_someone_unseen_reads_the_same_as_nobody_word_for_word(
    here: Installation, how: str, stored: Mapping[str, Any], who: str
) -> None:
    """CONTRACT: "Someone absent and someone whom the asker may not see read the same, word for word." """

    def told() -> tuple[object, ...]:
        suggested = [found.id for found in enquiries.suggest(here, SAM, who)]
        try:
            return (enquiries.identify(here, SAM, who), suggested)
        except Refusal as refused:
            return (refused.code, refused.message, refused.field, refused.matches, suggested)

    before = told()
    given = {"participant_id": "x-1", "full_name": "Somebody Else", "delivery_partner": "South Star", **stored}
    put(here, stored_person(given.pop("participant_id"), **given))
    assert told() == before


def test_an_id_of_someone_unseen_opens_no_case(here: Installation) -> None:
    unseen = refusal(lambda: enquiries.case(here, SAM, "s-1", as_of=TODAY))
    absent = refusal(lambda: enquiries.case(here, SAM, "s-9", as_of=TODAY))
    assert unseen.message == absent.message.replace("s-9", "s-1")
    assert (unseen.code, unseen.field) == (absent.code, absent.field) == ("unknown_participant", "who")
    assert enquiries.case(here, ADA, "s-1", as_of=TODAY).person.name == "Zoe Southern"


def test_names_for_ids_leave_out_the_unseen(here: Installation) -> None:
    ids = ["p-2", "s-1", "p-99", "p-1"]
    assert [found.id for found in enquiries.people_named(here, SAM, ids)] == ["p-2", "p-1"]
    assert [found.id for found in enquiries.people_named(here, ADA, ids)] == ["p-2", "s-1", "p-1"]


def test_half_typed_names_are_suggested_among_those_one_may_see(here: Installation) -> None:
    def names(actor: Actor, typed: str, limit: int = 10) -> list[str]:
        return [found.name for found in enquiries.suggest(here, actor, typed, limit)]

    assert names(SAM, "jan") == ["Jane Smith", "Jane Doe"]
    assert names(SAM, "jan", 1) == ["Jane Smith"]
    assert names(SAM, "zo") == ["Zoë O'Connor-Łukasz"]
    assert names(SUE, "zo") == ["Zoe Southern"]
    assert names(ADA, "zo") == ["Zoë O'Connor-Łukasz", "Zoe Southern"]
    assert "Jane Smith" in names(SAM, "Jane Smiht")


def test_who_was_imported_a_moment_ago_is_found(here: Installation) -> None:
    refusal(lambda: enquiries.identify(here, SAM, "Newly Come"))
    put(here, person("p-77", "Newly Come"))
    assert enquiries.identify(here, SAM, "newly come") == "p-77"


# ---- where they stand


def test_a_case_is_the_standing_with_what_was_decided_until_that_day(here: Installation) -> None:
    def contact_on(on: str) -> None:
        deed = Deed(day(on), datetime(2022, 1, 12, 9, tzinfo=UTC))
        contact.log_contact(here, SAM, "p-1", deed, channel="phone", outcome="no-answer")

    contact_on("2022-01-10")
    contact_on("2022-01-12")
    case = enquiries.case(here, SAM, "p-1", as_of=day("2022-01-11"))
    assert [(line.on, line.by, line.text) for line in case.history] == [
        (day("2022-01-10"), "Sam", "Contact tried by phone (no answer), logged")
    ]
    assert case.revision == 2, "what a later press is compared with"
    assert case.standing.outputs[0].unanswered_contacts == 1
    assert enquiries.case(here, SAM, "p-1", as_of=day("2022-01-12")).standing.outputs[0].unanswered_contacts == 2


def test_an_output_that_the_course_does_not_have(here: Installation) -> None:
    standing = enquiries.status(here, SAM, "p-1", as_of=TODAY)[0].standing
    assert [enquiries.output_of(standing, number).output for number in (1, 2, 3)] == [1, 2, 3]
    refused = refusal(lambda: enquiries.output_of(standing, 4))
    assert (refused.code, refused.field) == ("no_such_output", "output")
    assert refused.message == "NPQLTD has outputs 1 to 3; there is no output 4."


def test_an_answer_is_never_older_than_the_data(here: Installation) -> None:
    """Remembered standings go with the caseload's revision, also where another process writes."""
    assert enquiries.status(here, SAM, "p-1", as_of=TODAY)[0].standing.outputs[0].verdict == "unknown"
    other = Installation(here.engine, here.pack)
    put(other, did("p-1", "2021-12-01"))
    assert enquiries.status(here, SAM, "p-1", as_of=TODAY)[0].standing.outputs[0].verdict == "met"


# ---- who is at risk


def did(who: str, on: str) -> ActivityRow:
    return ActivityRow(
        enrolment_id=enrolled(who),
        block=1,
        component="Self-study",
        title="Diagnostic Assessment for Block 1",
        credits=2,
        completed_on=day(on),
    )


def declared(who: str, output: int, on: str = "2021-12-20") -> DeclarationRow:
    return DeclarationRow(enrolment_id=enrolled(who), output=output, declared_on=day(on), state="payable")


def decide(installation: Installation, act: str, who: str, on: str, *, actor: Actor = ADA, **values: Any) -> None:
    deed = Deed(day(on), datetime(2022, 1, 10, 9, tzinfo=UTC))
    DO[act](installation, actor, who, deed, **values)


@pytest.fixture
def troubled(installation: Installation) -> Installation:
    """On each database: one person in every stage that there can be on 10 January 2022, named by the stage."""
    put(
        installation,
        person("a-ready", "Ready Met"),
        person("b-declared", "Declared Early"),
        person("c-withdrawn", "Withdrawn", training_status="withdrawn"),
        person("d-deferred", "Deferred", training_status="deferred"),
        person("e-back", "Back Without Cohort", training_status="deferred"),
        person("f-ehco", "Not Defined", course="EHCO"),
        person("g-notdue", "Not Due", cohort="2"),
        person("h-contact", "Contact Zeta"),
        person("i-contact", "contact Álpha"),
        person("j-extended", "Extended"),
        person("k-review", "Removal Review"),
        person("l-pending", "Removal Pending"),
        person("m-south", "South Contact", delivery_partner="South Star"),
        person("n-lead", "Lead Contact", course="NPQH"),
        person("o-all", "All Declared"),
        did("a-ready", "2021-12-01"),
        declared("b-declared", 1),
        *(declared("o-all", number) for number in (1, 2, 3)),
    )
    decide(installation, "resume", "e-back", "2022-01-07")
    decide(installation, "extend", "j-extended", "2022-01-03", output=1, until=day("2022-01-28"), reason="workload")
    for on in ("2022-01-04", "2022-01-05", "2022-01-06"):
        decide(installation, "contact", "k-review", on, channel="phone", outcome="no-answer")
    decide(installation, "remove", "l-pending", "2022-01-07", side="delivery_partner", decision="approve")
    return installation


def test_who_is_at_risk_worst_first_then_by_review_date_then_by_name(troubled: Installation) -> None:
    found = enquiries.at_risk(troubled, ADA, as_of=TODAY)
    assert found.not_scheduled == 0
    assert [(row.standing.participant_id, row.output.output, row.output.stage) for row in found.people] == [
        ("l-pending", 1, "removal_pending"),
        ("k-review", 1, "removal_review"),
        ("i-contact", 1, "contact"),
        ("h-contact", 1, "contact"),
        ("n-lead", 1, "contact"),
        ("m-south", 1, "contact"),
        ("j-extended", 1, "extended"),
    ]


def test_at_risk_on_a_day_before_the_review(troubled: Installation) -> None:
    """On 9 February 2022, Cohort 2's first review (9 March) is four weeks off; the declared one's second is not."""
    found = enquiries.at_risk(troubled, SAM, as_of=day("2022-02-09")).people
    assert [(row.standing.participant_id, row.output.stage) for row in found][-1] == ("g-notdue", "pre_review")
    assert "b-declared" not in {row.standing.participant_id for row in found}


FILTERS: list[tuple[Mapping[str, Any], list[str]]] = [
    ({"partner": "South Star"}, ["m-south"]),
    ({"partner": "south star"}, ["m-south"]),
    ({"course": "NPQH"}, ["n-lead"]),
    ({"course": "npq-headship"}, ["n-lead"]),
    ({"cohort": "2"}, []),
    ({"cohort": "1", "course": "NPQLTD", "partner": "South Star"}, ["m-south"]),
    ({"course": "EHCO"}, []),
]


def test_at_risk_of_some(troubled: Installation) -> None:
    for asked, found in FILTERS:
        rows = enquiries.at_risk(troubled, ADA, as_of=TODAY, **asked).people
        assert [row.standing.participant_id for row in rows] == found, asked


def test_at_risk_of_another_output(troubled: Installation) -> None:
    """`--output N` looks at that output instead of the current one; the declared one's second is not yet due."""
    found = enquiries.at_risk(troubled, SAM, as_of=day("2022-06-24"), output=2).people
    stages = {row.standing.participant_id: row.output.stage for row in found}
    assert stages["b-declared"] == stages["h-contact"] == "window"
    assert all(row.output.output == 2 for row in found)
    assert enquiries.at_risk(troubled, SAM, as_of=TODAY, output=2).people == []


def test_at_risk_shows_nobody_of_another_partner(troubled: Installation) -> None:
    of_north = enquiries.at_risk(troubled, SAM, as_of=TODAY).people
    assert {row.standing.delivery_partner for row in of_north} == {"North Star"}
    assert [row.standing.participant_id for row in enquiries.at_risk(troubled, SUE, as_of=TODAY).people] == ["m-south"]


AT_RISK_REFUSED: list[tuple[Actor, Mapping[str, Any], str, str, str]] = [
    (
        ADA,
        {"partner": "East Star"},
        "unknown_partner",
        "partner",
        "There is no Delivery Partner “East Star”; there are: North Star, South Star.",
    ),
    (
        SAM,
        {"partner": "South Star"},
        "unknown_partner",
        "partner",
        "There is no Delivery Partner “South Star”; there are: North Star.",
    ),
    (
        ADA,
        {"course": "NPQXX"},
        "unknown_course",
        "course",
        "There is no course “NPQXX”; the courses are NPQLT, NPQLTD, NPQLBC, NPQLL, NPQSL, NPQH, NPQEYL, EHCO.",
    ),
    (ADA, {"cohort": "9"}, "unknown_cohort", "cohort", "There is no cohort 9; the cohorts are 1, 2, 3, 4."),
]


@pytest.mark.parametrize(("actor", "asked", "code", "field", "sentence"), AT_RISK_REFUSED)
def test_what_at_risk_is_refused_for(
    here: Installation, actor: Actor, asked: Mapping[str, Any], code: str, field: str, sentence: str
) -> None:
    refused = refusal(lambda: enquiries.at_risk(here, actor, as_of=TODAY, **asked))
    assert (refused.code, refused.field, refused.message) == (code, field, sentence)


def test_at_risk_of_nobody(small: Installation) -> None:
    assert enquiries.at_risk(small, ADA, as_of=TODAY) == enquiries.AtRiskList([], not_scheduled=0, undated_people=0)


# ---- what is coming


def test_reviews_whose_dates_are_not_all_past_by_review_date(troubled: Installation) -> None:
    put(troubled, MeetingRow(delivery_partner="North Star", meeting_on=day("2022-02-01")))
    put(troubled, MeetingRow(delivery_partner="North Star", meeting_on=day("2022-01-01")))
    found = enquiries.reviews(troubled, SAM, as_of=TODAY).coming
    told = [(r.course_group, r.cohort, r.output, r.review_date.isoformat(), r.people, r.met) for r in found]
    assert told == [
        ("leadership", "1", 1, "2021-12-13", 1, 0),
        ("specialist", "1", 1, "2021-12-13", 8, 3),  # one is on deferral, one is back from it without a cohort
        ("specialist", "2", 1, "2022-03-09", 1, 0),
        ("leadership", "1", 2, "2022-06-23", 1, 0),
        ("specialist", "1", 2, "2022-06-23", 8, 1),
        ("specialist", "2", 2, "2022-09-23", 1, 0),
        ("leadership", "1", 3, "2022-11-24", 1, 0),
        ("specialist", "1", 3, "2023-02-24", 8, 1),
        ("specialist", "2", 3, "2023-05-24", 1, 0),
        ("leadership", "1", 4, "2023-08-24", 1, 0),
    ]
    first = found[1]
    assert (first.window_ends, first.invoice_date, first.payment_date, first.meeting_on) == (
        day("2022-01-03"),
        day("2022-01-10"),
        day("2022-02-09"),
        day("2022-02-01"),
    )
    assert (first.computed, first.cut_off, first.whose) == (False, None, ()), (
        "the pack gives its review dates themselves"
    )
    assert first.title == "Teacher Validated and Training Commenced"


def test_a_review_stays_until_its_payment_date(troubled: Installation) -> None:
    for on, first in [("2022-02-09", "2021-12-13"), ("2022-02-10", "2022-03-09")]:
        assert enquiries.reviews(troubled, SAM, as_of=day(on)).coming[0].review_date == day(first)


def test_reviews_of_one_partner_only(troubled: Installation) -> None:
    of_all = enquiries.reviews(troubled, ADA, as_of=TODAY).coming
    assert {r.delivery_partner for r in of_all} == {"North Star", "South Star"}
    of_south = enquiries.reviews(troubled, ADA, as_of=TODAY, partner="south star")
    assert {(r.delivery_partner, r.people) for r in of_south.coming} == {("South Star", 1)}
    assert {r.delivery_partner for r in enquiries.reviews(troubled, SUE, as_of=TODAY).coming} == {"South Star"}
    refused = refusal(lambda: enquiries.reviews(troubled, SUE, as_of=TODAY, partner="North Star"))
    assert refused.code == "unknown_partner"


def test_the_report_for_a_partnership_meeting(troubled: Installation) -> None:
    """R45: how each output under way stands, counted as its posts and reviews count it, and everybody at one place."""
    report = enquiries.engagement_report(troubled, ADA, as_of=TODAY)
    assert list(report) == ["North Star", "South Star"]
    north = report["North Star"]
    rows = {
        (row.course_group, row.cohort, row.output): (row.at_now, row.tally.people, row.tally.evidenced)
        for row in north.rows
    }
    assert rows == {
        ("ehco", "1", 1): (1, 1, 0),
        ("leadership", "1", 1): (1, 1, 0),
        ("specialist", "1", 1): (8, 8, 3),
        ("specialist", "1", 2): (1, 8, 1),
        ("specialist", "2", 1): (1, 1, 0),
    }
    assert sum(row.at_now for row in north.rows) + north.through + north.withdrawn == north.people
    [first] = [row for row in north.rows if (row.course_group, row.cohort, row.output) == ("specialist", "1", 1)]
    assert (first.tally.declared, first.tally.awaiting, first.tally.waiting) == (2, 1, 0)
    assert first.tally.at_it == {"contact": 2, "extended": 1, "removal_pending": 1, "removal_review": 1}
    assert first.tally.not_counted == {"deferred": 1, "rescheduling_needed": 1, "withdrawn": 1}
    assert [(key, count) for key, _, count in first.by_criterion] == [("self_study", 1)]
    assert (first.extended, first.unanswered) == (1, 1)
    [of_south] = report["South Star"].rows
    assert (of_south.tally.people, of_south.tally.evidenced, of_south.tally.at_it) == (1, 0, {"contact": 1})


def test_the_report_of_one_partner_only(troubled: Installation) -> None:
    assert list(enquiries.engagement_report(troubled, SUE, as_of=TODAY)) == ["South Star"]
    assert list(enquiries.engagement_report(troubled, ADA, as_of=TODAY, partner="NORTH star")) == ["North Star"]
    refused = refusal(lambda: enquiries.engagement_report(troubled, SUE, as_of=TODAY, partner="North Star"))
    assert refused.code == "unknown_partner"


def test_the_report_is_evidence_for_at_risk(here: Installation) -> None:
    """An absence on the register is a row: attendance is then known to be missing."""
    put(
        here,
        RegisterRow(
            event_id="e-1",
            enrolment_id=enrolled("p-1"),
            event_type="f2f",
            event_date=day("2021-12-02"),
            status="absent",
        ),
    )
    output = enquiries.status(here, SAM, "p-2", as_of=TODAY)[0].standing.outputs[0]
    assert {c.criterion: c.verdict for c in output.criteria}["attendance"] == "not_met"


# ---- a pack that lacks somebody's course


def test_of_whom_the_pack_does_not_know_nothing_is_said(here: Installation) -> None:
    """They are named with what to do about it; everybody else is answered about as before."""
    put(here, person("x-1", "Ola Nord", course="NPQX"), person("x-2", "Ole Nord", cohort="99"))
    deed = Deed(TODAY, datetime(2022, 1, 10, 9, tzinfo=UTC))
    for who, why in (
        ("x-1", "Ola Nord is on NPQX in cohort 1, which"),
        ("x-2", "Ole Nord is on NPQLTD in cohort 99, which"),
    ):
        for ask in (
            lambda who=who: enquiries.status(here, ADA, who, as_of=TODAY),
            lambda who=who: enquiries.case(here, ADA, who, as_of=TODAY),
            lambda who=who: contact.log_contact(here, ADA, who, deed, channel="phone", outcome="reached"),
        ):
            refused = refusal(ask)
            assert refused.code == "not_in_pack"
            assert refused.message.startswith(why)
            assert "npq doctor" in refused.message
    others = set(PEOPLE)
    assert {row.standing.participant_id for row in enquiries.at_risk(here, ADA, as_of=TODAY).people} <= others
    coming = enquiries.reviews(here, ADA, as_of=TODAY).coming
    assert sum(review.people for review in coming if review.output == 1) == len(others)
    assert enquiries.engagement_report(here, ADA, as_of=TODAY)
    assert {one.participant_id for one in sweep(here, TODAY)} == others
    view = View("slack", TODAY, "administrator")
    with reading(here.engine) as session:
        lacking = finishing_answers.lacking(here, session, (view,), TODAY)
        assert set(lacking) == set(participant_rows.enrolments_of(session, others).values())
