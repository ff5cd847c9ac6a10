"""Writes a pack's files: its schedule with other rows, whole or not at all, in its own folder or in a copy."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from reference.loading import PACKS, load_pack
from reference.pack import Pack, ScheduleRow
from reference.pack_files import FILES, hash_of
from reference.schedule_edits import EditedRow

SCHEDULE, HEAD = "schedule.csv", "pack.toml"
Files: TypeAlias = Mapping[str, bytes]  # a pack's, by name

_BOM = b"\xef\xbb\xbf"
# The columns of a schedule in the order in which people read them.
_COLUMNS = (
    *("group", "cohort", "output", "course", "start", "review", "cut_off", "invoice", "payment"),
    *("price_share", "payment_printed", "note", "source"),
)
_NAME = re.compile(r"""^(name\s*=\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""", re.MULTILINE)


class PackMoved(Exception):
    """The files are not, or no more, those of which the pack was made."""


def is_shipped(folder: Path) -> bool:
    """Whether a folder belongs to the program, and so is nobody's to edit."""
    return folder.resolve().is_relative_to(PACKS.resolve())


def files_of(folder: Path, pack: Pack) -> Files:
    """What the files of a loaded pack hold. Raises `PackMoved` where they were edited since, `OSError`."""
    files = {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
    if hash_of(files) != pack.hash:
        raise PackMoved
    return files


def with_rows(files: Files, before: Pack, rows: Sequence[EditedRow]) -> Files:
    """The same files, these the rows of the schedule. What a row says stays as it is written where it says nothing else."""
    old = files[SCHEDULE]
    titles, *there = csv.reader(io.StringIO(old.decode("utf-8-sig"), newline=""))
    header = [title.strip() for title in titles]
    filled = [row for row in there if any(cell.strip() for cell in row)]
    needed = [name for name in _COLUMNS if name not in header and any(_cell(one.row, name) for one in rows)]
    columns = _widened(header, needed)
    ends = "\r\n" if b"\r\n" in old else "\n"
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ends)
    writer.writerow(columns)
    for one in rows:
        if one.was is not None and one.row == before.given_dates[one.was]:
            written = dict(zip(header, filled[one.was], strict=False))
            writer.writerow([written.get(name, "") for name in columns])
        else:
            writer.writerow([_cell(one.row, name) for name in columns])
    return {**files, SCHEDULE: (_BOM if old.startswith(_BOM) else b"") + out.getvalue().encode()}


def rows_by_line(files: Files, rows: Sequence[EditedRow]) -> dict[int, ScheduleRow]:
    """The rows of a schedule that `with_rows` has written, by the line on which each begins."""
    reader = csv.reader(io.StringIO(files[SCHEDULE].decode("utf-8-sig"), newline=""))
    next(reader)
    begins, found = reader.line_num + 1, {}
    for one, _ in zip(rows, reader, strict=True):
        found[begins], begins = one.row, reader.line_num + 1
    return found


def _widened(header: Sequence[str], needed: Sequence[str]) -> list[str]:
    """A header with further columns, each before the first of those that are read after it."""
    columns = list(header)
    for name in needed:
        later = _COLUMNS[_COLUMNS.index(name) + 1 :]
        columns.insert(min((columns.index(one) for one in later if one in columns), default=len(columns)), name)
    return columns


def _cell(row: ScheduleRow, name: str) -> str:
    value = getattr(row, name)
    return "" if value is None else str(value)  # a date as ISO writes it


def named(files: Files, name: str) -> Files:
    """The same files, of a pack with another name."""
    text = files[HEAD].decode("utf-8-sig")
    return {**files, HEAD: _NAME.sub(lambda found: found[1] + json.dumps(name, ensure_ascii=False), text, 1).encode()}


def loaded(files: Files) -> Pack:
    """The pack that these files make. Raises `PackError` with all that is wrong with it, `OSError`."""
    with tempfile.TemporaryDirectory() as folder:
        _write_all(Path(folder), files)
        return load_pack(folder)


def put_schedule(folder: Path, before: Files, after: Files) -> None:
    """Puts another schedule in place of a pack's, at once and whole.

    Raises `PackMoved` where somebody has edited the pack meanwhile, and `OSError`; then nothing has changed.
    """
    if any((folder / name).read_bytes() != held for name, held in before.items()):
        raise PackMoved
    place = (folder / SCHEDULE).resolve()  # where it is a link, what it leads to
    handle, made = tempfile.mkstemp(prefix=f".{SCHEDULE}.", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            _keep(stream, after[SCHEDULE])
        shutil.copymode(place, made)
        os.replace(made, place)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    _keep_names(place.parent)


def put_copy(folder: Path, files: Files) -> None:
    """Makes a folder with these files, at once and whole; it must not be there, or be empty. Raises `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write_all(made, files)
        made.chmod(folder.stat().st_mode & 0o777 if folder.exists() else 0o777 & ~_umask())
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    _keep_names(folder.parent)


def _write_all(folder: Path, files: Files) -> None:
    for name, held in files.items():
        with (folder / name).open("wb") as stream:
            _keep(stream, held)


def _keep(stream: io.BufferedWriter | io.BufferedIOBase, held: bytes) -> None:
    """Writes to the disk itself, so that no failing of the machine leaves half a file."""
    stream.write(held)
    stream.flush()
    os.fsync(stream.fileno())


def _keep_names(folder: Path) -> None:
    """The same for the names in a folder, where the system knows how."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _umask() -> int:
    """Which rights new folders lack; the system tells by setting it."""
    umask = os.umask(0)
    os.umask(umask)
    return umask


__all__ = [
    "Files",
    "PackMoved",
    "files_of",
    "is_shipped",
    "loaded",
    "named",
    "put_copy",
    "put_schedule",
    "rows_by_line",
    "with_rows",
]
