"""From a reminder post or a status to a recorded decision, in Slack and in Teams: buttons, forms, what is refused, posts redrawn."""

from __future__ import annotations

import re

import pytest

from core.services import enquiries
from tests.flows.conftest import CONSOLE, many
from tests.flows.two_platforms import TEAM, Anybody, Sight, There, TwoPlatforms

ALSO_OLD = pytest.mark.parametrize("there", ["slack", "teams", "old teams"], indirect=True)


@pytest.fixture
def sam(there: There) -> Anybody:
    """The coordinator of Northern Hub."""
    return there.person()


@pytest.fixture
def post(posted: TwoPlatforms, there: There) -> Sight:
    """The reminder of 16 June about the specialists' review on the 23rd, as it stands in the team's channel on each platform."""
    return there.posts("Jane Smith")[0]


def decided(there: There, who: str = "p-001") -> list[str]:
    today = there.house.now.date()
    return [line.text for line in enquiries.case(there.house.installation, CONSOLE, who, as_of=today).history]


def extends(who: Anybody, post: Sight, until: str = "2022-07-29") -> Sight:
    """Jane Smith's deadline, from the post."""
    form = who.chooses(post, "Extend", "Jane Smith")
    done: Sight = who.fills(form, "Extend", new=until, reason="Workload")
    return done


def test_the_post_names_who_is_meant_says_the_true_date_and_that_it_is_a_rehearsal(there: There, post: Sight) -> None:
    for said in ("23 June 2022", "Jane Smith", "Jane Doe", "Rehearsal"):
        assert said in post.words
    assert any("Ann <!channel> & Co" in each.words for each in there.posts())
    assert "Zoe" not in post.words


@ALSO_OLD
def test_extend_from_the_post_is_seen_on_both_platforms(there: There, sam: Anybody, post: Sight) -> None:
    form = sam.chooses(post, "Extend", "Jane Smith")
    assert "Jane Smith" in form.words
    assert there.posts("Jane Smith")[0].words == post.words, "the form is for whoever pressed"

    refused = sam.fills(form, "Extend", new="2022-06-20", reason="Workload")
    assert "later" in " ".join(refused.wrong)
    assert decided(there) == []

    done = sam.fills(refused, "Extend", new="2022-07-29")
    assert "29 July 2022" in done.words
    assert len(decided(there)) == 1
    for platform in (there, there.other):
        assert platform.wait_until(lambda on=platform: "29 July 2022" in on.posts("Jane Smith")[0].words)  # type: ignore[misc]
        assert len(platform.posts("Jane Smith")) == 1, "redrawn in place, not posted again"
        assert "workload" not in platform.posts("Jane Smith")[0].words.casefold(), "the reason is not for the channel"


def test_an_old_button_says_who_extended_already(there: There, sam: Anybody, post: Sight) -> None:
    extends(sam, post)
    told = there.person("Ada").chooses(post, "Extend", "Jane Smith").words.replace("*", "")
    assert "extended to 29 July 2022 by Sam Coordinator" in told


def test_two_who_decide_at_once_the_second_is_shown_what_the_first_did(there: There, sam: Anybody, post: Sight) -> None:
    ada = there.person("Ada")
    sams, adas = (each.chooses(post, "Extend", "Jane Smith") for each in (sam, ada))
    sam.fills(sams, "Extend", new="2022-07-29", reason="Workload")
    told = ada.fills(adas, "Extend", new="2022-08-05", reason="Other")
    assert "29 July 2022" in told.words
    assert "Sam Coordinator" in told.words
    assert len(decided(there)) == 1
    assert "5 August 2022" in ada.fills(told, "Extend", new="2022-08-05", reason="Other").words
    assert len(decided(there)) == 2


def test_contact_and_deferral_from_the_post(there: There, sam: Anybody, post: Sight) -> None:
    form = sam.chooses(post, "Log contact", "Jane Doe")
    assert "Jane Doe" in sam.fills(form, "Log contact", how="Phone", outcome="No answer").words
    assert len(decided(there, "p-002")) == 1
    for label, values in (
        ("Log contact", {"how": "Phone", "outcome": "No answer"}),
        ("Defer", {"first": "2022-06-16", "agreed": "2023-01-09", "reason": "Parental leave"}),
    ):
        said = sam.fills(sam.chooses(post, label, "Jane Smith"), label, **values).words
        assert "Jane Smith" in said
    assert "9 January 2023" in said
    assert len(decided(there)) == 2


def test_details_come_privately_and_the_post_stays(there: There, sam: Anybody, post: Sight) -> None:
    told = sam.chooses(post, "Details", "Jane Smith")
    assert "Jane Smith" in told.words
    assert "Rests on policy pack" in told.words
    assert [each.words for each in there.posts("Jane Smith")] == [post.words]


