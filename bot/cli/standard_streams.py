"""The three standard streams, whatever they are connected to; and words as they were typed in a terminal."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

READING, SAYING, COMPLAINING = range(3)


class Unwritten(Exception):
    """Standard output does not take an answer; says why."""


class _Outlet(io.FileIO):
    """One end of a stream. What it does not take is said once, or never; then nothing more is expected of it."""

    def __init__(self, descriptor: int, *, tells: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._tells = tells

    def write(self, given: ReadableBuffer, /) -> int:
        """Writes what can be written."""
        try:
            return super().write(given)
        except BrokenPipeError:  # whoever reads may stop reading
            if self._tells:
                raise
        except OSError as error:
            if self._tells:
                self._tells = False
                raise Unwritten(_why(error)) from None
        return memoryview(given).nbytes


def prepare() -> None:
    """Makes the process's own streams fit: a closed one takes nothing, and nothing that goes wrong on one is a traceback.

    No file that is opened later takes the place of a closed one.
    """
    for descriptor in (READING, SAYING, COMPLAINING):
        if not _open(descriptor):
            os.dup2(os.open(os.devnull, os.O_RDWR if descriptor == COMPLAINING else os.O_RDONLY), descriptor)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(READING, closefd=False)))
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is typed in the demo
    if sys.stdout is sys.__stdout__:
        sys.stdout = _outlet(sys.stdout, SAYING, tells=True)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _outlet(sys.stderr, COMPLAINING, tells=False)


def as_typed(text: str) -> str:
    """An argument's words; a locale that is not set to UTF-8 hands them over in pieces. Wrong usage when they are in another code."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        pass
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        said = (
            f"“{text}” can't be read: it is not in UTF-8. Please set the terminal to UTF-8, or type it without accents."
        )
        raise click.UsageError(said) from None


def _open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _outlet(was: TextIO | None, descriptor: int, *, tells: bool) -> TextIO:
    """A stream in place of the one that Python has made; a terminal that lacks a letter of a name shows "?"."""
    buffer = io.BufferedWriter(_Outlet(descriptor, tells=tells))
    encoding = "utf-8" if was is None else was.encoding
    by_line = not tells or os.isatty(descriptor)
    return io.TextIOWrapper(buffer, encoding=encoding, errors="replace", line_buffering=by_line)


def _why(error: OSError) -> str:
    return "standard output is closed" if error.errno == errno.EBADF else os.strerror(error.errno or 0)
