"""The table of all that is worked out and kept (`core/derived`) is complete and true, and a record's layout has its number."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

import core.derived
from core.posts import outbox
from core.rules import progress
from core.rules.folding import LAYOUT, Fold, progress_of
from reference.criteria import CriteriaGroup, CriteriaSet, Criterion
from reference.pack import Pack
from tests.guard import OF_FILES
from tests.house.test_rooms import HOUSE
from tests.rules.conftest import assessed, declared, did, period, person, ran, session, watched

assert outbox  # its tables belong to the metadata

# What a class that remembers nothing may set up.
PLAIN = {"installation", "pack", "name", "people", "names"}
# The record of somebody of whom every kind of fact is known, by layout. Another record under the same number would be read wrongly:
# raise LAYOUT, and put the new fingerprint here.
FINGERPRINTS = {4: "aa618be366e06856"}


def rows() -> list[dict[str, str]]:
    lines = [line for line in (core.derived.__doc__ or "").splitlines() if "|" in line]
    head, _, *body = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [dict(zip(head, cells, strict=True)) for cells in body]


def stores() -> Iterator[str]:
    """`module.Class` of everything in the room that keeps something in memory: a dict, a list, a text, one of the room's own."""
    for path in sorted((HOUSE / "core/derived").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(_keeps(each) for each in ast.walk(node)):
                yield f"{path.stem}.{node.name}"


def _keeps(node: ast.AST) -> bool:
    target = (
        node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    )
    if isinstance(node, ast.FunctionDef):
        return any(
            isinstance(each, ast.Name) and each.id in ("cached_property", "lru_cache") for each in node.decorator_list
        )
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
        and target.attr not in PLAIN
    )


def test_every_store_in_memory_stands_in_the_table() -> None:
    kept = {row["kept in"] for row in rows()}
    assert set(stores()) - kept == set()


def test_whatever_the_table_names_is_there() -> None:
    here = {f"{path.stem}.{node.name}" for path in (HOUSE / "core/derived").glob("*.py") for node in _classes(path)}
    tables = SQLModel.metadata.tables
    for row in rows():
        table, _, column = row["kept in"].partition(".")
        known = row["kept in"] in here or (table in tables and (not column or column in tables[table].c))
        assert known, f"{row['what']}: there is no {row['kept in']}"


def _classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]


def test_each_is_proved_by_a_test_that_is_there_and_knows_it() -> None:
    for row in rows():
        test = HOUSE / "tests" / row["proved by"]
        assert test.is_file(), f"{row['what']}: there is no {row['proved by']}"
        assert "def test_" in test.read_text(encoding="utf-8")


def test_every_derived_table_stands_in_the_table() -> None:
    """Facts, decisions, what was posted and to whom, staff, the audit trail are told by somebody; the rest follows from them."""
    told = {
        "decision", "participant_revision", "staff", "place", "conversation", "notice", "refusal_count", "audit",
        "inbound_event", "import_log", "message", "post", "post_person", "lane", "planner", "post_slot",
        "pack_in_use",
    }  # fmt: skip
    kept = {row["kept in"].partition(".")[0] for row in rows()}
    assert set(SQLModel.metadata.tables) - set(OF_FILES) - told - kept == set()


def test_a_kind_that_is_added_is_numbered_after_those_there_are() -> None:
    """Records, and the kinds of each group, hold them as bits in this order."""
    known = ("activities", "declaration_report", "engagement_report", "register", "videos", "assessments")
    assert progress.KINDS[: len(known)] == known


def test_records_of_a_pack_that_counts_more_are_made_anew(pack: Pack) -> None:
    """What a record holds behind its facts is what the trees measure: sessions, hours, components, items."""

    def basis(**numbers: Any) -> str:
        asked = Criterion("asked", "count", "R9", "Asked", "house", n=Decimal(1), **numbers)
        first = CriteriaSet("specialist", 1, CriteriaGroup("all", (asked,)), "house")
        return Fold(replace(pack, criteria={**pack.criteria, ("specialist", 1): first}, hash=str(numbers))).basis

    found = [Fold(pack).basis, basis(metric="sessions"), basis(metric="hours")]
    found += [basis(metric="activities", component=name) for name in ("Self-study", "Podcast")]
    assert len(set(found)) == len(found)


def test_another_layout_of_a_record_has_another_number(pack: Pack) -> None:
    whoever = person(
        training_status="deferred",
        activities=(did("2021-12-01"), did("2022-01-10", 2, "Event survey", component="Event survey")),
        declaration_reports=(period("2021-11-01", "2021-12-31", 6, 3, 6),),
        engagement_reports=(ran("2022-01-31", "37.5", 9),),
        register=(session("2022-02-01"), session("2022-02-08", "booked", contingency="watch", marked=False)),
        videos=(watched("2021-12-05", "90"),),
        assessments=(assessed(),),
        declarations=(declared(1, "2021-12-20", "2021-12-13"), declared(2, "2022-06-20", state="payable")),
    )
    record = progress_of(pack, whoever).facts
    assert Fold(pack).basis.startswith(f"{LAYOUT}|")
    assert FINGERPRINTS.get(LAYOUT) == hashlib.sha256(bytes(record)).hexdigest()[:16]
