"""A pack of today's format: what it may say and may leave out, and every kind of fault, each told once with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.loading import check_pack, load_pack
from reference.pack import Pack
from reference.schedule import DatesOf, by_whom
from tests.reference.made import add, change, copy_of
from tests.reference.test_checking import DATES, PACK, line_named, refused

NORTHERN = Path(__file__).parents[1] / "packs" / "northern-2026"
COHORT = '[[cohort]]\nkey = "{}"\nname = "Another"\ncourses = ["NPQLT"]\nsource = "letter"\n\n[[papers]]'
COURSE = '[[course]]\ncode = "NPQLT"\nidentifier = "npq-leading-again"\nname = "Again"\ngroup = "senco"\ntotal = "TBC"\nsource = "p. 4"\n'
ATTENDANCE = 'label = "Attended a conference or a twilight session"\n'
NOVEMBER = 'key = "november", identifier = "npq-ehco-november", starts_on = 2026-11-02'
FIRST = "specialist,2025b,1,,,2025-12-04,2025-12-18,2026-01-09,2026-01-30"

SURPLUS = [
    # what is broken, file, what it says, what it says instead, what stands in the line that is named, part of what is said
    ("a share for attendance", PACK, ATTENDANCE, f"{ATTENDANCE}min_share = 90\n", "min_share = 90",
     "nothing uses “min_share” here: the shape attendance takes no number; leave it out"),
    ("a percentage for self-study", PACK, "min_credits = 2", "min_credits = 2\nmin_percent = 90", "min_percent = 90",
     "the shape self_study takes min_credits"),
    ("a metric for a video", PACK, "min_percent = 75", 'min_percent = 75\nmetric = "credits"', "metric =",
     "the shape video takes min_percent and block"),
    ("a block for a share", PACK, "min_share = 85", "min_share = 85\nblock = 1", "block = 1", "takes metric and min_share"),
    ("a block that nobody has", PACK, "min_percent = 75", "min_percent = 75\nblock = 3", "block = 3", "there are 1, 2"),
    ("a name for a group that is none", PACK, "[group_names]", '[group_names]\nheads = "Heads"', "heads =", "there is no group “heads”"),
    ("two groups of one name", PACK, '"SENCO NPQ"', '"Specialist NPQs"', "senco =", "is what the group “specialist” is called"),
    ("a start that says nothing", PACK, '{ group = "specialist", identifier = "npq-specialist-autumn" }',
     '{ group = "specialist" }', '    { group = "specialist" }', "it says nothing"),
    ("outputs of nobody", PACK, '[[criteria]]', '[[output]]\ngroup = "heads"\nnumber = 1\ndeclaration_type = "started"\n'
     'title = "Begun"\nsource = "p. 6"\n\n[[criteria]]', 'group = "heads"', "no course is in the group “heads”"),
    ("criteria for an output that is none", PACK, 'groups = ["leadership", "senco"]', 'groups = ["leadership", "senco", "specialist"]',
     'groups = ["leadership", "senco", "specialist"]', "the group “specialist” has no output that is declared retained-2"),
    ("a saying that nobody says", PACK, 'key = "not_defined"', 'key = "not_decided"', 'key = "not_decided"', "nothing says “not_decided”"),
    ("a kind, as of old", PACK, 'number = 1\n', 'number = 1\nkind = "started"\n', 'kind = "started"',
     "it follows from the declaration_type"),
    ("a number, as of old", PACK, 'key = "2025b"', "number = 4", "number = 4", 'write key = "4" instead of number = 4'),
    ("a key that is not used", PACK, 'funding = "capped"', 'funding = "capped"\nfunded = true', "funded = true", "is “funding” meant?"),
    ("papers below a table", PACK, "[settings]", '[settings]\npapers = []', "papers = []", "belongs at the top of the file"),
    ("a row for a course of another group", DATES, "2025b,2,NPQH", "2025b,2,NPQLT", "leadership,2025b,2,NPQLT",
     "NPQLT is in the group “specialist”, not in “leadership”"),
    ("a row for a course that is not offered", DATES, "2025b,2,NPQH", "2025b,2,NPQEL", "leadership,2025b,2,NPQEL",
     "cohort 2025b does not offer NPQEL"),
    ("a row for an unknown course", DATES, "2025b,2,NPQH", "2025b,2,NPQHT", "leadership,2025b,2,NPQHT", "there is no course NPQHT"),
    ("a row for an unknown start", DATES, ",november,", ",january,", "ehco,2026b,1,,january", "there are november, december"),
    ("a start by DfE's name", DATES, ",november,", ",npq-ehco-november,", "ehco,2026b,1,,npq", "write november, the start's key"),
    ("a start where there is one", DATES, "senco,2025b,1,,", "senco,2025b,1,,autumn", "senco,2025b,1", "leave “start” blank"),
]  # fmt: skip

BAD_INPUT = [
    ("a cohort again in capitals", PACK, "[[papers]]", COHORT.format("2026B"), 'key = "2026B"', "the cohort 2026B is given twice"),
    ("a cohort's key with a blank", PACK, '"2025b"\nname', '"2025 b"\nname', 'key = "2025 b"', "such as 2025b"),
    ("a cohort's key as a number", PACK, 'key = "2025b"', "key = 2025", "key = 2025", "give words in quotation marks (given: 2025)"),
    ("a course in two groups", PACK, "[group_names]", f"{COURSE}\n[group_names]", 'code = "NPQLT"',
     "once in the group specialist and once in senco"),
    ("a course twice in a cohort", PACK, '"EHCO"]\nsource', '"EHCO", "EHCO"]\nsource', "courses =", "EHCO is there twice"),
    ("another format", PACK, "format = 2", "format = 3", "format = 3", "write format = 2"),
    ("the format left out", PACK, "format = 2\n", "", "# Northern", "“format = 2” is missing"),
    ("no word of papers", PACK, '[[papers]]\nkey = "learning_agreement"\nname = "signed learning agreement"\n'
     'column = "contract_returned_on"\nsource = "handbook p. 5"\n', "", "", "Write papers = [] at the top for none"),
    ("declarations in another order", PACK, 'number = 2\ndeclaration_type = "retained-1"', 'number = 2\ndeclaration_type = "completed"',
     "declaration_type =", "come in DfE's order"),
    ("two starts without keys", PACK, NOVEMBER, NOVEMBER.replace('key = "november", ', ""), '    { group = "ehco", identifier',
     "so each needs a key"),
    ("two starts of one key", PACK, 'key = "december"', 'key = "November"', '    { group = "ehco", key = "November"',
     "November is given twice"),
    ("a start before its cohort", PACK, "starts_on = 2026-11-02", "starts_on = 2026-09-02", '    { group = "ehco", key = "november"',
     "before the cohort's first day 2026-10-05"),
    ("unknown funding", PACK, 'funding = "capped"', 'funding = "some"', "funding =", "give one of 'zero', 'capped' or 'full'"),
    ("an output with two sets", PACK, 'declarations = ["retained-2"]', 'declarations = ["retained-1", "retained-2"]', "[[criteria]]",
     "has criteria already"),
    ("a label left blank", PACK, '"Met their coach"', '" "', "label =", "it is blank"),
    ("a date for a setting", PACK, "review_days_before_cut_off = { value = 28", "review_days_before_cut_off = { value = 2026-01-01",
     "review_days_before_cut_off", "give a whole number"),
    ("a word for true", PACK, "[settings]", '[settings]\ndates_differ = { value = "yes", source = "p. 1" }', "dates_differ",
     "give true or false"),
    ("contact within the window", PACK, "contact_overdue_after = { value = 22", "contact_overdue_after = { value = 21",
     "contact_overdue_after", "more than window_days, 21"),
    ("a mark after contact", PACK, "three_week_mark_after = { value = 21", "three_week_mark_after = { value = 23",
     "three_week_mark_after", "22 (contact_overdue_after) or less"),
    ("progress beyond the window", PACK, "window_progress_after = { value = [10]", "window_progress_after = { value = [10, 22]",
     "window_progress_after", "22 is after the window"),
    ("a lead twice", PACK, "[28, 14, 7]", "[28, 14, 14]", "review_leads", "14 is there twice"),
    ("a unit's beginning that none has", PACK, "[settings]", '[settings]\nunit_prefix = { value = "S ", source = "p. 1" }',
     "unit_prefix", "no activity of Online study has a title that begins with “S ”"),
    ("the British way", DATES, FIRST, FIRST.replace("2025-12-18", "07/12/2025"), "specialist,2025b,1",
     "here 2025-12-07 for 7 December or 2025-07-12 for 12 July (given: 07/12/2025)"),
    ("month first", DATES, FIRST, FIRST.replace("2025-12-18", "12/18/2025"), "specialist,2025b,1", "here 2025-12-18 for 18 December"),
    ("a date as a number", DATES, FIRST, FIRST.replace("2025-12-18", "46009"), "specialist,2025b,1", "the year first (given: 46009)"),
    ("a review after the cut-off", DATES, FIRST, FIRST.replace("2025-12-18", "2025-12-03"), "specialist,2025b,1",
     "the review date 2025-12-04 must not be after the cut-off 2025-12-03"),
    ("a cut-off after the payment", DATES, FIRST, FIRST.replace("2025-12-18", "2026-01-31"), "specialist,2025b,1",
     "the cut-off 2026-01-31 must not be after the payment date 2026-01-30"),
    ("an override past what it inherits", DATES, "NPQLL,,2026-04-24", "NPQLL,,2026-06-24", "specialist,2025b,2,NPQLL",
     "the review date 2026-06-24 must not be after the cut-off 2026-05-29 (the other date is in line 3)"),
    ("a start reviewed before it begins", DATES, "november,2027-01-14", "november,2026-11-01", "ehco,2026b,1,,november",
     "before the first day of cohort 2026b, start november, 2026-11-02"),
    ("a row given twice", DATES, "leadership,2026b,1,,,", "leadership,2026b,1,,,,,,,,,letter\nleadership,2026b,1,,,", "leadership,2026b,1",
     "is given twice; leave one of them out (the first is in line 15)"),
    ("a cohort in another spelling", DATES, "leadership,2026b,1", "leadership,2026B,1", "leadership,2026B,1",
     "write 2026b, as the cohort's key has it"),
    ("dates without criteria", DATES, "ehco,2025b,2,,,2026-06-11", "ehco,2025b,4,,,2026-06-11", "[[output]]",
     "no [[criteria]] names the group “ehco” and completed (the first is in schedule.csv, line 13)"),
    ("no row at all, and its columns", DATES, "group,cohort,output,course", "cohort,output,course", "cohort,output",
     "the column “group” is missing"),
    ("half a file", PACK, 'text = "How the coaching', 'text = "How\n', 'text = "How', "this is not valid TOML"),
]  # fmt: skip
SEVERAL = [  # from which more than one thing follows
    ("a computed date before the last one", DATES, "specialist,2025b,2,,,,2026-05-29", "specialist,2025b,2,,,,2025-12-30",
     "specialist,2025b,2,,", "the review date 2025-12-02 (28 days before the cut-off) is not after the one of output 1"),
]  # fmt: skip
BREAKS = [*SURPLUS, *BAD_INPUT]


@pytest.mark.parametrize(
    ("file", "old", "new", "stands", "says"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
def test_one_broken_thing_is_told_once_with_its_line(
    tmp_path: Path, file: str, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, file, old, new)
    [problem] = refused(pack)
    assert says in problem.message
    assert line_named(pack, problem).startswith(stands)


@pytest.mark.parametrize(
    ("file", "old", "new", "stands", "says"), [row[1:] for row in SEVERAL], ids=[row[0] for row in SEVERAL]
)
def test_what_follows_from_one_thing_is_told_as_well(
    tmp_path: Path, file: str, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, file, old, new)
    [problem] = [problem for problem in refused(pack) if says in problem.message]
    assert line_named(pack, problem).startswith(stands)
    assert 1 < len(refused(pack)) <= 3


@pytest.fixture(scope="module")
def northern() -> Pack:
    return load_pack(str(NORTHERN))


WHOSE = [
    # course, cohort, start (as a participant's `schedule`), output; review, computed or not, cut-off, payment
    ("NPQLT", "2025b", "", 1, "2025-12-04", False, "2025-12-18", "2026-01-30"),
    ("NPQLT", "2025b", "", 2, "2026-05-01", True, "2026-05-29", "2026-06-25"),
    ("NPQLT", "2025b", "npq-specialist-autumn", 2, "2026-05-01", True, "2026-05-29", "2026-06-25"),
    (
        "NPQLL",
        "2025b",
        "",
        2,
        "2026-04-24",
        False,
        "2026-05-29",
        "2026-06-25",
    ),  # its own review, the group's other dates
    ("NPQH", "2025b", "", 2, "2026-05-29", True, "2026-06-26", "2026-07-24"),  # computed from its own cut-off
    ("NPQSL", "2026b", "", 1, None, False, None, None),
    ("EHCO", "2026b", "november", 1, "2027-01-14", False, "2027-01-29", "2027-03-25"),
    (
        "EHCO",
        "2026b",
        "npq-ehco-december",
        1,
        "2027-02-04",
        False,
        "2027-02-26",
        "2027-03-25",
    ),  # the course's beats the start's
]


@pytest.mark.parametrize(("course", "cohort", "start", "output", "review", "computed", "cut_off", "payment"), WHOSE)
def test_whose_dates_are_which(
    northern: Pack, course: str, cohort: str, start: str, output: int, review: str | None, computed: bool,
    cut_off: str | None, payment: str | None,
) -> None:  # fmt: skip
    row = northern.dates[course][cohort, start, output]
    days = [str(day) if day else None for day in (row.review, row.cut_off, row.payment)]
    assert (*days[:1], row.review_computed, *days[1:]) == (review, computed, cut_off, payment)


def test_what_is_not_known_stays_unknown(northern: Pack) -> None:
    assert ("2026b", "", 1) not in northern.dates["EHCO"]  # two starts: nobody's until it is said which
    assert ("2026b", "", 2) not in northern.dates["NPQLT"]
    assert ("2025b", "", 1) not in northern.dates["NPQEL"]  # not offered
    assert northern.cohorts["2026b"].funding is None


def test_criteria_are_those_of_the_output(northern: Pack) -> None:
    keys = {
        output: [c.key for c in found.criteria]
        for output in (1, 2, 3, 4)
        if (found := northern.criteria_for("NPQH", output))
    }
    assert keys == {
        1: ["attendance", "self_study"],
        2: ["progress", "attendance"],
        3: ["progress", "video"],
        4: ["credits_85", "assessment_tracked"],
    }
    assert northern.criteria_for("EHCO", 4) is None
    assert [output.kind for output in northern.outputs["ehco"]] == ["started", "retention", "retention", "completion"]


@pytest.mark.parametrize(("file", "old", "new"), [
    (PACK, "starts_on = 2026-10-05\n", ""),
    (PACK, "starts_on = 2026-10-05\n", 'starts_on = "TBC"\n'),
    (PACK, 'value = [], source', "value = [\"2025b\"], source"),
    (PACK, "review_days_before_cut_off = { value = 28, source = \"handbook p. 11\" }\n", ""),
    (DATES, FIRST, FIRST.replace("2025-12-18", "TBC")),
    (DATES, FIRST, FIRST.replace("2025-12-18", "").replace("2025-12-04", "")),
    (DATES, f"{FIRST},33.3%,,letter of 1 September 2025\n", ""),
    (DATES, FIRST, FIRST.replace("2025-12-18", "2025-12-04")),  # one day is right unless `dates_differ`
    (DATES, "note,source", "note,source,,"),
])  # fmt: skip
def test_what_may_be_left_out_or_added(tmp_path: Path, file: str, old: str, new: str) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, file, old, new)
    assert check_pack(str(pack)) == []


def test_a_pack_without_any_dates_or_papers(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    header = (pack / DATES).read_text(encoding="utf-8").splitlines()[0]
    (pack / DATES).write_text(header, encoding="utf-8")
    text = (pack / PACK).read_text(encoding="utf-8")
    papers = text[text.index("[[papers]]") : text.index("[settings]")]
    (pack / PACK).write_text(
        text.replace(papers, "").replace("format = 2\n", "format = 2\npapers = []\n"), encoding="utf-8"
    )
    loaded = load_pack(str(pack))
    assert (dict(loaded.schedule), loaded.papers) == ({}, ())


def test_the_same_day_is_wrong_where_dates_differ(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, PACK, "[settings]", '[settings]\ndates_differ = { value = true, source = "p. 1" }')
    change(pack, DATES, FIRST, FIRST.replace("2025-12-18", "2025-12-04"))
    [problem] = refused(pack)
    assert "the review date 2025-12-04 must be before the cut-off 2025-12-04" in problem.message


def test_a_file_cut_off_anywhere_is_told_kindly(tmp_path: Path) -> None:
    """Half written, or with a line lost: never anything but sentences, each with a line that the file has."""
    pack = copy_of(NORTHERN, tmp_path)
    for name in (PACK, DATES):
        whole = (pack / name).read_text(encoding="utf-8")
        lines = whole.splitlines(keepends=True)
        halves = [whole[:end] for end in range(0, len(whole), len(whole) // 12)]
        lost = ["".join(lines[:n] + lines[n + 1 :]) for n in range(0, len(lines), len(lines) // 12)]
        for text in (*halves, *lost):
            (pack / name).write_text(text, encoding="utf-8")
            for problem in check_pack(str(pack)):
                assert problem.line is None or 1 <= problem.line <= max(
                    1, len(text.splitlines()) if problem.file == name else 500
                )
        (pack / name).write_text(whole, encoding="utf-8")


def test_faults_of_many_entries_come_by_file_and_line(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    add(pack, DATES, "specialist,2026b,2,,,2026-13-01,,,,,,letter\n")
    change(pack, PACK, "total = 30", "total = 31")
    change(pack, PACK, "min_share = 85", "min_share = 850")
    change(pack, "blocks.csv", "NPQSL,1,20", "NPQSL,1,twenty")
    change(pack, PACK, "window_days = { value = 21", "window_days = { value = 210")
    told = refused(pack)
    assert [problem.file for problem in told] == [PACK] * 3 + [DATES, "blocks.csv"]
    assert [problem.line for problem in told[:3]] == [15, 283, 347]


def test_a_table_whose_name_is_lost_is_no_flood(tmp_path: Path) -> None:
    """Its settings then fall to the paper above; and one sentence names all that an entry lacks."""
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, PACK, "[settings]\n", "")
    told = [str(problem) for problem in refused(pack)]
    assert len(told) == 5
    assert told[0] == "pack.toml: there is no [settings] table"
    assert "more names from here on are not known here" in told[-1]
    change(pack, PACK, "[[papers]]", "[settings]\n[[papers]]")
    [lacking] = [line for line in map(str, refused(pack)) if "are missing" in line]
    assert lacking.startswith("pack.toml:335: settings: “window_days”, “review_leads”")


QUOTED = [
    # what it says, what it says instead, what stands in the line that is named, what is said
    ("window_days = { value = 21", 'window_days = { value = "21"', "window_days",
     'settings.window_days: write the number without quotation marks (given: "21")'),
    ("[28, 14, 7]", '["28", 14, 7]', "review_leads", 'settings.review_leads: write the number without quotation marks (given: "28")'),
    ("[28, 14, 7]", "[28.0, 14, 7]", "review_leads", "settings.review_leads: give a whole number (given: 28.0)"),
    ("[28, 14, 7]", "[28, true, 7]", "review_leads", "settings.review_leads: give a whole number (given: true)"),
    ("window_days = { value = 21", "window_days = { value = 21.0", "window_days",
     "settings.window_days: give a whole number (given: 21.0)"),
    ("starts_on = 2026-10-05", 'starts_on = "2026-10-05"', "starts_on",
     'cohort 2026b: “starts_on”: write the date without quotation marks (given: "2026-10-05")'),
    ("total = 30", 'total = "30"', "total", '“total”: write the number without quotation marks (given: "30")'),
    ("number = 1", 'number = "1"', "number", '“number”: write the number without quotation marks (given: "1")'),
    ("min_percent = 75", 'min_percent = "75"', "min_percent", '“min_percent”: write the number without quotation marks (given: "75")'),
    ("min_percent = 75", 'min_percent = "1e1"', "min_percent", "“min_percent”: give a number (given: 1e1)"),
    ("format = 2", 'format = "2"', "format", 'or leave it out in a pack of the first format (given: "2")'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "stands", "says"), QUOTED)
def test_numbers_and_dates_stand_without_quotation_marks(
    tmp_path: Path, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, PACK, old, new)
    [problem] = refused(pack)
    assert str(problem).endswith(says)
    assert line_named(pack, problem).startswith(stands)


def test_an_output_without_criteria_has_a_cut_off_and_no_computed_review(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    add(pack, DATES, "ehco,2025b,4,,,,2027-06-11,,,,,letter\n")
    assert check_pack(str(pack)) == []
    row = load_pack(str(pack)).dates["EHCO"]["2025b", "", 4]
    assert (row.review, str(row.cut_off), row.review_computed) == (None, "2027-06-11", False)


def test_dates_that_are_alike_are_computed_for_those_alone_for_whom_they_are(tmp_path: Path) -> None:
    """A course's own review date, on the very day that would be computed for the others."""
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, DATES, "NPQLL,,2026-04-24", "NPQLL,,2026-05-01")
    loaded = load_pack(str(pack))
    computed = {code: loaded.dates[code]["2025b", "", 2].review_computed for code in ("NPQLT", "NPQLL")}
    assert computed == {"NPQLT": True, "NPQLL": False}
    assert len(loaded.schedule["specialist", "2025b", 2]) == 1
    assert {of.courses: of.row.review_computed for of in by_whom(loaded) if of.row and _is(of)} == {
        ("NPQLL",): False,
        tuple(c for c in loaded.courses if c in loaded.cohorts["2025b"].courses and _specialist(loaded, c)): True,
    }


