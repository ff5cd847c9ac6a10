"""`npq pack new` as somebody without an editor meets it: questions, a folder that is a pack, or nothing at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import main
from bot.cli.pack_new.new_folder import shipped_names
from bot.cli.pack_new.pack_interview import PackInterview, PackQuestion
from core.services.refusals import Refusal
from reference.answered.answered_files import answered_files
from reference.answered.pack_answers import CohortAnswer, PackAnswers, PackBeneath, pack_beneath
from reference.loading import PACKS, check_pack, load_pack
from reference.pack import Pack
from reference.pack_writing import loaded
from reference.problems import PackError
from tests.cli.conftest import NOW, Npq
from tests.cli.terminal import CTRL_C, CTRL_D, at_a_terminal

SAID = "own: said on 16 June 2022"  # the rehearsal's day
PROVIDER = ("--lead-provider", "Riverside Teaching Trust")


@pytest.fixture(scope="module")
def beneath() -> PackBeneath:
    return pack_beneath("npq")


def made(npq: Npq, *options: str) -> Pack:
    ran = npq("pack", "new", "ours", *PROVIDER, *options)
    assert ran.code == 0, ran.err
    assert check_pack("ours") == []
    return load_pack("ours")


def criteria_of(pack: Pack, group: str) -> list[tuple[str, str | None, Decimal | None]]:
    """What a group's last output takes of the participant."""
    leaves = pack.criteria[group, pack.outputs[group][-1].number].criteria
    return [(one.shape, one.metric, one.min_share or one.n) for one in leaves if one.owner == "participant"]


# --- what is made ----------------------------------------------------------------------------------------------------


def test_with_the_defaults_it_is_the_pack_npq_in_its_newest_cohort(bare: Npq, surroundings: Path) -> None:
    pack, npq = made(bare), load_pack("npq")
    assert (pack.name, pack.lead_provider, [*pack.cohorts]) == ("ours", "Riverside Teaching Trust", ["2026b"])
    assert pack.courses == npq.courses
    assert pack.criteria == npq.criteria
    assert pack.outputs == npq.outputs
    assert pack.settings == npq.settings
    assert pack.setting_sources == npq.setting_sources
    assert pack.cohorts["2026b"] == npq.cohorts["2026b"]
    assert pack.given_dates == tuple(row for row in npq.given_dates if row.cohort == "2026b")
    assert sorted(path.name for path in surroundings.iterdir()) == ["ours"]


def test_what_was_said_says_so_and_all_else_has_the_source_of_the_pack_npq(bare: Npq, surroundings: Path) -> None:
    pack = made(
        bare,
        *("--courses", "specialist, npq-senior-leadership", "--cohorts", "2024a, 2026 b"),
        *("--new-cohort", "2027a=Spring 2027=2027-02-01", "--new-cohort", "2027b=Autumn 2027"),
        *("--completion", "2=85%, hours=10.5", "--totals", "specialist=120, NPQSL=150"),
        *("--kinds", "seminar, Conference Day=5.5, live webinar", "--papers", "contract=signed learning agreement"),
        *("--reviews", "28", "--name", "our own"),
    )
    assert pack.name == "our own"
    assert [*pack.courses] == ["NPQLT", "NPQLTD", "NPQLBC", "NPQLL", "NPQLPM", "NPQSL"]
    assert {(pack.totals[code], pack.courses[code].source) for code in pack.courses} == {
        (120, f"DfE course list; total: {SAID}"),
        (150, f"DfE course list; total: {SAID}"),
    }
    assert [(key, cohort.starts_on) for key, cohort in pack.cohorts.items()] == [
        ("2024a", date(2024, 10, 1)), ("2027a", date(2027, 2, 1)), ("2026b", None), ("2027b", None),
    ]  # fmt: skip
    assert pack.cohorts["2024a"].source.endswith(f"; courses: {SAID}")
    assert {start.group for start in pack.cohorts["2024a"].starts} == {"specialist", "leadership"}
    asked = [("completion_share", "credits", Decimal(85)), ("count", "hours", Decimal("10.5"))]
    assert criteria_of(pack, "specialist") == criteria_of(pack, "leadership") == asked
    assert [(kind.key, kind.name, kind.hours, kind.source) for kind in pack.event_kinds.values()] == [
        ("seminar", "seminar", None, SAID),
        ("conference_day", "Conference Day", Decimal("5.5"), SAID),
        ("live_webinar", "live webinar", None, "EDT v18, L62"),
    ]
    assert [(paper.name, paper.column, paper.source) for paper in pack.papers] == [
        ("signed learning agreement", "contract_returned_on", SAID)
    ]
    row = pack.dates["NPQSL"]["2024a", "", 1]
    assert (row.review, row.cut_off, row.review_computed) == (date(2024, 10, 28), date(2024, 11, 25), True)
    assert pack.setting_sources["review_days_before_cut_off"] == SAID


