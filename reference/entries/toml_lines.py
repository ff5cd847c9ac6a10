"""In which line of a TOML file each entry and key stands: the parser itself gives no positions."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[\s,]|#[^\n]*)*")  # the entries of an array or an inline table
_KEY = re.compile(r"[A-Za-z0-9_-]+|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'")
_STRING = re.compile(r"\"\"\"(?:\\.|[^\\])*?\"\"\"\"{0,2}|'''.*?''''{0,2}|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'", re.DOTALL)
_PLAIN = re.compile(r"[^,\]}\n#]*")  # a number, a date, true or false


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table, entry, key and value of a valid TOML file, from 1: `("cohort", 2, "starts", 0, "key")`."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of what stands at this path or, where it is missing, of what it is missing in; None where that is the file."""
    while path and path not in lines:
        path = path[:-1]
    return lines[path] if path else None


class _Scanner:
    """Goes once through the text, from one key to the next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._counts: Counter[Path] = Counter()  # of the entries of an array of tables
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def scan(self) -> None:
        table: Path = ()
        self._over(_BLANK)
        while self.at < len(self.text):
            start = self.at
            if self.text.startswith("[", start):
                several = self.text.startswith("[[", start)
                self.at += 2 if several else 1
                table = self._table(self._keys(), several)
                self.at = self.text.index("]", self.at) + (2 if several else 1)
                self._note(table, start)
            else:
                self._pair(table)
            self._over(_BLANK)

    def _table(self, keys: list[str], several: bool) -> Path:
        """Where a header leads: within an array of tables, to its newest entry."""
        path: Path = ()
        for key in keys[:-1]:
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        if several:
            self._counts[path] += 1
        return self._newest(path)

    def _newest(self, path: Path) -> Path:
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self._keys())
        self._note(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._over(_SPACES)
        self._value(path)

    def _keys(self) -> list[str]:
        """A key with its dots."""
        found = []
        while True:
            self._over(_SPACES)
            key = self._over(_KEY)
            found.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            self._over(_SPACES)
            if not self.text.startswith(".", self.at):
                return found
            self.at += 1

    def _value(self, path: Path) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._over(_STRING)
        elif first not in "[{":
            self._over(_PLAIN)
        else:
            self.at += 1
            self._over(_BETWEEN)
            index = 0
            while self.text[self.at] not in "]}":
                if first == "[":
                    self._note((*path, index), self.at)
                    self._value((*path, index))
                else:
                    self._pair(path)
                index += 1
                self._over(_BETWEEN)
            self.at += 1

    def _note(self, path: Path, start: int) -> None:
        """The first place counts: a later one goes on with the same table."""
        line = bisect_right(self._ends, start - 1) + 1
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        self.lines.setdefault(path, line)

    def _over(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None, "the text is no valid TOML"
        self.at = match.end()
        return match.group()
