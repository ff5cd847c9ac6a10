"""Whoever writes a pack knows docs/packs.md alone: its example is a pack, and what it lists is what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from reference.checks.criterion_checks import NUMBERS
from reference.criteria import Criterion
from reference.entries.pack_entries import HEAD, TABLES
from reference.entries.typed_entries import form_of
from reference.loading import check_pack, load_pack
from reference.pack import (
    Activity,
    AssessmentWindow,
    Cohort,
    Course,
    DeclarationType,
    Erratum,
    External,
    PackSettings,
    Paper,
    Saying,
    ScheduleRow,
    Start,
)
from reference.pack_files import FILES

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
EXAMPLE = dict(re.findall(r"<!-- example: (\S+) -->\n```(?:toml)?\n(.*?)```", PAGE, re.DOTALL))


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
    Activity, AssessmentWindow, Cohort, Course, Criterion, Erratum, External, PackSettings, Paper, Saying, ScheduleRow, Start,
], ids=lambda kind: kind.__name__)  # fmt: skip
def test_every_key_is_explained(kind: type[Any]) -> None:
    assert [name for name in form_of(kind).types if f"`{name}`" not in PAGE] == []


def test_every_table_shape_and_declaration_is_explained() -> None:
    words = [*HEAD, *get_args(DeclarationType), *NUMBERS]
    assert [word for word in words if word not in PAGE] == []
    assert [table for table in TABLES if f"[{table}]" not in PAGE] == []


@pytest.mark.parametrize("shape", NUMBERS)
def test_the_numbers_of_each_shape_are_those_that_it_takes(shape: Any) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{shape}`" in line.split("|")[1]]
    numbers = {f.name for f in fields(Criterion) if f"`{f.name}`" in row.split("|")[3]}
    assert numbers == {name for names in NUMBERS[shape] for name in names}


def test_every_setting_that_may_be_left_out_is_so_called() -> None:
    optional = PAGE.split("These may be left out:", 1)[1].split("Components that", 1)[0]
    named = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in optional.splitlines() if "|" in line)))
    assert named == set(form_of(PackSettings).types) - set(form_of(PackSettings).needed)
