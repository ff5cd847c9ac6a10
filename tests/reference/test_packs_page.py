"""Whoever writes a pack knows docs/packs.md alone: its example is a pack, and what it lists is what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from reference.checks.criterion_checks import METRICS, NUMBERS
from reference.criteria import Combine, Criterion, Item, Metric, WeightedPart
from reference.entries.pack_entries import HEAD, TABLES
from reference.entries.typed_entries import form_of
from reference.loading import check_pack, load_pack
from reference.pack import (
    Activity,
    AssessmentWindow,
    Cohort,
    Course,
    DeclarationType,
    DeferralPolicy,
    Erratum,
    EventKind,
    External,
    NotBetween,
    PackSettings,
    Paper,
    PersonalLimit,
    Price,
    Saying,
    ScheduleRow,
    Start,
)
from reference.pack_files import FILES

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
CRITERIA = dict(re.findall(r"<!-- criteria: ([\w ]+) -->\n```toml\n(.*?)```", PAGE, re.DOTALL))
EXAMPLE = dict(re.findall(r"<!-- example: (\S+) -->\n```(?:toml)?\n(.*?)```", PAGE, re.DOTALL))
KEYS = {*form_of(Criterion).types, "part", "items"}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    assert set(EXAMPLE) == set(FILES)
    for name, text in EXAMPLE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_example_is_a_pack(example: Path) -> None:
    assert check_pack(str(example)) == []


def test_the_dates_of_the_example_are_those_that_the_page_says(example: Path) -> None:
    dates = load_pack(str(example)).dates
    first, own = dates["NPQLT"]["2025b", "", 2], dates["NPQLBC"]["2025b", "", 2]
    assert (str(first.review), first.review_computed, str(own.review)) == ("2026-05-01", True, "2026-04-24")
    assert str(first.cut_off) == str(own.cut_off) == "2026-05-29"
    assert str(dates["EHCO"]["2026b", "november", 1].review) == "2027-01-14"
    assert ("2026b", "december", 1) not in dates["EHCO"]


@pytest.mark.parametrize("kind", [
    Activity, AssessmentWindow, Cohort, Course, Criterion, DeferralPolicy, Erratum, EventKind, External, Item, NotBetween, PackSettings,
    Paper, PersonalLimit, Price, Saying, ScheduleRow, Start, WeightedPart,
], ids=lambda kind: kind.__name__)  # fmt: skip
def test_every_key_is_explained(kind: type[Any]) -> None:
    assert [name for name in form_of(kind).types if f"`{name}`" not in PAGE] == []


def test_every_table_shape_and_declaration_is_explained() -> None:
    words = [*HEAD, *get_args(DeclarationType), *NUMBERS, *get_args(Combine), *get_args(Metric)]
    assert [word for word in words if word not in PAGE] == []
    assert [table for table in TABLES if f"[{table}]" not in PAGE] == []


def row_of(shape: str) -> str:
    """Its row in the table of shapes."""
    table = PAGE.split("**The shapes:**")[1].split("| key |")[0]
    [row] = [line for line in table.splitlines() if line.startswith("| `") and f"`{shape}`" in line.split("|")[1]]
    return row


@pytest.mark.parametrize("shape", NUMBERS)
def test_the_numbers_of_each_shape_are_those_that_it_takes(shape: Any) -> None:
    row = row_of(shape)
    numbers = {name for name in KEYS if f"`{name}`" in row.split("|")[3]}
    assert numbers == {name for names in NUMBERS[shape] for name in names}


@pytest.mark.parametrize("shape", METRICS)
def test_the_metrics_of_each_shape_are_those_that_it_takes(shape: Any) -> None:
    row = row_of(shape)
    if shape == "weighted":  # the metrics are those of its parts
        [row] = [line for line in PAGE.split("#### Weighted parts")[1].splitlines() if line.startswith("| `metric`")]
    assert {metric for metric in get_args(Metric) if f'`"{metric}"`' in row} == set(METRICS[shape])


@pytest.mark.parametrize("name", CRITERIA)
def test_each_providers_rules_can_stand_in_the_example(example: Path, name: str) -> None:
    """In place of its criteria for the same declarations."""
    written = (example / "pack.toml").read_text(encoding="utf-8")
    declared = re.findall(r"^groups.*\ndeclarations.*$", CRITERIA[name], re.MULTILINE)
    sets = [
        part
        for part in re.split(r"(?=^\[\[criteria]])", written, flags=re.MULTILINE)
        if part.startswith("[[criteria]]")
    ]
    for one in sets:
        if any(heading in one for heading in declared):
            written = written.replace(one.partition("\n[[event_kind]]")[0], "")
    written = written.replace("[[event_kind]]", f"{CRITERIA[name]}\n[[event_kind]]", 1)
    (example / "pack.toml").write_text(written, encoding="utf-8")
    assert check_pack(str(example)) == []
    keys = {criterion.key for each in load_pack(str(example)).criteria.values() for criterion in each.criteria}
    assert set(re.findall(r'^key = "(\w+)"', CRITERIA[name], re.MULTILINE)) <= keys


def test_there_are_the_rules_of_several_providers() -> None:
    assert list(CRITERIA) == ["sessions and materials", "weighted", "hours", "coaching", "percentages"]


def test_every_setting_that_may_be_left_out_is_so_called() -> None:
    optional = PAGE.split("These may be left out:", 1)[1].split("Components that", 1)[0]
    named = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in optional.splitlines() if "|" in line)))
    assert named == set(form_of(PackSettings).types) - set(form_of(PackSettings).needed)