@ALSO_OLD
def test_the_whole_life_of_somebody_from_the_status(there: There, sam: Anybody) -> None:
    def does(label: str, button: str, **values: str) -> str:
        form = sam.chooses(sam.asks("status jane smith"), label)
        said: str = sam.fills(form, button, **values).words
        return said

    assert "29 July 2022" in does("Extend", "Extend", new="2022-07-29", reason="Workload")
    assert "29 July 2022" in sam.asks("status p-001").words
    does("Log contact", "Log contact", how="E-mail", outcome="Reached them")
    does("Defer", "Defer", first="2022-06-16", agreed="2023-01-09", reason="Parental leave")
    assert "Record return" in sam.asks("status jane smith").buttons
    assert "Jane Smith" in does("Record return", "Record", cohort="Cohort 2 (February 2022)")
    assert len(decided(there)) == 4


def test_removal_takes_both_sides(there: There) -> None:
    """Three contacts went unanswered after the window had closed: removal can be proposed."""
    late = there.at("2022-08-01T09:30:00+01:00")
    sam, lee = late.person(), late.person("Lee")
    for day in ("2022-07-27", "2022-07-28", "2022-07-29"):
        form = sam.chooses(sam.asks("status p-001"), "Log contact")
        sam.fills(form, "Log contact", how="Phone", outcome="No answer", when=day)
    form = sam.chooses(sam.asks("status p-001"), "Removal")
    sam.fills(form, "Decide", decision="Approve removal")
    assert len(decided(late)) == 4
    form = lee.chooses(lee.asks("status p-001"), "Removal")
    assert "Proposed on 1 August 2022, approved by the Delivery Partner" in form.words.replace("*", "")
    assert "Jane Smith" in lee.fills(form, "Decide", decision="Approve removal").words
    assert len(decided(late)) == 5
    assert "withdrawn" in sam.asks("status p-001").words.casefold()


def test_a_viewer_and_a_stranger_who_press_are_told_privately(there: There, post: Sight) -> None:
    before = [each.words for each in there.posts()]
    assert "viewer" in there.person("Vera").chooses(post, "Extend", "Jane Smith").words
    told = there.person("a stranger").chooses(post, "Extend", "Jane Smith").words
    assert "npq staff add" in told
    assert there.id_of("a stranger") in told
    assert there.house.slack.opened == []
    assert [each.words for each in there.posts()] == before, "nothing was said in the channel"


def test_a_role_taken_away_while_the_form_was_open_counts(there: There, sam: Anybody, post: Sight) -> None:
    form = sam.chooses(post, "Extend", "Jane Smith")
    there.link("Sam", "viewer")
    assert "viewer" in sam.fills(form, "Extend", new="2022-07-29", reason="Workload").words
    assert decided(there) == []


def test_a_decision_counts_also_when_the_post_cannot_be_redrawn_just_now(
    there: There, sam: Anybody, post: Sight
) -> None:
    """It is redrawn by the next pass when it could not be at once; the other platform's is at once."""
    if there.platform == "slack":
        there.house.slack.trouble("chat.update", "error", "ratelimited")
    else:
        there.house.teams.trouble("update", "status", 502)
    assert "29 July 2022" in extends(sam, post).words
    assert len(decided(there)) == 1
    assert there.other.wait_until(lambda: "29 July 2022" in there.other.posts("Jane Smith")[0].words)


def test_a_longer_caseload_than_one_post_takes_loses_nobody(there: There, sam: Anybody) -> None:
    count = {"slack": 100, "teams": 32}[there.platform]
    last = f"Person {count - 1:03d} Longname-Longersurname"
    there.house.load(*many(count))
    there.house.posts_go_to("C0TEAM") if there.platform == "slack" else there.house.teams_posts_go_to(TEAM)
    there.house.tick()
    pages = there.posts("Person ")
    assert {int(n) for page in pages for n in re.findall(r"Person (\d{3}) ", page.words)} == set(range(count))
    assert len(pages) > 1
    assert all(" of " in page.words for page in pages)
    page = next(page for page in pages if last in page.words)
    assert last in sam.chooses(page, "Extend", last).words


def test_a_contact_that_the_same_person_sends_again_was_recorded_already(there: There, sam: Anybody) -> None:
    first, second, third = (sam.chooses(sam.asks("status jane smith"), "Log contact") for _ in range(3))
    assert "Recorded" in sam.fills(first, "Log contact", how="Phone", outcome="No answer").title
    again = sam.fills(second, "Log contact", how="Phone", outcome="No answer").words.replace("*", "")
    assert "That was recorded already. Jane Smith: Contact tried by phone" in again
    assert "in the meantime" not in again
    assert len(decided(there)) == 1
    another = sam.fills(third, "Log contact", how="Phone", outcome="Reached them")
    assert "in the meantime" in another.words
