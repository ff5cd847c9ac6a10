"""Reads a pack.toml of the first format as one of today's, and says how to bring it up to date.

The first format numbered its cohorts, gave criteria by the kind of output and knew two papers.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    settings = top.get("settings")
    return {
        **top,
        "cohort": _each(top.get("cohort"), _cohort),
        "criteria": _each(top.get("criteria"), lambda entry: _criteria(entry, top.get("output"))),
        "papers": list(PAPERS),
        "settings": {**settings, "dates_differ": {"value": True, "source": "R48"}} if isinstance(settings, dict) else settings,
    }


def _each(entries: Any, change: Any) -> Any:
    if not isinstance(entries, list):
        return entries
    return [change(entry) if isinstance(entry, Mapping) else entry for entry in entries]


def _cohort(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"key" if key == "number" else key: value for key, value in entry.items()}


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
