"""Reads a pack.toml of the first format as one of today's, and says how to bring it up to date.

The first format numbered its cohorts, gave criteria by the kind of output and knew two papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PAPERS = (
    {"key": "school_contract", "name": "signed school contract", "column": "contract_returned_on", "source": "L51"},
    {
        "key": "sponsorship_agreement",
        "name": "signed sponsorship agreement",
        "column": "sponsorship_returned_on",
        "source": "L51",
    },
)


def is_old(top: Mapping[str, Any]) -> bool:
    """Whether this is a pack.toml of the first format, which says of itself nothing."""
    return "format" not in top


def brought_up_to_date(top: Mapping[str, Any]) -> dict[str, Any]:
    """The same pack.toml in today's format; what is wrong with it stays wrong."""
    return {
        **top,
        "cohort": _each(top.get("cohort"), _cohort),
        "criteria": _each(top.get("criteria"), lambda entry: _criteria(entry, top.get("output"))),
        "assessment_window": _each(top.get("assessment_window", []), _window),
        "papers": list(PAPERS),
        "settings": _settings(top.get("settings")),
    }


def _each(entries: Any, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if not isinstance(entries, list):
        return entries
    return [change(entry) if isinstance(entry, Mapping) else entry for entry in entries]


def _text(value: Any) -> Any:
    """A cohort's number as its key; what is no number stays what it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _cohort(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"key" if key == "number" else key: _text(value) for key, value in entry.items()}


def _window(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _text(value) if key == "cohort" else value for key, value in entry.items()}


def _settings(given: Any) -> Any:
    """The cohorts that report themselves, as keys; and dates had to differ."""
    if not isinstance(given, Mapping):
        return given
    settings = {**given, "dates_differ": {"value": True, "source": "R48"}}
    own = settings.get("self_report_cohorts")
    if isinstance(own, Mapping) and isinstance(own.get("value"), list):
        settings["self_report_cohorts"] = {**own, "value": [_text(one) for one in own["value"]]}
    return settings


def _criteria(entry: Mapping[str, Any], outputs: Any) -> dict[str, Any]:
    """Criteria for the outputs of a kind, as they are of its groups."""
    kind = entry.get("kind")
    declarations = [
        output.get("declaration_type")
        for output in (outputs if isinstance(outputs, list) else [])
        if isinstance(output, Mapping) and output.get("kind") == kind and output.get("group") in entry.get("groups", ())
    ]
    rest = {key: value for key, value in entry.items() if key != "kind"}
    return {**rest, "declarations": list(dict.fromkeys(declarations))}
