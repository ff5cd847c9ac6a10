"""Packs of the first format: they load as before, and are told line by line how to become today's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reference.loading import check_pack, load_pack, what_to_bring_up_to_date
from tests.reference.made import change, copy_of
from tests.reference.test_checking import DATES, PACK, line_named, refused

HELD = Path(__file__).parents[1] / "packs"
FIRST = HELD / "edt-v18-first-format"
OLD = [FIRST, HELD / "today"]


def test_the_shipped_pack_is_the_same_in_both_formats() -> None:
    today, first = load_pack("edt-v18"), load_pack(str(FIRST))
    assert today.hash != first.hash
    named = [(kind.key, kind.name, kind.hours) for kind in first.event_kinds.values()]  # which the first format had not
    assert named == [("f2f", "face-to-face event", None), ("live_webinar", "live webinar", None)]
    assert replace(today, hash="", event_kinds=first.event_kinds) == replace(first, hash="")
    assert [(kind.key, kind.name, kind.hours) for kind in today.event_kinds.values()] == named


@pytest.mark.parametrize("pack", OLD, ids=lambda pack: pack.name)
def test_it_is_well_and_told_what_to_change(pack: Path) -> None:
    assert check_pack(str(pack)) == []
    assert what_to_bring_up_to_date(str(pack))


def test_a_pack_of_today_has_nothing_to_change() -> None:
    assert what_to_bring_up_to_date("edt-v18") == []


@pytest.mark.parametrize("pack", OLD, ids=lambda pack: pack.name)
def test_whoever_does_as_told_has_the_same_pack_in_todays_format(tmp_path: Path, pack: Path) -> None:
    copy = copy_of(pack, tmp_path)
    lines = (copy / PACK).read_text(encoding="utf-8").splitlines()
    sources = iter(["L51", "L51", "L162 (R48)"])  # what they are for is whoever's who writes the pack
    for told in reversed(what_to_bring_up_to_date(str(copy))):  # from the end, so that the line numbers stay right
        if told.line is None:
            lines += [filled(line, sources) for line in told.message.splitlines()[1:]]
        elif found := re.fullmatch(r"instead of (.+) write (.+)", told.message):
            assert found[1] in lines[told.line - 1]
            lines[told.line - 1] = lines[told.line - 1].replace(found[1], found[2])
        elif found := re.fullmatch(r"leave out (.+)", told.message):
            assert lines.pop(told.line - 1).startswith(found[1])
        elif found := re.fullmatch(r"write the value of self_report_cohorts as (.+)", told.message):
            lines[told.line - 1] = re.sub(r"value = \[[^]]*\]", f"value = {found[1]}", lines[told.line - 1])
        elif found := re.fullmatch(r"write (above|below) this line: (.+)", told.message):
            lines.insert(told.line - (found[1] == "above"), filled(found[2], sources))
        else:
            raise AssertionError(told)
    (copy / PACK).write_text("\n".join(lines), encoding="utf-8")
    assert what_to_bring_up_to_date(str(copy)) == []
    assert replace(load_pack(str(copy)), hash="") == replace(load_pack(str(pack)), hash="")


BREAKS = [
    # what is broken, file, what it says, what it says instead, what stands in the line that is named, part of what is said
    ("an unknown kind", PACK, 'kind = "retention"', 'kind = "retained"', 'kind = ', 'give one of "started", "retention", "completion"'),
    ("a kind that does not go with its declaration", PACK, 'kind = "retention"', 'kind = "started"', 'kind = "started"',
     "its kind started does not go with its declaration_type retained-1"),
    ("a cohort that is no number", PACK, "number = 4", 'number = "four"', 'number = "four"', "“number”: give a whole number"),
    ("a cohort without its number", PACK, 'number = 4\nname = "February', 'name = "February', "[[cohort]]", "“number” is missing"),
    ("a share for attendance", PACK, 'label = "Attended a face', 'min_share = 90\nlabel = "Attended a face', "min_share = 90",
     "nothing uses “min_share” here"),
    ("a cohort twice", PACK, 'number = 2\nname = "Feb', 'number = 1\nname = "Feb', "[[cohort]]", "the cohort 1 is given twice"),
    ("the review on the invoice's day", DATES, "2021-12-13,2022-01-10", "2022-01-10,2022-01-10", "specialist,1,1", "must be before"),
    ("a key that it does not know", PACK, 'name = "November 2021"', 'name = "November 2021"\nnamed = "x"', "named =", "is “name” meant?"),
    ("something of today's format", PACK, 'name = "November 2021"', 'name = "November 2021"\nfunding = "full"', "# Education",
     "“format = 2” is missing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "stands", "says"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
def test_what_is_wrong_is_told_in_its_own_words(
    tmp_path: Path, file: str, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(FIRST, tmp_path)
    change(pack, file, old, new)
    told = [problem for problem in refused(pack) if says in problem.message]
    assert told, [str(problem) for problem in refused(pack)]
    assert line_named(pack, told[0]).startswith(stands)


def test_a_schedule_with_numbers_as_it_was(tmp_path: Path) -> None:
    pack = copy_of(FIRST, tmp_path)
    change(pack, DATES, "specialist,1,1,", "specialist,01,1,")
    assert load_pack(str(pack)).schedule == load_pack("edt-v18").schedule


def filled(line: str, sources: Iterator[str]) -> str:
    """A line to be written, with a source of one's own where it leaves that open."""
    return line.replace('source = "…"', f'source = "{next(sources)}"') if "…" in line else line


