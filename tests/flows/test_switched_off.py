"""Where a group's rules are without extensions or removal: old buttons, open forms and typed words, in Slack and in Teams."""

from __future__ import annotations

from datetime import date

import pytest

from core.services.acts import contact, extension, removal
from core.services.acts.recording import Deed
from core.services.refusals import Refusal
from tests.flows.conftest import CONSOLE
from tests.flows.test_parity import recorded
from tests.flows.two_platforms import There, TwoPlatforms, plain
from tests.reference.made import SHIPPED, add, copy_of

NO_EXTENSIONS = (
    "By Education Development Trust's rules no extension is given on Specialist NPQs. "
    "Offer Jane Smith support, and record a deferral if that helps."
)
NO_REMOVAL = (
    "By Education Development Trust's rules nobody is removed from Specialist NPQs. "
    "Offer Jane Smith support or a deferral; whoever leaves is withdrawn in the participants file."
)
LATER = "2022-08-01T09:30:00+01:00"  # two weeks after the window of the review on 23 June


def without(there: There, *switches: str) -> There:
    """The same house by a pack in which the specialists' rules are without these, its processes started anew."""
    house = there.house
    pack = copy_of(SHIPPED, house.folder)
    off = "".join(f"{switch} = false\n" for switch in switches)
    add(pack, "pack.toml", f'\n[[escalation]]\ngroups = ["specialist"]\n{off}source = "house"\n')
    settings = house.settings.model_copy(update={"npq_pack": str(pack)})
    changed = TwoPlatforms(house.slack, settings, house.folder, house.stack, teams=house.teams)
    return There(changed, there.platform, there.old)


@pytest.mark.usefixtures("posted")
def test_extend_on_an_old_post_is_refused_kindly_and_goes_with_the_next_redrawing(there: There) -> None:
    old = there.posts("Jane Smith")[0]
    assert "Extend" in old.buttons
    now = without(there, "extensions")
    sam = now.person()
    assert NO_EXTENSIONS in plain(sam.chooses(old, "Extend", "Jane Smith").words)
    assert recorded(now.house) == []
    sam.fills(sam.chooses(old, "Log contact", "Jane Smith"), "Log contact", how="Phone", outcome="No answer")
    assert now.wait_until(lambda: "Extend" not in now.posts("Jane Smith")[0].buttons)
    redrawn = now.posts("Jane Smith")[0]
    assert {"Defer", "Log contact", "Details"} <= set(redrawn.buttons)
    assert "agree a deferral" in redrawn.words
    assert "xtension" not in redrawn.words


def test_extend_is_offered_nowhere(there: There) -> None:
    sam = without(there, "extensions").person()
    assert "Extend" not in sam.asks("status jane smith").buttons
    assert NO_EXTENSIONS in plain(sam.asks("extend jane smith").words)
    several = sam.asks("extend jane")
    assert "Status" in several.buttons
    assert "Extend" not in several.buttons
    assert sam.finds(several, "ja") == []
    assert "extend Jane Example" in plain(sam.asks("help").words), "others have extensions"


def test_a_form_that_was_open_meanwhile_is_refused(there: There) -> None:
    sam = there.person()
    form = sam.chooses(sam.asks("status jane smith"), "Extend")
    now = without(there, "extensions")
    again = now.person().fills(form, "Extend", new="2022-07-29", reason="Workload")
    assert NO_EXTENSIONS in plain(" ".join([again.words, *again.wrong]))
    assert recorded(now.house) == []


def three_unanswered(house: TwoPlatforms) -> None:
    for on in (date(2022, 7, 18), date(2022, 7, 19), date(2022, 7, 20)):
        deed = Deed(on, house.now)
        contact.log_contact(house.installation, CONSOLE, "p-001", deed, channel="phone", outcome="no-answer")


def test_an_old_removal_button_is_refused_kindly(there: There) -> None:
    later = there.at(LATER)
    three_unanswered(later.house)
    old = later.person().asks("status jane smith")
    assert "Removal" in old.buttons
    sam = without(later, "removal").person()
    assert NO_REMOVAL in plain(sam.chooses(old, "Removal").words)
    assert NO_REMOVAL in plain(sam.asks("remove jane smith").words)
    status = sam.asks("status jane smith")
    assert "Removal" not in status.buttons
    assert "please get in touch" in status.words


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_proposal_from_before_counts_for_nothing(both: TwoPlatforms, decision: str) -> None:
    there = There(both, "slack").at(LATER)
    three_unanswered(there.house)
    house = there.house
    deed = Deed(house.now.date(), house.now)
    removal.remove(house.installation, CONSOLE, "p-001", deed, side="delivery_partner", decision="approve")
    assert "removal proposed" in plain(there.person().asks("status jane smith").words)
    now = without(there, "removal")
    assert "removal" not in plain(now.person().asks("status jane smith").words)
    with pytest.raises(Refusal) as refused:
        removal.remove(now.house.installation, CONSOLE, "p-001", deed, side="lead_provider", decision=decision)
    assert (refused.value.code, refused.value.message) == ("removal_off", NO_REMOVAL)
    assert len(recorded(now.house)) == 4


def test_the_service_refuses_an_extension(both: TwoPlatforms) -> None:
    house = without(There(both, "slack"), "extensions").house
    with pytest.raises(Refusal) as refused:
        extension.extend(
            house.installation,
            CONSOLE,
            "p-001",
            Deed(house.now.date(), house.now),
            output=2,
            until=date(2022, 7, 29),
            reason="workload",
        )
    assert (refused.value.code, refused.value.message) == ("extensions_off", NO_EXTENSIONS)


def test_without_a_window_the_status_and_the_reviews_say_none(there: There) -> None:
    sam = without(there, "window").person()
    form = sam.chooses(sam.asks("status jane smith"), "Extend")
    assert "23 June 2022" in form.words
    assert "later than 23 June 2022" in " ".join(sam.fills(form, "Extend", new="2022-06-23", reason="Workload").wrong)
    for asked in ("status jane smith", "reviews"):
        assert "indow" not in sam.asks(asked).words
