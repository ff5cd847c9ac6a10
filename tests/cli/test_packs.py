"""`npq pack check` and `npq pack show`, as somebody at a console sees them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.reference.made import SHIPPED, change, copy_of

HELD = Path(__file__).parents[1] / "packs"
NORTHERN, TODAY, MEASURES = HELD / "northern-2026", HELD / "today", HELD / "measures-2026"
GATED = HELD / "gated-2026"


def npq(*words: str, pack: Path | None = None) -> Result:
    return CliRunner(env={"NPQ_PACK": str(pack or "edt-v18")}).invoke(main, words)


def as_json(*words: str, pack: Path | None = None) -> Any:
    return json.loads(npq(*words, "--json", pack=pack).stdout)


def test_a_pack_that_is_well() -> None:
    ran = npq("pack", "check", "edt-v18")
    assert ran.exit_code == 0
    assert re.fullmatch(r"edt-v18 18\.0 is well \(hash [0-9a-f]{12}\)\.\n", ran.stdout)
    assert as_json("pack", "check", "edt-v18")["to_bring_up_to_date"] == []


def test_a_pack_of_the_first_format_is_well_and_told_what_to_change() -> None:
    ran = npq("pack", "check", str(TODAY))
    assert ran.exit_code == 0
    first, second, *changes = ran.stdout.splitlines()
    assert first.startswith("fenland-2026 3.1 is well")
    assert "first format" in second
    assert 'pack.toml:171: instead of number = 21 write key = "21"' in changes
    assert 'pack.toml:39: leave out kind = "started"' in changes
    assert changes[-1] == "pack.toml:3: write above this line: format = 2"
    [change] = [each for each in as_json("pack", "check", str(TODAY))["to_bring_up_to_date"] if each["line"] == 171]
    assert change == {
        "where": "pack.toml:171",
        "message": 'instead of number = 21 write key = "21"',
        "file": "pack.toml",
        "line": 171,
    }


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    pack = copy_of(SHIPPED, tmp_path)
    change(pack, "pack.toml", "min_credits = 1", "min_credits = 1\nmin_share = 90")
    change(pack, "schedule.csv", "2021-12-13,2022-01-10", "2022-01-11,2022-01-10")
    ran = npq("pack", "check", str(pack))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "pack.toml:187: criterion self_study: nothing uses “min_share” here: the shape self_study takes min_credits; leave it out",
        "schedule.csv:2: the dates must follow each other: the review date 2022-01-11 must be before the invoice date 2022-01-10",
        "Please mend this in the pack's files and check again.",
    ]
    told = as_json("pack", "check", str(pack))
    assert told["error"]["code"] == "pack_refused"
    assert [(each["where"], each["file"], each["line"]) for each in told["problems"]] == [
        ("pack.toml:187: criterion self_study", "pack.toml", 187),
        ("schedule.csv:2", "schedule.csv", 2),
    ]


def test_a_course_that_nobody_offers_is_noted(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, "pack.toml", 'courses = ["NPQEYL", "NPQEL", "NPQH"', 'courses = ["NPQEYL", "NPQH"')
    ran = npq("pack", "check", str(pack))
    assert ran.exit_code == 0
    assert "Please note: NPQEL: no cohort offers it" in ran.stdout


SHOWN = [
    "2025b: Autumn 2025; first day 2025-10-06; funding capped; handbook p. 3",
    "ehco december: DfE's schedule npq-ehco-december; first day 2026-12-01",
    "Specialist NPQs, cohort 2025b, Output 2, NPQLL: review 2026-04-24 · cut-off 2026-05-29",
    "Leadership NPQs, cohort 2025b, Output 2, NPQH: review 2026-05-29 (28 days before the cut-off) · cut-off 2026-06-26",
    "Coaching for new heads, cohort 2026b, Output 1, start december: review 2027-02-04 · cut-off 2027-02-26",
    "Leadership NPQs, cohort 2026b, Output 4: not known yet",
    "signed learning agreement (contract_returned_on)",
]


@pytest.mark.parametrize("said", SHOWN)
def test_what_is_shown(said: str) -> None:
    assert said in npq("pack", "show", pack=NORTHERN).stdout


TREE = """
  leadership, Output 3: at least 2 of (handbook p. 10)
    W17  A higher percentage than at the last output point (handbook p. 10)
      a higher percentage complete
    all of
      W18  At least 15% of the course's credits, all of them new (handbook p. 10)
        at least 15% of the course's credits
      any of
        W19  Watched at least 70% of another film (handbook p. 10)
          at least 70% of any block's video introduction
        W20  Attended another session (handbook p. 10)
          a session attended
    W21  Did at least two more quizzes (handbook p. 10)
      at least 2 activities of Quiz with credits
  leadership, Output 4: all of (handbook p. 11)
    W22  At least 72.5% of sessions, tasks and materials together (handbook p. 11)
      at least 72.5% of what is weighted
        45.5 of 100: seminars and conference days: sessions (seminar, conference day), of 8 offered
        34.5 of 100: workplace tasks: the credits of Workplace task
        20 of 100: materials: the course's content