def test_a_source_that_was_left_open_is_asked_for(tmp_path: Path) -> None:
    pack = copy_of(HELD / "northern-2026", tmp_path)
    change(
        pack,
        PACK,
        'column = "contract_returned_on"\nsource = "handbook p. 5"',
        'column = "contract_returned_on"\nsource = "…"',
    )
    change(pack, PACK, "[settings]\n", '[settings]\ndates_differ = { value = true, source = "…" }\n')
    told = [problem.message for problem in refused(pack)]
    assert told == ["“source”: it is blank; give words", "write { value = …, source = … }, both filled in"]


def test_what_to_change_names_no_document_of_another_provider() -> None:
    told = " ".join(change.message for change in what_to_bring_up_to_date(str(HELD / "today")))
    assert 'source = "…"' in told
    assert not re.search(r"L51|L162", told)


def test_numbers_and_dates_may_stand_in_quotation_marks(tmp_path: Path) -> None:
    """As they always could there."""
    pack = copy_of(FIRST, tmp_path)
    for old, new in (
        ("value = 21,", 'value = "21",'),
        ("[28, 14, 7, 1]", '["28", "14", 7, 1.0]'),
        ("starts_on = 2021-11-01", 'starts_on = "2021-11-01"'),
        ("min_percent = 90", 'min_percent = "90"'),
        ("total = 249", 'total = "249"'),
    ):
        change(pack, PACK, old, new)
    assert replace(load_pack(str(pack)), hash="") == replace(load_pack(str(FIRST)), hash="")
    change(pack, PACK, 'value = "21",', 'value = "0",')
    assert [problem.message for problem in refused(pack)] == ["must be 1 or more, and 1,000 at most (given: 0)"]


def test_with_the_format_put_in_first_each_cohort_is_told_its_own_key(tmp_path: Path) -> None:
    pack = copy_of(FIRST, tmp_path)
    change(pack, PACK, "name =", "format = 2\nname =")
    told = [problem.message for problem in refused(pack) if "instead of number" in problem.message]
    assert told == [f'write key = "{number}" instead of number = {number}' for number in (1, 2, 3, 4)]


def test_numbers_and_dates_in_quotation_marks_load_and_are_told(tmp_path: Path) -> None:
    copy = copy_of(FIRST, tmp_path)
    change(copy, PACK, "total = 199\n", 'total = "199"\n')
    change(copy, PACK, "starts_on = 2021-11-01", 'starts_on = "2021-11-01"')
    change(copy, PACK, "window_days = { value = 21,", 'window_days = { value = "21",')
    change(copy, PACK, "value = [1, 2]", 'value = ["1", "2"]')
    assert replace(load_pack(str(copy)), hash="") == replace(load_pack(str(FIRST)), hash="")
    told = [one.message for one in what_to_bring_up_to_date(str(copy))]
    assert 'instead of total = "199" write total = 199' in told
    assert 'instead of starts_on = "2021-11-01" write starts_on = 2021-11-01' in told
    assert "write the numbers of window_days without quotation marks and without a point" in told
    assert not any("self_report_cohorts" in one for one in told), "which is written as it is to be"