def test_typed_review_dates_stand_in_the_rows_of_their_outputs(bare: Npq, surroundings: Path) -> None:
    pack = made(
        bare,
        *(
            "--cohorts",
            "2024a",
            "--review",
            "2024a/specialist/1=2024-11-11",
            "--review",
            "2024A/ehco/june/1=2025-06-20",
        ),
    )
    row = pack.dates["NPQLT"]["2024a", "", 1]
    assert (row.review, row.cut_off, row.price_share) == (date(2024, 11, 11), date(2024, 11, 25), "20%")
    assert row.source.endswith(f"; review: {SAID}")
    assert pack.dates["EHCO"]["2024a", "june", 1].review == date(2025, 6, 20)
    assert pack.dates["EHCO"]["2024a", "november", 1].review is None


def test_ehco_alone_has_no_percentage(bare: Npq, surroundings: Path) -> None:
    pack = made(bare, "--courses", "ehco")
    assert criteria_of(pack, "ehco") == criteria_of(load_pack("npq"), "ehco")
    assert [*pack.outputs] == ["ehco"]


def test_what_was_written_can_be_read_by_whoever_opens_it(bare: Npq, surroundings: Path) -> None:
    made(bare, "--completion", "sessions", "--courses", "NPQLT")
    text = (surroundings / "ours" / "pack.toml").read_text(encoding="utf-8")
    assert text.startswith("# ours: made by answering the questions of “npq pack new”.\n")
    headings = re.findall(r"^# --- (\w+)", text, re.MULTILINE)
    assert headings == ["courses", "outputs", "kinds", "criteria", "cohorts", "counts"]
    assert 'combine = "all" # all of them are needed' in text
    assert 'of = "planned" # those of the file of planned sessions' in text
    assert max(map(len, text.splitlines())) <= 150


def test_as_json_it_is_one_document(bare: Npq, surroundings: Path) -> None:
    ran = bare(
        "pack", "new", "ours", *PROVIDER, "--courses", "NPQLT", "--cohorts", "2024a", "--reviews", "28", "--json"
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "pack": load_pack("ours").label,
        "name": "ours",
        "npq_pack": str(surroundings / "ours"),
        "courses": ["NPQLT"],
        "cohorts": [{"key": "2024a", "name": "Autumn 2024", "starts_on": "2024-10-01"}],
        "dates_not_known": [
            {"cohort": "2024a", "group": "specialist", "start": None, "date": "invoice", "outputs": [1, 2, 3]}
        ],
    }


def test_an_empty_folder_is_as_good_as_none(bare: Npq, surroundings: Path) -> None:
    (surroundings / "ours").mkdir()
    made(bare)