def _is(of: DatesOf) -> bool:
    return (of.group, of.cohort, of.output) == ("specialist", "2025b", 2)


def _specialist(pack: Pack, code: str) -> bool:
    return pack.courses[code].group == "specialist" and code != "NPQLL"


OFFERED = 'courses = ["NPQEYL", "NPQH", "NPQSL", "NPQSENCO", "NPQLBC", "NPQLL", "NPQLT", "NPQLTD", "EHCO"]'
ONCE = [
    # what is broken, file, what it says, what it says instead, what stands in the line that is named, part of what is said
    ("a cohort without courses", PACK, OFFERED, "courses = []", "courses = []", "it offers no course; name at least one"),
    ("a start of nobody", PACK, '"NPQSENCO", "NPQLBC", "NPQLL", "NPQLT", "NPQLTD", "EHCO"]',
     '"NPQLBC", "NPQLL", "NPQLT", "NPQLTD", "EHCO"]', '    { group = "senco"', "so nothing uses this start, nor its rows in schedule.csv"),
    ("rows of a course that is not offered", DATES, "leadership,2025b,2,NPQH,,",
     "leadership,2025b,3,NPQEL,,,2026-12-01,,,,,x\nleadership,2025b,2,NPQEL,,", 
     "leadership,2025b,3,NPQEL", "cohort 2025b does not offer NPQEL, so nothing uses this row, nor the 1 below"),
    ("criteria for a declaration that none has", PACK, 'groups = ["leadership", "senco"]\ndeclarations = ["retained-2"]',
     'groups = ["specialist"]\ndeclarations = ["retained-2"]', "groups =", "declared retained-2"),
    ("a window of no days", PACK, "window_days = { value = 21", "window_days = { value = -21", "window_days",
     "must be 1 or more"),
    ("a message beyond the window", PACK, "window_open_after = { value = 1", "window_open_after = { value = 22", "window_open_after",
     "22 is after the window"),
    ("a course's total of nothing", PACK, "total = 30", "total = 0", "total = 0", "must be 1 or more"),
    ("credits below nothing", "blocks.csv", "NPQSL,1,20", "NPQSL,1,-20", "NPQSL,1,-20", "credits can't be less than 0"),
    ("a blank after a code", PACK, 'code = "NPQLT"', 'code = "NPQLT "', 'code = "NPQLT "', "leave out the blank before or after it"),
    ("a column in capitals", DATES, "group,cohort", "Group,cohort", "Group", "is “group” meant?"),
    ("a column in capitals alone", DATES, "group,cohort", "GROUP,cohort", "GROUP", "is “group” meant?"),
    ("a name that is like none", PACK, 'funding = "capped"', 'colour = "red"', "colour =", "“colour” is not known here; known are"),
    ("an output number twice", PACK, 'number = 2\n', 'number = 1\n', "number = 1", "numbered from 1 in order"),
    ("a start's key twice", PACK, 'key = "december"', 'key = "november"',
     '    { group = "ehco", key = "november"', "november is given twice"),
    ("an output that is none", DATES, "leadership,2026b,1,,,",
     "leadership,2026b,5,,,,2026-01-01,,,,,x\nleadership,2026b,1,,,", "leadership,2026b,5", "leadership has 1, 2, 3, 4 (given: 5)"),
    ("a computed review before the cohort", DATES, "leadership,2025b,3,,,,2027-01-29", "leadership,2025b,3,,,,2025-10-20",
     "leadership,2025b,3", "lies before the first day of cohort 2025b"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "stands", "says"), [row[1:] for row in ONCE], ids=[row[0] for row in ONCE]
)
def test_what_follows_from_one_fault_is_not_told(
    tmp_path: Path, file: str, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, file, old, new)
    [problem] = refused(pack)
    assert says in problem.message
    assert line_named(pack, problem).startswith(stands)


def test_a_cohort_or_course_twice_is_told_once(tmp_path: Path) -> None:
    for text in (COHORT.format("2026b").replace("\n\n[[papers]]", "\n"), COURSE):
        pack = copy_of(NORTHERN, tmp_path / text[2:8])
        add(pack, PACK, f"\n{text}")
        add(
            pack,
            DATES,
            "specialist,2026b,2,NPQLT,,,2027-06-11,,,,,letter\nehco,2026b,2,,november,,2027-06-11,,,,,letter\n",
        )
        [problem] = refused(pack)
        assert "is given twice" in problem.message
