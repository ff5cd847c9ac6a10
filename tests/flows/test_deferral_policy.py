"""Where a pack limits deferrals and the lead provider confirms them: what a form offers, who may confirm, and what the post says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.people import Seen
from tests.flows.two_platforms import There, TwoPlatforms, plain
from tests.reference.made import SHIPPED, add, copy_of

POLICY = """
[deferral]
reasons = ["bereavement", "parental-leave"]
longest_months = 12
last_return_months = 24
into = "next"
confirmed_by_lead_provider = true
source = "handbook p. 12"

[[deferral.not_between]]
declaration = "retained-1"
first_day = -7
last_day = 0
"""  # a week before the review of 23 June 2022: the rehearsal's today, the 16th, is the first of these days


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guidance's pack with a policy."""
    pack = copy_of(SHIPPED, tmp_path_factory.mktemp("strict"))
    add(pack, "pack.toml", POLICY)
    return pack


def under(there: There, pack: Path) -> There:
    """The same house by another pack."""
    house = there.house
    settings = house.settings.model_copy(update={"npq_pack": str(pack)})
    return There(
        TwoPlatforms(house.slack, settings, house.folder, house.stack, teams=house.teams), there.platform, there.old
    )


@pytest.fixture
def here(there: There, strict: Path) -> There:
    return under(there, strict)


def offered(form: Any) -> str:
    """A form with what can be chosen on it."""
    return json.dumps(form.view if isinstance(form, Seen) else form.card)


def asked_for(here: There) -> str:
    """Sam asks for Jane Smith's deferral from the day after the review on; what is said then."""
    sam = here.person()
    form = sam.chooses(sam.asks("status p-001"), "Defer")
    done = sam.fills(form, "Defer", first="2022-06-24", agreed="2023-01-09", reason="Parental leave")
    return plain(done.words)


def test_the_form_offers_what_is_allowed_and_says_why_the_rest_is_not(here: There) -> None:
    sam = here.person()
    form = sam.chooses(sam.asks("status p-001"), "Defer")
    said = plain(form.words)
    for part in (
        "The reasons and days below are those that Education Development Trust's rules allow.",
        "Education Development Trust confirms each deferral, and nothing changes until then (handbook p. 12).",
        "It can begin from 24 June 2022.",
        "Later than the first day, 12 months after it at most and by 1 November 2023.",
    ):
        assert part in said
    assert said.count("handbook") == 1
    assert "Parental leave" in offered(form)
    assert "Career break" not in offered(form)
    early = sam.fills(form, "Defer", first="2022-06-16", agreed="2023-01-09", reason="Parental leave")
    assert "please give 15 June 2022 or an earlier day, or give 24 June 2022 or a later one" in " ".join(early.wrong)
    long = sam.fills(early, "Defer", first="2022-06-24", agreed="2023-06-25")
    assert "12 months at most: please agree a return on 24 June 2023 or earlier" in " ".join(long.wrong)
    assert "waiting to be confirmed" not in sam.asks("status p-001").words


def test_the_lead_provider_confirms_by_a_button(here: There) -> None:
    assert "it counts once Education Development Trust has confirmed it" in asked_for(here)
    sam, lee = here.person(), here.person("Lee")
    mine = sam.asks("status p-001")
    assert "deferral asked for from 24 June 2022 to 9 January 2023, waiting to be confirmed" in plain(mine.words)
    assert "review coming up" in mine.words
    assert not {"Confirm deferral", "Defer"} & set(mine.buttons), "it is the lead provider's to confirm"
    form = lee.chooses(lee.asks("status p-001"), "Confirm deferral")
    assert plain(form.words).count("9 January 2023") == 2, "beside the output, and as what was recorded last"
    assert "deferral asked for from 24 June 2022 to 9 January 2023" in plain(form.words)
    assert "the deferral is confirmed" in lee.fills(form, "Decide", decision="Confirm the deferral").words
    told = plain(sam.asks("status p-001").words)
    assert "deferral agreed from 24 June 2022 to 9 January 2023" in told
    assert "waiting to be confirmed" not in told
    later = here.at("2022-06-24T09:30:00+01:00").person()
    assert "On deferral" in later.asks("status p-001").words


def test_declined_it_counts_for_nothing(here: There) -> None:
    asked_for(here)
    lee = here.person("Lee")
    form = lee.chooses(lee.asks("status p-001"), "Confirm deferral")
    assert "declined" in lee.fills(form, "Decide", decision="Decline it").words
    told = here.person().asks("status p-001")
    assert "deferral asked" not in told.words
    assert "Defer" in told.buttons


def test_the_wrong_role_and_a_late_press_are_told_kindly(here: There) -> None:
    asked_for(here)
    assert "cannot confirm or decline deferrals; ask the lead provider" in here.person().asks("confirm p-001").words
    lee, ada = here.person("Lee"), here.person("Ada")
    hers, his = (each.chooses(each.asks("status p-001"), "Confirm deferral") for each in (ada, lee))
    lee.fills(his, "Decide", decision="Confirm the deferral")
    late = ada.fills(hers, "Decide", decision="Decline it")
    assert "The deferral of Jane Smith was confirmed on 16 June 2022: there is nothing left to decide." in plain(
        late.words
    )
    assert "deferral confirmed" in plain(late.words)


def test_the_post_says_that_it_waits_and_not_why(posted: TwoPlatforms, there: There, strict: Path) -> None:
    here = under(there, strict)
    asked_for(here)
    assert here.wait_until(lambda: "waiting to be confirmed" in here.posts("Jane Smith")[0].words)
    said = here.posts("Jane Smith")[0].words
    assert "parental" not in said.casefold()
    lee = here.person("Lee")
    form = lee.chooses(here.posts("Jane Smith")[0], "Confirm deferral", "Jane Smith")
    lee.fills(form, "Decide", decision="Confirm the deferral")
    assert here.wait_until(lambda: "eferral agreed from 24 June 2022" in here.posts("Jane Smith")[0].words)


def test_who_returns_is_offered_the_next_cohort_alone(here: There) -> None:
    asked_for(here)
    lee = here.person("Lee")
    lee.fills(lee.chooses(lee.asks("status p-001"), "Confirm deferral"), "Decide", decision="Confirm the deferral")
    later = here.at("2022-09-05T09:30:00+01:00")
    sam = later.person()
    form = sam.chooses(sam.asks("status p-001"), "Record return")
    said = plain(form.words)
    assert "Only the next cohort to start after the return (handbook p. 12)." in said
    assert [cohort for cohort in "1234" if f"Cohort {cohort} (" in offered(form)] == ["3"]
    assert "in cohort 3" in sam.fills(form, "Record", cohort="Cohort 3 (October 2022)").words


def test_a_reason_that_may_be_left_out_can_be(there: There, tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    add(pack, "pack.toml", '\n[deferral]\nreason_needed = false\nsource = "handbook p. 12"\n')
    sam = under(there, pack).person()
    form = sam.chooses(sam.asks("status p-001"), "Defer")
    done = sam.fills(form, "Defer", first="2022-06-24", agreed="2023-01-09")
    assert "Jane Smith: on deferral from 24 June 2022, agreed return 9 January 2023." in plain(done.words)