"""
KINDS = """
Kinds of event
  seminar: seminar; 2.5 hours; handbook p. 5
  conference: conference day; 6 hours; handbook p. 5
  webinar: live webinar; 1 hour; handbook p. 5
  coaching: coaching session; 1.5 hours; handbook p. 5
  school_visit: school visit; handbook p. 5
"""


@pytest.mark.parametrize("said", [TREE, KINDS], ids=["a tree with what is measured", "kinds of event"])
def test_what_is_measured_is_shown(said: str) -> None:
    assert said in npq("pack", "show", pack=MEASURES).stdout


def test_a_tree_as_json() -> None:
    shown = as_json("pack", "show", pack=MEASURES)
    [third, last] = [each for each in shown["criteria"] if each["group"] == "leadership" and each["output"] > 2]
    assert (third["combine"], third["n"], third["source"]) == ("at_least", 2, "handbook p. 10")
    assert [(leaf["path"], leaf["key"]) for leaf in third["criteria"]] == [
        ("at_least.0", "percent"),
        ("at_least.1.all.0", "credits_15"),
        ("at_least.1.all.1.any.0", "film"),
        ("at_least.1.all.1.any.1", "attendance"),
        ("at_least.2", "quizzes_2"),
    ]
    film, attendance = ({"key": leaf["key"], "path": leaf["path"]} for leaf in third["criteria"][2:4])
    within = {"combine": "any", "n": None, "source": "", "nodes": [film, attendance]}
    assert third["tree"]["nodes"][1]["nodes"][1] == within
    assert [part["weight"] for part in last["criteria"][0]["parts"]] == ["45.5", "34.5", "20"]
    assert last["criteria"][1]["measures"] == "at least 75% of the course's credits"
    assert shown["event_kinds"][0] == {"key": "seminar", "name": "seminar", "source": "handbook p. 5", "hours": "2.5"}


def test_what_a_group_has_of_its_own_after_a_missed_review(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    assert "After a missed review" not in npq("pack", "show", pack=pack).stdout
    entries = (
        '[[escalation]]\ngroups = ["ehco", "senco"]\nwindow = false\nremoval = false\nsource = "p. 8"\n',
        '[[escalation]]\ngroups = ["specialist"]\nreview_leads = [21, 7]\nextensions_warn_from = 1\nsource = "p. 9"\n',
    )
    with (pack / "pack.toml").open("a", encoding="utf-8") as file:
        file.write("".join(entries))
    said = (
        "\nAfter a missed review, other than above\n"
        "  ehco, senco: no window · no removal; p. 8\n"
        "  specialist: review_leads: 21, 7 · extensions_warn_from: 1; p. 9\n"
    )
    assert said in npq("pack", "show", pack=pack).stdout
    shown = as_json("pack", "show", pack=pack)
    switches = {"window": True, "extensions": True, "removal": True}
    assert shown["escalation"] == [
        {"groups": ["ehco", "senco"], **switches, "window": False, "removal": False, "source": "p. 8"},
        {"groups": ["specialist"], **switches, "review_leads": [21, 7], "extensions_warn_from": 1, "source": "p. 9"},
    ]
    assert switches.keys() & shown["settings"].keys() == set()


def test_a_first_day_that_is_not_known(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, "pack.toml", "starts_on = 2026-10-05\n", "")
    assert "2026b: Autumn 2026; first day not known yet" in npq("pack", "show", pack=pack).stdout


def test_all_of_it_as_json() -> None:
    shown = as_json("pack", "show", pack=NORTHERN)
    [later] = [cohort for cohort in shown["cohorts"] if cohort["key"] == "2026b"]
    assert (later["starts_on"], later["funding"], len(later["starts"])) == ("2026-10-05", None, 5)
    [own] = [row for row in shown["schedule"] if row["courses"] == ["NPQH"]]
    assert (own["review"], own["review_computed"], own["cut_off"]) == ("2026-05-29", True, "2026-06-26")
    assert {"group": "specialist", "cohort": "2026b", "output": 2, "courses": [], "starts": []} in shown[
        "dates_not_known"
    ]
    assert [paper["key"] for paper in shown["papers"]] == ["learning_agreement"]
    assert shown["settings"]["review_days_before_cut_off"]["value"] == 28
    assert shown["settings"]["working_from"] == {"value": "09:00", "source": None}  # as it is where a pack lacks it


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("columns", [None, 60, 80, 200])
def test_no_date_is_ever_cut(columns: int | None) -> None:
    """Into a pipe, and on terminals of any width."""
    shown = on_a_terminal(columns) if columns else npq("pack", "show", pack=NORTHERN).stdout
    dates = re.findall(r"\b20\d\d-\d\d-\d\d\b", npq("pack", "show", pack=NORTHERN).stdout)
    assert re.findall(r"\b20\d\d-\d\d-\d\d\b", shown) == dates
    assert len(dates) == 46
    assert "…" not in shown
    assert columns is None or max(len(line.rstrip()) for line in shown.splitlines()) <= columns


def on_a_terminal(columns: int) -> str:
    """What a terminal of this width shows."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "NPQ_PACK": str(NORTHERN), "COLUMNS": str(columns), "TERM": "xterm"}
    program = [sys.executable, "-c", "from bot.cli import main; main(['pack', 'show'])"]
    running = subprocess.Popen(program, stdout=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while read := os.read(ours, 65536):
            shown += read
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert running.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def test_gates_and_windows_are_shown() -> None:
    told = npq("pack", "show", pack=GATED).stdout
    assert (
        "Before the assessment may be sat\n  specialist, May sit the assessment: all of (course handbook p. 8)\n    H7  "
        in told
    )
    assert "  Specialist NPQs, cohort 2026b, NPQLBC: from 2027-10-04 until 2027-10-25; assessment calendar" in told
    shown = as_json("pack", "show", pack=GATED)
    [gate] = shown["gates"]
    assert (gate["title"], gate["group"], gate["output"]) == ("May sit the assessment", "specialist", 3)
    assert [leaf["path"] for leaf in gate["criteria"]] == ["all.0", "all.1", "all.2"]
    assert [(w["group"], w["course"], w["opens"]) for w in shown["assessment_windows"]] == [
        ("specialist", None, "2027-09-06"),
        ("specialist", None, "2028-01-10"),
        ("specialist", "NPQLBC", "2027-10-04"),
        ("leadership", None, "2028-03-06"),
    ]
    assert as_json("pack", "show")["gates"] == as_json("pack", "show")["assessment_windows"] == []
