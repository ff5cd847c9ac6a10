"""A pack that contradicts itself is refused, and the message says where and what would be right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reference.loading import check_pack, load_pack
from reference.problems import PackError, PackProblem
from tests.reference.made import SHIPPED, change, copy_of

PACK, DATES, BLOCKS, ROWS = "pack.toml", "schedule.csv", "blocks.csv", "activities.csv"
WINDOW = '[[assessment_window]]\ngroup = "{}"\ncohort = {}\nopens = {}\ncloses = {}\nsource = "letter"\n\n[settings]'
COHORT = '[[cohort]]\nnumber = {}\nname = "October 2023"\nstarts_on = {}\ncourses = ["NPQLT"]\nsource = "letter"\n\n[settings]'

DATE_BREAKS = [
    # what is broken, file, what it says, what it says instead, where the problem is, part of what is said
    ("the review on the invoice's day", DATES, "2021-12-13,2022-01-10", "2022-01-10,2022-01-10",
     "schedule.csv: specialist, cohort 1, output 1", "review 2022-01-10 < invoice 2022-01-10"),
    ("the invoice on the payment's day", DATES, "2022-01-10,2022-02-09", "2022-02-09,2022-02-09",
     "schedule.csv: specialist, cohort 1, output 1", "the dates must follow each other"),
    ("the misprint, uncorrected", DATES, "2024-07-23,33.3%,2023-07-23", "2023-07-23,33.3%,",
     "schedule.csv: specialist, cohort 4, output 3", "the dates must follow each other"),
    ("a later output reviewed earlier", DATES, "2022-06-23,2022-07-15", "2021-12-13,2022-07-15",
     "schedule.csv: specialist, cohort 1, output 2", "its review date 2021-12-13 is not after the one of output 1"),
    ("a review before the cohort starts", DATES, "2021-12-13", "2021-10-31",
     "schedule.csv: specialist, cohort 1, output 1", "lies before the cohort's start month"),
    ("a row given twice", DATES, "specialist,1,2,", "specialist,1,1,2021-12-13,2022-01-10,2022-02-09,33.3%,,,L139\nspecialist,1,2,",
     "schedule.csv", "specialist, 1, 1 is given 2 times"),
    ("a row left out", DATES, "specialist,2,1,2022-03-09,2022-04-06,2022-05-06,33.3%,,,L139\n", "",
     "schedule.csv", "there is no row for specialist, cohort 2, output 1"),
    ("an unknown cohort", DATES, "specialist,4,3", "specialist,5,3",
     "schedule.csv: specialist, cohort 5, output 3", "there is no such cohort"),
    ("an unknown group", DATES, "specialist,4,3", "expert,4,3",
     "schedule.csv: expert, cohort 4, output 3", "the group has no such output"),
    ("an output the group does not have", DATES, "specialist,4,3", "specialist,4,4",
     "schedule.csv: specialist, cohort 4, output 4", "the group has no such output"),
    ("a day that no month has", DATES, "2023-02-24", "2023-02-30", "schedule.csv:4", "“review”"),
    ("a day the British way", DATES, "2021-12-13", "13/12/2021", "schedule.csv:2", "“review”"),
    ("a date still to be confirmed", DATES, "2021-12-13", "TBC", "schedule.csv:2", "“review”"),
    ("a cohort that is no number", DATES, "specialist,1,1", "specialist,one,1", "schedule.csv:2", "“cohort”"),
    ("a row without its source", DATES, "33.3%,,,L139", "33.3%,,,", "schedule.csv:2", "“source” is missing"),
    ("a source of blanks", DATES, "33.3%,,,L139", "33.3%,,,  ", "schedule.csv:2", "“source” is blank"),
    ("a blank date", DATES, "2021-12-13", "", "schedule.csv:2", "“review” is missing"),
    ("a cell too many", DATES, "33.3%,,,L139", "33.3%,,,L139,L140", "schedule.csv:2", "more cells than the header"),
    ("a misspelt column", DATES, "output,review", "output,reveiw", "schedule.csv:1", "“reveiw” is not known here"),
    ("a wrong day after a blank line", DATES, "specialist,1,3,2023-02-24", "\nspecialist,1,3,2023-02-30",
     "schedule.csv:5", "“review”"),
]  # fmt: skip

CREDIT_BREAKS = [
    ("rows that do not add up", ROWS, "40 minutes,2", "40 minutes,3",
     "blocks.csv: NPQLT Block 1", "its activities sum to 47, not to the 46 given"),
    ("a block total that is not its rows'", BLOCKS, "NPQSL,4,69", "NPQSL,4,70",
     "blocks.csv: NPQSL Block 4", "its activities sum to 69, not to the 70 given"),
    ("a course total that is not its blocks'", PACK, "total = 249", "total = 250",
     "pack.toml: course NPQSL", "its blocks sum to 249, not to 250"),
    ("TBC replaced by the sum of its rows", BLOCKS, "NPQLL,2,TBC", "NPQLL,2,33",
     "blocks.csv: NPQLL Block 2", "an activity is TBC, so the total can't be 33"),
    ("TBC replaced by what there is to date", PACK, 'total = "TBC" # "TBC (47 to date)"', "total = 47 #",
     "pack.toml: course NPQLL", "a block is TBC, so the total can't be 47"),
    ("TBC although all is known", BLOCKS, "NPQH,1,50", "NPQH,1,TBC",
     "blocks.csv: NPQH Block 1", "the total is TBC although every activity has credits (50 in all)"),
    ("a course TBC although its blocks are known", PACK, "total = 237", 'total = "TBC"',
     "pack.toml: course NPQH", "the total is TBC although every block has credits"),
    ("a block given twice", BLOCKS, "NPQH,2,58,L615\n", "NPQH,2,58,L615\nNPQH,2,58,L615\n",
     "blocks.csv", "NPQH, 2 is given 2 times"),
    ("a block of an unknown course", BLOCKS, "NPQEYL,4", "NPQSENCO,4", "blocks.csv: NPQSENCO Block 4", "unknown course NPQSENCO"),
    ("an activity given twice", ROWS, "S 1.1b Improving Pupil Outcomes in Practice", "S 1.1a The Importance of Teachers and Teaching",
     "activities.csv", "NPQLT, 1, S 1.1a The Importance of Teachers and Teaching is given 2 times"),
    ("an activity of no block", ROWS, "NPQEYL,1,End-of-block", "NPQEYL,5,End-of-block",
     "activities.csv", "NPQEYL Block 5 is not in blocks.csv"),
    ("credits in words", ROWS, "40 minutes,2", "40 minutes,two", "activities.csv:2", "“credits”"),
    ("half a credit", ROWS, "40 minutes,2", "40 minutes,2.5", "activities.csv:2", "“credits”"),
    ("logged in an unknown way", ROWS, "40 minutes,2,auto", "40 minutes,2,by hand", "activities.csv:2", "“logged”"),
    ("a comma that splits a title", ROWS, "S 1.1b Improving Pupil Outcomes", "S 1.1b Improving, Pupil Outcomes",
     "activities.csv:5", "more cells than the header"),
]  # fmt: skip

RULE_BREAKS = [
    ("a gap in the output numbers", PACK, 'number = 3\nkind = "completion"', 'number = 4\nkind = "completion"',
     "pack.toml: output specialist", "numbered from 1 in order, not [1, 2, 4]"),
    ("an unknown kind of output", PACK, 'kind = "retention"', 'kind = "retained"', "pack.toml: output 2", "“kind”"),
    ("an output number in words", PACK, "number = 1", 'number = "first"', "pack.toml: output 1", "“number”"),
    ("a course of no group", PACK, 'group = "specialist"', 'group = "expert"',
     "pack.toml: course NPQLT", "no output is given for the group “expert”"),
    ("a course given twice", PACK, 'code = "NPQLTD"', 'code = "NPQLT"', "pack.toml: course", "NPQLT is given 2 times"),
    ("an identifier given twice", PACK, '"npq-headship"', '"npq-senior-leadership"',
     "pack.toml: course", "npq-senior-leadership is given 2 times"),
    ("a criterion of unknown shape", PACK, 'shape = "self_study"', 'shape = "homework"', "pack.toml: criteria 1, criterion 2", "“shape”"),
    ("a criterion given twice", PACK, 'key = "self_study"', 'key = "attendance"',
     "pack.toml: criteria specialist started", "attendance is given 2 times"),
    ("more than all of a video", PACK, "min_percent = 90", "min_percent = 101",
     "pack.toml: criteria specialist started: video", "a percentage over 0 and up to 100"),
    ("none of a video", PACK, "min_percent = 90", "min_percent = 0",
     "pack.toml: criteria specialist started: video", "a percentage over 0 and up to 100"),
    ("a threshold that is no number", PACK, "min_percent = 90", 'min_percent = "most"',
     "pack.toml: criteria 1, criterion 3", "“min_percent”"),
    ("a share that is not given", PACK, "min_share = 90\n", "",
     "pack.toml: criteria leadership completion: credits_90", "“min_share” is needed"),
    ("a share of nothing in particular", PACK, 'metric = "credits"\n', "",
     "pack.toml: criteria leadership completion: credits_90", "“metric” is needed: credits or percent_complete"),
    ("a share of something unknown", PACK, 'metric = "credits"', 'metric = "hours"', "pack.toml: criteria 3, criterion 2", "“metric”"),
    ("no self-study credit asked for", PACK, "min_credits = 1", "min_credits = 0",
     "pack.toml: criteria specialist started: self_study", "a whole number from 1 on"),
    ("neither any of nor all of", PACK, 'combine = "all"', 'combine = "most"', "pack.toml: criteria 3", "“combine”"),
    ("criteria for an unknown group", PACK, 'groups = ["specialist", "leadership"]', 'groups = ["specialist", "leaders"]',
     "pack.toml: criteria", "the group “leaders” has no output of the kind started"),
    ("criteria for a group twice", PACK, 'groups = ["specialist", "leadership"]', 'groups = ["specialist", "specialist"]',
     "pack.toml: criteria", "specialist, started is given 2 times"),
    ("criteria for no group", PACK, 'groups = ["specialist", "leadership"]\n', "", "pack.toml: criteria 1", "“groups”"),
    ("criteria for a misspelt list of groups", PACK, "groups = [", "group = [", "pack.toml: criteria 1", "“groups”"),
    ("criteria for groups without brackets", PACK, 'groups = ["specialist", "leadership"]', 'groups = "specialist"',
     "pack.toml: criteria 1", "“groups”"),
    ("a criterion without its source", PACK, 'label = "Attended a face-to-face event or live webinar"\nsource = "L62"',
     'label = "Attended a face-to-face event or live webinar"', "pack.toml: criteria 1, criterion 1", "“source” is missing"),
    ("a cohort that starts mid-month", PACK, "starts_on = 2021-11-01", "starts_on = 2021-11-15",
     "pack.toml: cohort 1", "the first day of the start month"),
    ("a cohort given twice", PACK, "number = 2\nname", "number = 1\nname", "pack.toml: cohort", "1 is given 2 times"),
    ("a cohort that offers an unknown course", PACK, '"NPQH", "EHCO"]', '"NPQH", "NPQSENCO"]',
     "pack.toml: cohort 1", "unknown course NPQSENCO"),
    ("a cohort without dates", PACK, "[settings]", COHORT.format(5, "2023-10-01"),
     "schedule.csv", "there is no row for specialist, cohort 5, output 1"),
    ("a start date in words", PACK, "starts_on = 2021-11-01", 'starts_on = "November 2021"', "pack.toml: cohort 1", "“starts_on”"),
    ("an assessment window without a cohort", PACK, "[settings]", WINDOW.format("specialist", 7, "2023-01-09", "2023-02-10"),
     "pack.toml: assessment_window specialist, cohort 7", "the schedule has no such group and cohort"),
    ("an assessment window that closes first", PACK, "[settings]", WINDOW.format("specialist", 1, "2023-02-10", "2023-01-09"),
     "pack.toml: assessment_window specialist, cohort 1", "it must close after it opens"),
    ("two assessment windows for one cohort", PACK, "[settings]",
     WINDOW.format("specialist", 1, "2023-01-09", "2023-02-10").removesuffix("[settings]")
     + WINDOW.format("specialist", 1, "2023-01-16", "2023-02-17"),
     "pack.toml: assessment_window", "specialist, 1 is given 2 times"),
    ("an assessment window that is no table", PACK, "\n# --- courses", "\nassessment_window = [2023]\n# --- courses",
     "pack.toml: assessment_window 1", ""),
    ("a misspelt table", PACK, "[[external]]", "[[externals]]", "pack.toml", "“externals” is not known here"),
    ("a name left out", PACK, 'name = "edt-v18"\n', "", "pack.toml", "“name” is missing"),
    ("a misspelt name", PACK, "lead_provider = ", "leadprovider = ", "pack.toml", "“leadprovider” is not known here"),
    ("no settings", PACK, "[settings]", "[sets]", "pack.toml", "there is no [settings] table"),
    ("TOML nested without end", PACK, 'name = "edt-v18"', f"name = {'[' * 10_000}", "pack.toml", "this is not valid TOML"),
    ("TOML that is none", PACK, 'name = "edt-v18"', "name = edt-v18", "pack.toml", "this is not valid TOML"),
]  # fmt: skip

SETTING_BREAKS = [
    ("a misspelt setting", PACK, "window_days =", "windows_days =", "pack.toml: settings", "“windows_days” is not known here"),
    ("a setting left out", PACK, 'stale_report_days = { value = 14, source = "house, after L57" }\n', "",
     "pack.toml: settings", "“stale_report_days” is missing"),
    ("a setting without its source", PACK, 'window_days = { value = 21, source = "L115 (R38)" }', "window_days = { value = 21 }",
     "pack.toml: settings.window_days", "write { value = …, source = … }"),
    ("a setting with a blank source", PACK, 'source = "L115 (R38)"', 'source = " "',
     "pack.toml: settings.window_days", "write { value = …, source = … }"),
    ("a bare setting", PACK, 'window_days = { value = 21, source = "L115 (R38)" }', "window_days = 21",
     "pack.toml: settings.window_days", "write { value = …, source = … }"),
    ("a count in words", PACK, "value = 21", 'value = "three weeks"', "pack.toml: settings", "“window_days”"),
    ("no window", PACK, "value = 21", "value = 0", "pack.toml: settings.window_days", "must be 1 or more"),
    ("no reminder before a review", PACK, "[28, 14, 7, 1]", "[]",
     "pack.toml: settings.review_leads", "give at least one number of days"),
    ("a reminder on the review date", PACK, "[28, 14, 7, 1]", "[28, 0]", "pack.toml: settings.review_leads", "must be 1 or more"),
    ("a reminder after it was due", PACK, "papers_missing_before = { value = 14", "papers_missing_before = { value = -14",
     "pack.toml: settings.papers_missing_before", "must be"),
    ("an hour that no day has", PACK, '"09:00"', '"24:00"', "pack.toml: settings.post_at", "not a time of day such as 09:00"),
    ("an hour in words", PACK, '"09:00"', '"nine"', "pack.toml: settings.post_at", "“nine” is not a time of day"),
    ("working hours in words", PACK, '"17:00"', '"five"', "pack.toml: settings.working_until", "“five” is not a time of day"),
    ("a working day that ends before it begins", PACK, '"17:00"', '"08:00"', "pack.toml: settings.working_until", "after working_from"),
    ("self-reports of an unknown cohort", PACK, "value = [1, 2]", "value = [1, 12]",
     "pack.toml: settings.self_report_cohorts", "unknown cohort 12"),
    ("holidays of an unknown country", PACK, 'value = "GB"', 'value = "UKGB"', "pack.toml: settings.holidays_country", "UKGB"),
    ("holidays of an unknown region", PACK, 'value = "ENG"', 'value = "ENGLAND"', "pack.toml: settings.holidays_region", "ENGLAND"),
]  # fmt: skip

BREAKS = [*DATE_BREAKS, *CREDIT_BREAKS, *RULE_BREAKS, *SETTING_BREAKS]


@pytest.mark.parametrize(("what", "file", "old", "new", "where", "says"), BREAKS, ids=[row[0] for row in BREAKS])
def test_one_broken_thing_is_found(
    tmp_path: Path, what: str, file: str, old: str, new: str, where: str, says: str
) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, file, old, new)
    problems = refused(pack)
    assert [p for p in problems if p.where == where and says in p.message], [str(p) for p in problems]


@pytest.mark.parametrize("name", [PACK, DATES, BLOCKS, ROWS])
def test_a_file_that_is_missing(tmp_path: Path, name: str) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    (pack / name).unlink()
    assert PackProblem(name, "this file is missing or can't be read") in refused(pack)


@pytest.mark.parametrize("name", [PACK, DATES, BLOCKS, ROWS])
def test_a_folder_where_a_file_should_be(tmp_path: Path, name: str) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    (pack / name).unlink()
    (pack / name).mkdir()
    assert PackProblem(name, "this file is missing or can't be read") in refused(pack)


@pytest.mark.parametrize("name", [PACK, DATES, BLOCKS, ROWS])
def test_a_file_in_another_encoding(tmp_path: Path, name: str) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    text = (pack / name).read_text(encoding="utf-8")
    (pack / name).write_bytes(text.encode("utf-16"))
    assert PackProblem(name, "this file is not UTF-8; save it as UTF-8") in refused(pack)


def test_a_cell_of_absurd_length(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, DATES, "2021-12-13", "2" * 200_000)
    assert [p for p in refused(pack) if p.where.startswith("schedule.csv")]


def test_a_quotation_mark_that_never_ends(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, DATES, "33.3%,,,L139", '"33.3%,,,L139')
    assert [p for p in refused(pack) if p.where.startswith("schedule.csv:") and "“source” is missing" in p.message]


def test_semicolons_between_the_cells(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    text = (pack / DATES).read_text(encoding="utf-8")
    (pack / DATES).write_text(text.replace(",", ";"), encoding="utf-8")
    first, *others = refused(pack)
    assert str(first) == "schedule.csv: the cells are separated by semicolons; save it with commas"
    assert [problem for problem in others if problem.where.startswith("schedule.csv:")] == []


def test_an_empty_pack_is_told_everything_it_needs(tmp_path: Path) -> None:
    said = " ".join(map(str, refused(tmp_path)))
    for name in (PACK, DATES, BLOCKS, ROWS):
        assert f"{name}: this file is missing" in said
    for table in ("[[course]]", "[[output]]", "[[cohort]]", "[[criteria]]", "[settings]"):
        assert table in said


def test_every_broken_thing_is_found_at_once(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, DATES, "2021-12-13,2022-01-10", "2022-01-10,2022-01-10")
    change(pack, BLOCKS, "NPQSL,4,69", "NPQSL,4,70")
    change(pack, PACK, "min_percent = 90", "min_percent = 190")
    found = {problem.where for problem in refused(pack)}
    assert {
        "schedule.csv: specialist, cohort 1, output 1",
        "blocks.csv: NPQSL Block 4",
        "pack.toml: criteria leadership started: video",
    } <= found


def test_checking_and_loading_say_the_same(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, DATES, "specialist,4,3", "specialist,5,3")
    assert check_pack(str(pack)) == refused(pack)


@pytest.mark.parametrize("name", ["edt-v19", "packs/nowhere", "edt-v18/pack.toml", "x" * 5_000])
def test_an_unknown_pack_says_what_to_do(name: str) -> None:
    message = "there is no such pack: give a folder, or the name of a pack that is shipped (edt-v18)"
    assert check_pack(name) == [PackProblem(name, message)]
    with pytest.raises(PackError) as refusal:
        load_pack(name)
    assert str(refusal.value) == f"{name}: {message}"


def test_an_untouched_copy_is_the_same_pack(tmp_path: Path) -> None:
    assert load_pack(str(copy_of(SHIPPED, tmp_path))) == load_pack("edt-v18")


@pytest.mark.parametrize("name", [DATES, BLOCKS, ROWS])
def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path, name: str) -> None:
    """With a byte order mark and Windows line ends, as "CSV UTF-8" of Excel."""
    pack = copy_of(SHIPPED, tmp_path)
    text = (pack / name).read_text(encoding="utf-8")
    (pack / name).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    saved, shipped = load_pack(str(pack)), load_pack("edt-v18")
    assert (saved.schedule, saved.blocks) == (shipped.schedule, shipped.blocks)


@pytest.mark.parametrize(("file", "old", "new"), [
    (DATES, "2022-02-09", "2022-02-10"),
    (BLOCKS, "L292", "L292 "),
    (ROWS, "S 1.1a The Importance", "S 1.1a the importance"),
    (PACK, "# Education", "# The Education"),
])  # fmt: skip
def test_any_change_shows_in_the_label(tmp_path: Path, file: str, old: str, new: str) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, file, old, new)
    changed = load_pack(str(pack))
    assert changed.hash != load_pack("edt-v18").hash
    assert changed.label == f"edt-v18 18.0 ({changed.hash[:12]})"


def test_a_pack_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    monkeypatch.chdir(pack)
    assert check_pack(".") == []
    monkeypatch.chdir(tmp_path)
    assert check_pack("pack") == []
    assert check_pack("./pack") == []


def refused(pack: Path) -> list[PackProblem]:
    """What is wrong with a pack, each said in one plain sentence."""
    with pytest.raises(PackError) as refusal:
        load_pack(str(pack))
    problems = list(refusal.value.problems)
    assert problems
    for problem in problems:
        assert str(problem) in str(refusal.value)
        assert problem.where.startswith((PACK, DATES, BLOCKS, ROWS))
        assert 0 < len(problem.message) < 1_000
        assert not re.search(r"Traceback|Error\b|<class|object at|\n|Decimal\(|datetime\.", problem.message), (
            problem.message
        )
    return problems
