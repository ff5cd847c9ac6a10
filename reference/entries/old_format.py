"""Reads a pack.toml of the first format as one of today's, and says how to bring it up to date.

The first format numbered its cohorts, gave criteria by the kind of output and knew two papers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from reference.entries.toml_lines import Path
from reference.pack import KIND_OF, PackSettings

PAPERS = (
    {"key": "school_contract", "name": "signed school contract", "column": "contract_returned_on", "source": "L51"},
    {
        "key": "sponsorship_agreement",
        "name": "signed sponsorship agreement",
        "column": "sponsorship_returned_on",
        "source": "L51",
    },
)
DATES_DIFFER = {"value": True, "source": "L162 (R48)"}
YOURS = "…"  # a source that whoever writes the pack is to fill in
RENAMED = {"key": "number"}  # of a cohort: today's name and its own
KINDS = tuple(dict.fromkeys(KIND_OF.values()))
_TABLES_OF_TODAY = ("papers", "event_kind", "price", "personal_limit", "escalation", "deferral", "gate")
# What only today's format has besides: by table, keys of an entry.
_OF_TODAY = {
    "cohort": ("key", "funding", "starts"),
    "criteria": ("declarations",),
    "output": ("share",),
    "assessment_window": ("course",),
    "settings": ("dates_differ", "review_days_before_cut_off", "inactive_after_days"),
}
# Where only numbers and dates stand, and of the settings those that are whole numbers.
_PLAIN = frozenset(
    {"total", "number", "min_credits", "min_percent", "min_share", "block", "starts_on", "opens", "closes"}
)
_WHOLE = frozenset(f.name for f in fields(PackSettings) if "int" in str(f.type))
Said = tuple[Path, str]


def is_old(top: Mapping[str, Any]) -> bool:
    """Whether this is a pack.toml of the first format, which says of itself nothing."""
    return bool(top) and "format" not in top and not is_of_today(top)


def is_of_today(top: Mapping[str, Any]) -> bool:
    """Whether it says something that only today's format has."""
    return any(table in top for table in _TABLES_OF_TODAY) or any(
        key in entry
        for table, keys in _OF_TODAY.items()
        for entry in (_entries(top, table) if table != "settings" else [top.get(table)])
        if isinstance(entry, Mapping)
        for key in keys
    )


def brought_up_to_date(top: Mapping[str, Any]) -> dict[str, Any]:
    """The same pack.toml in today's format; what is wrong with it stays wrong."""
    return {
        **top,
        "output": _each(top.get("output"), lambda entry: {k: v for k, v in entry.items() if k != "kind"}),
        "cohort": _each(top.get("cohort"), _cohort),
        "criteria": _each(top.get("criteria"), lambda entry: _criteria(entry, top)),
        "assessment_window": _each(top.get("assessment_window", []), _window),
        "papers": list(PAPERS),
        "settings": _settings(top.get("settings")),
    }


def key_of_today(cell: str) -> str:
    """A cohort as a table of the first format has it: "01" was 1."""
    return str(int(cell)) if cell.isdecimal() else cell


def faults(top: Mapping[str, Any]) -> Iterator[Said]:
    """What is wrong with that which only the first format has."""
    for n, output in enumerate(_entries(top, "output")):
        if isinstance(output, Mapping):
            yield from _kind(("output", n), output)
            kind, declared = output.get("kind"), output.get("declaration_type")
            if kind in KINDS and isinstance(declared, str) and KIND_OF.get(declared, kind) != kind:  # type: ignore[call-overload]
                yield ("output", n, "kind"), f"its kind {kind} does not go with its declaration_type {declared}"
    for n, criteria in enumerate(_entries(top, "criteria")):
        if isinstance(criteria, Mapping):
            yield from _kind(("criteria", n), criteria)
            if (
                criteria.get("kind") in KINDS
                and _names_groups(criteria)
                and not _criteria(criteria, top)["declarations"]
            ):
                yield ("criteria", n, "kind"), f"none of its groups has an output of the kind {criteria['kind']}"
    for table, key in (("cohort", "number"), ("assessment_window", "cohort")):
        for n, entry in enumerate(_entries(top, table)):
            if isinstance(entry, Mapping) and key in entry and not _text(entry[key]).isdecimal():
                yield (table, n, key), f"“{key}”: give a whole number (given: {entry[key]})"


