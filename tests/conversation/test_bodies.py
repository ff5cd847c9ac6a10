"""JSON that others send."""

from __future__ import annotations

import pytest

from bot.slack import decode
from bot.teams.verifying import read_activity
from bot.web.json_bodies import DEEPEST, read_json


def nested(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('[{"a":[', "]}]")])
def test_what_is_nested_deeper_than_any_request_is_refused(opening: str, closing: str) -> None:
    layers = opening.count("[") + opening.count("{")
    read_json(nested(DEEPEST // layers, opening, closing))
    for levels in (DEEPEST // layers + 1, 500, 50_000):
        with pytest.raises(ValueError, match="nested more than 100 deep"):
            read_json(nested(levels, opening, closing))


@pytest.mark.parametrize("levels", [101, 500, 50_000])
def test_so_it_is_on_both_platforms(levels: int) -> None:
    for given in (
        lambda: decode.body(nested(levels).encode(), "application/json"),
        lambda: decode.body(f"payload={nested(levels)}".encode(), "application/x-www-form-urlencoded"),
        lambda: read_activity(nested(levels).encode()),
    ):
        with pytest.raises(ValueError, match="nested more than 100 deep"):
            given()
