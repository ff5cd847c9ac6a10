"""In which line of a TOML file something stands, whatever is written in between."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reference.entries.toml_lines import line_of, lines_of
from reference.loading import PACKS

TEXT = '''# a comment with "a quotation mark
a = 1
b = """two [[lines]] # no comment
 x = 3
with \\" and two more"""""
"quoted \\"key" = 'z' # = 4
c.d = [ # a comment ]
  1, "]",
  { e = 2, f = [3,
   4] },
]

[[t]]
k = 1
[[t.u]]
v = 1
[[t.u]]
v = 2
  [t.w]
  q = 2020-01-01
[[t]]
[[t.u]]
v = \'\'\'a
'b\'\'\'\'
z = 3
[ x . "y z" ]
m = 1
'''
LINES = {
    ("a",): 2,
    ("b",): 3,
    ('quoted "key',): 6,
    ("c", "d"): 7,
    ("c", "d", 1): 8,
    ("c", "d", 2, "f", 1): 10,
    ("t", 0): 13,
    ("t", 0, "u", 1, "v"): 18,
    ("t", 0, "w", "q"): 20,
    ("t", 1): 21,
    ("t", 1, "u", 0, "z"): 25,
    ("x", "y z", "m"): 27,
}


def test_the_text_is_one_that_the_parser_takes() -> None:
    assert tomllib.loads(TEXT)["t"][1]["u"][0]["z"] == 3


@pytest.mark.parametrize("path", LINES, ids=str)
def test_the_line_of_a_key(path: tuple[str | int, ...]) -> None:
    assert lines_of(TEXT)[path] == LINES[path]


def test_what_is_missing_stands_where_it_should_be() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("t", 0, "u", 1, "missing")) == 17
    assert line_of(lines, ("missing", 0)) is None


@pytest.mark.parametrize(
    "pack", [PACKS / "edt-v18", Path(__file__).parents[1] / "packs" / "northern-2026"], ids=lambda p: p.name
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_key_of_a_pack_stands_in_its_line(pack: Path, ends: str) -> None:
    text = (pack / "pack.toml").read_text(encoding="utf-8").replace("\n", ends)
    lines, written = lines_of(text), text.splitlines()
    for path in every_key(tomllib.loads(text)):
        assert str(path[-1]) in written[lines[path] - 1] or isinstance(path[-1], int)


def every_key(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in a TOML file."""
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in within for found in ((*path, key), *every_key(each, (*path, key)))]
