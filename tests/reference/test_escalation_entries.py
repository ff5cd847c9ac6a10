"""What a pack may say of a group's escalation, and what is wrong with it, each told once with its line (reading 34)."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.loading import load_pack
from tests.reference.made import SHIPPED, add, copy_of
from tests.reference.test_checking import PACK, line_named, refused
from tests.reference.test_todays_format import NORTHERN

ENTRY = '\n[[escalation]]\ngroups = ["specialist"]\nsource = "p. 8"\n'
OTHER = ENTRY.replace("specialist", "leadership")
FAULTS = [
    # what is wrong, what the pack says besides, what stands in the line that is named, part of what is said
    ("an unknown group", ENTRY.replace("specialist", "specialists"), 'groups = ["specialists"]', "is “specialist” meant? there are"),
    ("no group", ENTRY.replace('["specialist"]', "[]"), "groups = []", "“groups” names none"),
    ("groups left out", ENTRY.replace('groups = ["specialist"]\n', ""), "[[escalation]]", "“groups” is missing"),
    ("a group as a word", ENTRY.replace('["specialist"]', '"specialist"'), 'groups = "specialist"', "give a list in square brackets"),
    ("a group twice", f"{ENTRY}{OTHER}{ENTRY}", 'groups = ["specialist"]',
     "the group “specialist” has an [[escalation]] already; a group has one (it is named first in line"),
    ("a group twice in one", ENTRY.replace('["specialist"]', '["specialist", "specialist"]'), "groups =", "a group has one"),
    ("no source", ENTRY.replace('source = "p. 8"\n', ""), "[[escalation]]", "say which line or document this comes from"),
    ("an unknown key", f"{ENTRY}windows = false\n", "windows = false", "is “window” meant?"),
    ("a word for a switch", f'{ENTRY}window = "no"\n', 'window = "no"', "give true or false"),
    ("a number for a switch", f"{ENTRY}removal = 0\n", "removal = 0", "give true or false"),
    ("a number in quotation marks", f'{ENTRY}window_days = "21"\n', "window_days =", "write the number without quotation marks"),
    ("a switch for a number", f"{ENTRY}unanswered_contacts = true\n", "unanswered_contacts = true", "give a whole number"),
    ("no days", f"{ENTRY}unanswered_contacts = 0\n", "unanswered_contacts = 0", "must be 1 or more, and 1,000 at most (given: 0)"),
    ("no leads", f"{ENTRY}review_leads = []\n", "review_leads = []", "give at least one number of days"),
    ("a lead twice", f"{ENTRY}review_leads = [7, 7]\n", "review_leads = [7, 7]", "7 is there twice"),
    ("a window beyond contact", f"{ENTRY}window_days = 22\n", "[[escalation]]",
     "“contact_overdue_after” of the settings, for specialist: contact is overdue only after the window, so more than "
     "window_days, 22 (given: 22)"),
    ("contact within the window", f"{ENTRY}contact_overdue_after = 21\n", "contact_overdue_after = 21", "more than window_days, 21"),
    ("a mark after contact", f"{ENTRY}three_week_mark_after = 23\n", "three_week_mark_after = 23", "22 (contact_overdue_after) or less"),
    ("progress beyond the window", f"{ENTRY}window_progress_after = [10, 22]\n", "window_progress_after =", "22 is after the window"),
    ("a shorter window than its messages", f"{ENTRY}window_days = 9\n", "[[escalation]]",
     "“window_progress_after” of the settings, for specialist: 10 is after the window, whose last day is 9"),
    ("a window that is none", f"{ENTRY}window = false\nwindow_days = 9\n", "window_days = 9",
     "nothing uses “window_days” where window = false; leave it out"),
    ("a mark without a window", f"{ENTRY}window = false\nthree_week_mark_after = 9\n", "three_week_mark_after = 9", "where window = false"),
    ("extensions that are none", f"{ENTRY}extensions = false\nextensions_warn_from = 2\n", "extensions_warn_from", "extensions = false"),
    ("removal that is none", f"{ENTRY}removal = false\nunanswered_contacts = 2\n", "unanswered_contacts", "where removal = false"),
    ("a switch among the settings", "\n[settings.window]\nvalue = false\nsource = 'p. 8'\n", "[settings.window]", "window"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "stands", "says"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_one_fault_is_told_once_with_its_line(tmp_path: Path, more: str, stands: str, says: str) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    add(pack, PACK, more)
    [problem] = refused(pack)
    assert says in problem.message
    assert line_named(pack, problem).startswith(stands)


def test_a_fault_of_the_settings_is_not_told_of_each_group_again(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    path = pack / PACK
    text = path.read_text(encoding="utf-8").replace(
        "three_week_mark_after = { value = 21", "three_week_mark_after = { value = 23"
    )
    path.write_text(f"{text}{ENTRY}unanswered_contacts = 4\n{OTHER}window = false\n", encoding="utf-8")
    [problem] = refused(pack)
    assert line_named(pack, problem).startswith("three_week_mark_after = { value = 23")


def test_what_an_entry_leaves_out_is_as_in_the_settings(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    add(pack, PACK, f"{ENTRY}window_days = 14\nwindow_progress_after = [7]\nremoval = false\n")
    add(pack, PACK, f"{OTHER}window = false\nextensions = true\ncontact_overdue_every = 5\n")
    loaded = load_pack(str(pack))
    one, other = loaded.settings_of("specialist"), loaded.settings_of("leadership")
    assert (one.window, one.window_days, one.window_progress_after, one.extensions, one.removal) == (
        True,
        14,
        (7,),
        True,
        False,
    )
    assert (one.review_leads, one.contact_overdue_after) == (
        loaded.settings.review_leads,
        loaded.settings.contact_overdue_after,
    )
    assert (other.window, other.extensions, other.removal, other.contact_overdue_every) == (False, True, True, 5)
    assert loaded.settings_of("senco") is loaded.settings
    assert [loaded.outlines[code].settings for code in ("NPQLT", "NPQH", "NPQSENCO")] == [one, other, loaded.settings]
    assert loaded.hash != load_pack(str(NORTHERN)).hash


def test_a_pack_of_the_first_format_is_told_that_it_is_of_today(tmp_path: Path) -> None:
    pack = copy_of(Path(__file__).parents[1] / "packs" / "today", tmp_path)
    add(pack, PACK, ENTRY)
    assert any("“format = 2” is missing" in problem.message for problem in refused(pack))


@pytest.mark.parametrize("name", ["edt-v18", "npq"])
def test_what_is_shipped_has_one_escalation_for_all(name: str) -> None:
    loaded = load_pack(str(SHIPPED.parent / name))
    assert loaded.escalations == ()
    assert all(loaded.settings_of(group) is loaded.settings for group in loaded.outputs)