# --- where nothing can be made ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "code", "says"),
    [
        ("full", "folder_not_empty", "is there already"),
        ("full/mine.txt", "folder_not_empty", "is there already"),
        ("nowhere/ours", "no_such_folder", "There is no folder"),
        ("full/mine.txt/ours", "no_such_folder", "There is no folder"),
        ("our\nown", "unreadable_name", "give another name"),
        (os.fsdecode(b"\xff"), "unreadable_name", "give another name"),
        ("x" * 250, "not_written", "File name too long"),
        ("x" * 300, "not_written", "File name too long"),
        (".", "folder_not_empty", "is there already"),
        (str(PACKS / "ours"), "shipped_pack", "belongs to the program"),
    ],
)
def test_a_folder_that_cannot_be_is_said_before_the_first_question(
    bare: Npq, surroundings: Path, folder: str, code: str, says: str
) -> None:
    (surroundings / "full").mkdir()
    (surroundings / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    error = bare("pack", "new", folder, "--json").error  # the lead provider is not given, but nothing is asked
    assert error["code"] == code
    assert says in error["message"]
    assert [path.name for path in surroundings.rglob("*")] == ["full", "mine.txt"]


def test_the_folder_one_is_in_stays(bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (surroundings / "ours").mkdir()
    monkeypatch.chdir(surroundings / "ours")
    assert "You are in" in bare("pack", "new", ".").sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_sentence(bare: Npq, surroundings: Path) -> None:
    (surroundings / "theirs").mkdir(mode=0o500)
    assert "Permission denied" in bare("pack", "new", "theirs/ours").sentence


def test_a_system_that_takes_no_folder_is_one_sentence(bare: Npq, surroundings: Path) -> None:
    assert "can't be made" in bare("pack", "new", "/proc/ours").sentence


def test_without_a_terminal_what_has_no_default_is_listed(bare: Npq, surroundings: Path) -> None:
    ran = bare("pack", "new", "ours", "--completion", "credits,hours", "--cohorts", "new", "--json")
    assert ran.error["code"] == "question_open"
    assert [one["key"] for one in ran.error["questions"]] == [
        "lead-provider", "new-cohort", "completion", "totals"
    ]  # fmt: skip
    assert (
        "--lead-provider, --new-cohort, --completion, --totals"
        in bare("pack", "new", "ours", "--completion", "credits,hours", "--cohorts", "new").sentence
    )
    assert [*surroundings.iterdir()] == []


REFUSED = {
    "an unknown course": (["--courses", "NPQLT, NPQXX"], "There is no course “NPQXX”: give some of NPQLT"),
    "a shipped pack's name, in capitals": (["--name", "EDT-v18"], "comes with the program"),
    "a key too long": (["--new-cohort", "a" * 3000 + "=S"], "is no key: give up to 20 letters"),
    "an unknown cohort": (["--cohorts", "2031a"], "There is no one cohort “2031a”: give some of 2024a"),
    "a year of two cohorts": (["--cohorts", "2026"], "give some of 2026a, 2026b"),
    "a cohort twice": (["--cohorts", "2026b, 2026B"], "2026b is there twice: name each cohort once."),
    "a new cohort that is there": (["--new-cohort", "2026B=Mine"], "2026b is Autumn 2026 already"),
    "two new cohorts alike": (["--new-cohort", "a1=One", "--new-cohort", "A1=Two"], "A1 is there twice"),
    "a key with a dash": (["--new-cohort", "27-a=One"], "“27-a” is no key: give up to 20 letters and digits alone"),
    "a new cohort without a name": (["--new-cohort", "2027a"], "write KEY=NAME"),
    "a first day that is none": (["--new-cohort", "2027a=One=1/2/2027"], "write the year first"),
    "a first day that is known": (["--cohorts", "2024a", "--first-day", "2024a=2024-10-07"], "leave it out"),
    "a first day of another": (["--first-day", "2024a=2024-10-07"], "give it for 2026b"),
    "a first day month first": (["--first-day", "2026b=10/05/2026"], "write the year first"),
    "a percentage over 100": (["--completion", "percent=101"], "give a number over 0 and up to 100"),
    "a percentage of nothing": (["--completion", "percent=0"], "give a number over 0 and up to 100"),
    "no hours": (["--completion", "hours=0"], "give one over 0 and under 10,000, such as 12 or 10.5"),
    "an unknown measure": (["--completion", "5"], "give a number from 1 to 4, or percent, credits, sessions or hours"),
    "a measure twice": (["--completion", "1, percent=80"], "percent is there twice"),
    "credits without all totals": (
        ["--completion", "credits", "--courses", "NPQLT, NPQSL, EHCO", "--totals", "NPQLT=120"],
        "without the total of NPQSL: give every course's, or measure completion otherwise",
    ),
    "a total that is none": (["--completion", "credits", "--totals", "0"], "give a whole number from 1 on"),
    "a total of EHCO": (["--completion", "credits", "--totals", "ehco=3"], "“ehco” is not asked for"),
    "totals without credits": (["--totals", "120"], "leave it out, or give --completion credits"),
    "EHCO alone with 90%": (
        ["--courses", "EHCO", "--completion", "percent=90"],
        "without a percentage. Leave it out, or add a course",
    ),
    "days before the first day": (
        ["--cohorts", "2024a", "--reviews", "56"],
        "the cut-off of Output 1 in 2024a is 2024-11-25 and the first day 2024-10-01; give 55 or less",
    ),
    "no days at all": (["--reviews", "0"], "give a whole number from 1 to 1,000"),
    "both kinds of reviews": (["--reviews", "28", "--review", "2026b/specialist/1=2026-12-01"], "but not both"),
    "a review after the cut-off": (
        ["--cohorts", "2024a", "--review", "2024a/specialist/1=2024-11-26"],
        "2024-11-26 is after the cut-off 2024-11-25: give that day or an earlier one.",
    ),
    "a review before the first day": (
        ["--cohorts", "2024a", "--review", "2024a/ehco/june/1=2025-05-31"],
        "2025-05-31 is before the first day, 2025-06-01",
    ),
    "reviews that do not rise": (
        ["--review", "2026b/leadership/1=2027-01-10", "--review", "2026b/leadership/3=2027-01-10"],
        "Review dates rise from output to output, and the review of Output 3 on 2027-01-10 is not after the one of Output 1",
    ),
    "a review of nothing": (["--review", "2026b/specialist/4=2027-01-10"], "give one of 2026b/specialist/1"),
    "a review without a date": (["--review", "2026b/specialist/1"], "write KEY=DATE"),
    "a review with a day that is not": (["--review", "2026b/specialist/1=2026-02-30"], "is no date"),
    "a year that can't be meant": (["--review", "2026b/specialist/1=0206-12-01"], "cannot be meant"),
    "a kind twice": (["--kinds", "seminar, Seminar"], "Seminar is there twice"),
    "a kind with too many hours": (["--kinds", "seminar=25"], "give hours over 0 and up to 24"),
    "a kind without letters": (["--kinds", "?"], "has neither letter nor digit"),
    "an unknown paper": (["--papers", "passport"], "give contract or sponsorship, or “none”"),
    "a paper twice": (["--papers", "contract, contract_returned_on=x"], "is there twice"),
    "a shipped pack's name": (["--name", "edt-v18"], "comes with the program: give the pack a name of its own"),
    "a name of nothing": (["--name", " "], "Please give the pack's name"),
    "a name on two lines": (["--name", "our\nown"], "on one line"),
    "a name without end": (["--name", "x" * 201], "in 200 letters at most"),
    "a comma too many": (["--courses", "NPQLT,,"], "with commas between several"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(bare: Npq, surroundings: Path, what: str) -> None:
    options, says = REFUSED[what]
    assert says in bare("pack", "new", "ours", *PROVIDER, *options).sentence
    assert [*surroundings.iterdir()] == []


def test_a_course_that_no_chosen_cohort_offers_is_said(beneath: PackBeneath) -> None:
    """The pack npq has no such cohort; the next one may."""
    older, *newer = (cohort for cohort in beneath.top["cohort"] if cohort["key"] in ("2024a", "2026b"))
    fewer = {**older, "courses": ["NPQLT"], "starts": older["starts"][:1]}
    cohorts = PackAnswers("x", "y", ["NPQLT", "EHCO"], ["2024a", "2026b"])
    held = PackBeneath(
        _with_cohorts(beneath, cohorts, fewer), {**beneath.top, "cohort": [fewer, *newer]}, beneath.files
    )

    def asked(**options: Sequence[str]) -> PackAnswers:
        given = {"lead-provider": ["x"], **options}
        return PackInterview(held, given, SAID, ask=None, say=lambda _: None).answers("ours", ())

    with pytest.raises(Refusal, match=r"EHCO is in none of these cohorts: add 2026b, or leave the course out\."):
        asked(courses=["NPQLT, EHCO"], cohorts=["2024a"])
    with pytest.raises(Refusal, match=r"2024a offers none of EHCO: leave 2024a out, or choose another cohort\."):
        asked(courses=["EHCO"], cohorts=["2024a, 2026b"])
    assert asked(courses=["NPQLT, EHCO"], cohorts=["2024a, 2026b"]).cohorts == ("2024a", "2026b")


def _with_cohorts(beneath: PackBeneath, answers: PackAnswers, fewer: Any) -> Pack:
    files = dict(answered_files(beneath, answers, SAID))
    head = files["pack.toml"].decode()
    first = head[head.index("[[cohort]]") : head.index('[[cohort]]\nkey = "2026b"')]
    new = re.sub(r"courses = .*", f"courses = {fewer['courses']}".replace("'", '"'), first)
    new = re.sub(r"starts = \[.*?\n\]\n", "", new, flags=re.DOTALL)
    rows = [
        line for line in files["schedule.csv"].decode().splitlines(keepends=True) if not line.startswith("ehco,2024a")
    ]
    return loaded({**files, "pack.toml": head.replace(first, new).encode(), "schedule.csv": "".join(rows).encode()})


def test_a_folder_called_like_a_shipped_pack_needs_another_name(bare: Npq, surroundings: Path) -> None:
    (asked,) = bare("pack", "new", "npq", *PROVIDER, "--json").error["questions"]
    assert asked["question"] == "What is the pack called? “npq” comes with the program, so it needs another name."
    assert bare("pack", "new", "npq", *PROVIDER, "--name", "mine").code == 0
    assert load_pack(str(surroundings / "npq")).name == "mine"


# --- at a terminal ---------------------------------------------------------------------------------------------------

ASKED = [  # every question that there can be, each with an answer
    *("", "Riverside Teaching Trust", "NPQLT, EHCO", "2024a, 2026b, new", "2027a", "Spring 2027", "", "2026-10-05"),
    *("2, 4", "80", "12", "120", "seminar", "contract", "signed agreement", "3"),
    *("2024-11-11", "2025-05-01"),
]


def test_wrong_answers_are_told_and_asked_again(surroundings: Path) -> None:
    typed = [
        *("", "", "Riverside", "NPQXX", "NPQLT, EHCO", "2024a, 2024a", "2024a"),
        *("9", "1", "101", "85", "", "3", "2024-11-26", "2024-11-11", "2024-11-10", "", ""),
        *[""] * 12,
    ]
    code, screen = at_a_terminal(surroundings, typed, "pack", "new", "ours")
    assert code == 0, screen
    for says in (
        "This one needs an answer.\nLead provider: ",
        "There is no course “NPQXX”",
        "2024a is there twice: name each cohort once.\nCohorts [2026b]: ",
        "There is no “9” here: give a number from 1 to 4",
        "“101” is no percentage here: give a number over 0 and up to 100.\nPer cent [90]: ",
        "(EHCO needs no such share.)",
        "Specialist NPQs in 2024a, Output 1 (DfE's cut-off is 2024-11-25)",
        "2024-11-26 is after the cut-off 2024-11-25: give that day or an earlier one.\nReview date: ",
        "the review of Output 2 on 2024-11-10 is not after the one of Output 1 on 2024-11-11",
        "EHCO in 2024a, start november, Output 1",
        "Made ours, which passes npq pack check.",
        f"NPQ_PACK={surroundings / 'ours'}",
    ):
        assert says in screen
    pack = load_pack("ours")
    assert pack.dates["NPQLT"]["2024a", "", 1].review == date(2024, 11, 11)
    assert pack.dates["NPQLT"]["2024a", "", 2].review is None
    assert criteria_of(pack, "specialist") == [("completion_share", "percent_complete", Decimal(85))]


def test_what_options_say_is_not_asked(surroundings: Path) -> None:
    options = (*PROVIDER, "--courses", "all", "--cohorts", "2026b", "--completion", "1", "--papers", "none")
    code, screen = at_a_terminal(surroundings, ["", "", "80", "1"], "pack", "new", "ours", *options)
    assert code == 0, screen
    assert criteria_of(load_pack("ours"), "leadership") == [("completion_share", "percent_complete", Decimal(80))]


@pytest.mark.parametrize(
    ("answered", "stop"),
    [*((number, CTRL_C) for number in range(len(ASKED))), *((number, CTRL_D) for number in (0, 8, len(ASKED) - 1))],
    ids=lambda value: {CTRL_C: "Ctrl-C", CTRL_D: "end of input"}.get(value, str(value)),
)
def test_stopping_at_any_question_writes_nothing(surroundings: Path, answered: int, stop: str) -> None:
    code, screen = at_a_terminal(surroundings, [*ASKED[:answered], stop], "pack", "new", "ours")
    assert code == 1
    assert screen.rstrip().endswith("Stopped here: nothing was written.")
    assert "Traceback" not in screen
    assert [*surroundings.iterdir()] == []


# --- whatever is answered --------------------------------------------------------------------------------------------

CODES = ("NPQLT", "npq-senior-leadership", "EHCO", "specialist", "leadership", "ehco", "NPQXX", "all")
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


def listed(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(one, min_size=1, max_size=3).map(", ".join)


PERCENT = st.sampled_from(["", "=90", "=85.5", "=100", "=0", "=101", "=12.25%", "=x"])
MEASURED = st.builds(str.__add__, st.sampled_from(["1", "2", "percent", "credits", "sessions", "hours", "9"]), PERCENT)
COHORT = st.sampled_from(["2024a", "2025a", "2025b", "2026a", "2026b", "2031a"])
DAY = st.dates(date(2024, 6, 1), date(2028, 1, 1)).map(str)
POINT = st.builds(
    "{}/{}/{}={}".format,
    COHORT, st.sampled_from(["specialist", "leadership", "ehco/november", "ehco/june"]), st.integers(1, 5), DAY,
)  # fmt: skip
OPTIONS = {
    "--name": WORDS,
    "--lead-provider": WORDS,
    "--courses": listed(st.sampled_from(CODES)),
    "--cohorts": listed(COHORT),
    "--completion": listed(MEASURED),
    "--totals": st.sampled_from(["120", "0", "NPQLT=120", "specialist=120, leadership=150", "x"]),
    "--kinds": listed(st.sampled_from(["seminar", "conference day=5.5", "f2f", "live webinar=2", "x=25", "these"])),
    "--papers": listed(st.sampled_from(["contract", "sponsorship=signed paper", "none", "passport"])),
    "--reviews": st.sampled_from(["none", "28", "1", "60", "400", "x"]),
}
NEW_COHORT = st.builds(
    "{}={}={}".format,
    st.sampled_from(["2027a", "2026b", "27-a"]), WORDS, st.sampled_from(["", "2027-02-01", "x"]),
)  # fmt: skip
MANY = {"--review": st.lists(POINT, max_size=3), "--new-cohort": st.lists(NEW_COHORT, max_size=2)}


@st.composite
def options_given(draw: st.DrawFn) -> list[str]:
    given: list[str] = ["--lead-provider", "Riverside"]
    for name in draw(st.sets(st.sampled_from([*OPTIONS]), max_size=6)):
        given += [name, draw(OPTIONS[name])]
    for name, values in MANY.items():
        for value in draw(values) if draw(st.booleans()) else []:
            given += [name, value]
    return given


@given(options_given())
@settings(max_examples=150, deadline=None)
def test_whatever_options_say_it_is_a_pack_or_a_sentence(given: list[str]) -> None:
    given = [one.replace("\0", "") for one in given]  # which no command line can hold
    with tempfile.TemporaryDirectory() as folder:
        runner = CliRunner(env={"NPQ_NOW": NOW, "NPQ_PACK": None})
        ran = runner.invoke(main, ["pack", "new", f"{folder}/ours", *given])
        assert ran.exit_code in (0, 1), (ran.output, ran.exception)
        if ran.exit_code:
            assert (ran.stdout, len(ran.stderr.splitlines())) == ("", 1)
            assert "pack would not be sound" not in ran.stderr, "a contradiction that is not said by itself"
            assert "Something went wrong" not in ran.stderr
            assert [*Path(folder).iterdir()] == []
        else:
            assert check_pack(f"{folder}/ours") == []
            said = dict(zip(given[::2], given[1::2], strict=True))
            _holds(load_pack(f"{folder}/ours"), said)


def _holds(pack: Pack, said: dict[str, str]) -> None:
    """What was said is in the pack."""
    assert pack.lead_provider == said["--lead-provider"].strip()
    assert pack.name == said.get("--name", "ours").strip()
    if "--reviews" in said:
        assert str(pack.settings.review_days_before_cut_off) == said["--reviews"].title()
    if "--cohorts" in said:
        assert set(said["--cohorts"].split(", ")) <= set(pack.cohorts)
    if "--papers" in said and said["--papers"] != "none":
        assert len(pack.papers) == len(said["--papers"].split(", "))
    measured = [group for group in pack.outputs if group != "ehco"]
    if "--completion" in said:
        assert all(len(criteria_of(pack, group)) == len(said["--completion"].split(", ")) for group in measured)


TYPED = st.one_of(
    *OPTIONS.values(), DAY, st.sampled_from(["", "1", "2", "3", "new", "new, 2026b", "1, 3", "1, 2, 3, 4", "2027a"])
)


@given(st.lists(TYPED, max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_it_is_a_sound_pack_or_asked_again(beneath: PackBeneath, typed: list[str]) -> None:
    lines: Iterator[str] = iter(typed)

    def ask(question: PackQuestion) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise click.Abort from None

    interview = PackInterview(beneath, {}, SAID, ask=ask, say=lambda _: None)
    try:
        answers = interview.answers("ours", shipped_names())
    except click.Abort:
        return
    pack = loaded(answered_files(beneath, answers, SAID))
    assert set(pack.courses) == set(answers.courses)
    assert set(pack.cohorts) == {*answers.cohorts, *(cohort.key for cohort in answers.new_cohorts)}
    for point, day in answers.reviews.items():
        course = next(code for code, one in pack.courses.items() if one.group == point.group)
        assert pack.dates[course][point.cohort, point.start, point.output].review == day


def test_a_contradiction_that_nobody_thought_of_is_refused_by_the_check(beneath: PackBeneath) -> None:
    twice = [CohortAnswer("2027a", "One"), CohortAnswer("2027A", "Two")]
    answers = PackAnswers("ours", "Riverside", ["NPQLT"], new_cohorts=twice)
    with pytest.raises(PackError, match="2027A"):
        loaded(answered_files(beneath, answers, SAID))


def test_a_cohorts_first_day_is_its_own(bare: Npq, surroundings: Path) -> None:
    assert bare("pack", "new", "ours", *PROVIDER, "--first-day", "2026B=2026-10-12").code == 0
    cohort = load_pack("ours").cohorts["2026b"]
    assert cohort.starts_on == date(2026, 10, 12)
    assert "first day: own: said on" in cohort.source