def what_to_change(top: Mapping[str, Any]) -> Iterator[Said]:
    """How this pack.toml, with which nothing is wrong, is written in today's format: where, and what to write there."""
    papers = "".join(
        f"\n  [[papers]]{''.join(f'{chr(10)}  {k} = {_quoted_word(v)}' for k, v in {**p, 'source': YOURS}.items())}"
        for p in PAPERS
    )
    yield ("name",), "write above this line: format = 2"
    for table, right in (("output", None), ("criteria", "declarations")):
        for n, entry in enumerate(_entries(top, table)):
            kind = f"kind = {json.dumps(entry['kind'])}"
            if right is None:
                yield (table, n, "kind"), f"leave out {kind}"
            else:
                yield (table, n, "kind"), f"instead of {kind} write {right} = {_quoted(_criteria(entry, top)[right])}"
    for table, was, right in (("cohort", "number", "key"), ("assessment_window", "cohort", "cohort")):
        for n, entry in enumerate(_entries(top, table)):
            number = entry[was]
            if isinstance(number, str) and was == right:
                continue  # as it is to be
            yield (
                (table, n, was),
                f"instead of {was} = {json.dumps(number)} write {right} = {json.dumps(_text(number))}",
            )
    keys = _settings(top["settings"])["self_report_cohorts"]["value"]
    if keys and not all(isinstance(key, str) for key in top["settings"]["self_report_cohorts"]["value"]):
        says = f"write the value of self_report_cohorts as {_quoted(keys)}"
        yield ("settings", "self_report_cohorts"), says
    yield from _as_numbers(top)
    source = _quoted_word(YOURS)
    yield ("settings",), f"write below this line: dates_differ = {{ value = true, source = {source} }}"
    yield (), f"write at its end:{papers}"


def _as_numbers(top: Mapping[str, Any]) -> Iterator[Said]:
    """Numbers and dates that stand in quotation marks, and whole numbers with a point: the first format took them."""
    tables = ("course", "output", "cohort", "criteria", "assessment_window")
    for path, value in [pair for name in tables for pair in _leaves((name,), top.get(name))]:
        if (
            path[-1] in _PLAIN
            and (path[0], path[-1]) != ("cohort", "number")
            and (right := _plainly(value)) is not None
        ):
            yield path, f"instead of {path[-1]} = {json.dumps(value)} write {path[-1]} = {right}"
    for name, entry in top["settings"].items():
        value = entry["value"]
        plain = [_plainly(one) for one in (value if isinstance(value, list) else [value])]
        if name in _WHOLE and any(one is not None for one in plain):
            yield ("settings", name), f"write the numbers of {name} without quotation marks and without a point"


def _plainly(value: object) -> str | None:
    """A number or date as it is to be written; None where it is so already."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and re.fullmatch(r"\d+(?:\.\d+)?|\d{4}-\d\d-\d\d", value):
        return value
    return None


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value of a table, with the path to it."""
    for key, one in (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    ):
        if isinstance(one, Mapping | list):
            yield from _leaves((*path, key), one)
        else:
            yield (*path, key), one


def _entries(top: Mapping[str, Any], table: str) -> list[Any]:
    entries = top.get(table)
    return entries if isinstance(entries, list) else []


def _kind(path: Path, entry: Mapping[str, Any]) -> Iterator[Said]:
    if "kind" not in entry:
        yield (*path, "kind"), "“kind” is missing"
    elif entry["kind"] not in KINDS:
        yield (*path, "kind"), f"“kind”: give one of {_quoted(KINDS).strip('[]')} (given: {entry['kind']})"


def _names_groups(entry: Mapping[str, Any]) -> bool:
    groups = entry.get("groups")
    return isinstance(groups, list) and bool(groups)


def _quoted_word(word: object) -> str:
    return json.dumps(word, ensure_ascii=False)


def _quoted(words: Any) -> str:
    return json.dumps(list(words), ensure_ascii=False)


def _each(entries: Any, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if not isinstance(entries, list):
        return entries
    return [change(entry) if isinstance(entry, Mapping) else entry for entry in entries]


def _text(value: Any) -> str:
    """A cohort's number as its key."""
    return str(value)


def _cohort(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        ("key" if key == "number" else key): (_text(value) if key == "number" else value)
        for key, value in entry.items()
    }


def _window(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _text(value) if key == "cohort" else value for key, value in entry.items()}


def _settings(given: Any) -> Any:
    """The cohorts that report themselves, as keys; and dates had to differ."""
    if not isinstance(given, Mapping):
        return given
    settings = {**given, "dates_differ": DATES_DIFFER}
    own = settings.get("self_report_cohorts")
    if isinstance(own, Mapping) and isinstance(own.get("value"), list):
        settings["self_report_cohorts"] = {**own, "value": [_text(one) for one in own["value"]]}
    return settings


def _criteria(entry: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """Criteria for the outputs of a kind, as they are of its groups."""
    kind, groups = entry.get("kind"), entry.get("groups")
    declarations = [
        output.get("declaration_type")
        for output in _entries(top, "output")
        if isinstance(output, Mapping)
        and output.get("kind") == kind
        and isinstance(groups, list)
        and output.get("group") in groups
    ]
    rest = {key: value for key, value in entry.items() if key != "kind"}
    return {**rest, "declarations": list(dict.fromkeys(map(str, declarations)))}
