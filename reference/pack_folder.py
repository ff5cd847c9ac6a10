"""The folder of the pack in use, as a process that runs on looks at it: is there an edited pack to be taken?

An edit counts as soon as the folder is quiet, whole or not at all: what is half saved, or contradicts itself, is not taken.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from reference.loading import PACKS, folder_of, load_pack
from reference.pack import Pack
from reference.pack_files import FILES, hash_of
from reference.problems import PackError

QUIET = 2.0  # seconds without a change: whoever saves or copies the files has come to an end

# Of each file, what tells that it was written: inode, size, both times in nanoseconds; None where it is missing.
_Stamps: TypeAlias = tuple[tuple[int, int, int, int] | None, ...]


class PackFolder:
    """Where a process has its pack from. `name_or_path`: as `load_pack` takes it, which made `in_use` of it."""

    def __init__(self, name_or_path: str, in_use: Pack) -> None:
        self._given = name_or_path
        self._used = in_use.hash
        self._known: _Stamps | None = None  # the files as they hold the pack in use
        self._refused = ""  # the hash of files that hold no pack, which was said
        self.is_well_again = False  # it held no pack, which was said, and now holds the one in use
        self._seen: _Stamps = ()
        self._seen_at = 0.0

    @property
    def place(self) -> str:
        """Which folder it is, for people."""
        return place_of(self._given)

    def edited(self, now: float) -> Pack | None:
        """The pack that is there and is to be used from now on, where that is another one than until now.

        `now`: seconds by the clock that files are stamped by. Raises `PackError` with what is wrong, once for each state of
        the folder.
        """
        stamps = _stamps(self._given)
        self.is_well_again = False
        if stamps == self._known or not self._quiet(stamps, now):
            return None
        digest = _digest(self._given)
        if digest == self._used:
            self.is_well_again = bool(self._refused)
            self._known, self._refused = stamps, ""
            return None
        if digest == self._refused:
            return None
        try:
            pack = load_pack(self._given)
        except Exception:
            if _stamps(self._given) != stamps:
                return None  # somebody is still at it
            self._refused = digest
            raise
        if pack.hash != digest or _stamps(self._given) != stamps:
            return None
        self._known, self._used, self._refused = stamps, digest, ""
        return pack

    def _quiet(self, stamps: _Stamps, now: float) -> bool:
        """Whether nothing was written for a while: by the files' own times, or since they were looked at before.

        The latter where a file is missing, or comes from a machine whose clock is ahead.
        """
        if stamps != self._seen or now < self._seen_at:
            self._seen, self._seen_at = stamps, now
        if now - self._seen_at >= QUIET:
            return True
        present = [stamp for stamp in stamps if stamp is not None]
        newest = max((max(times) for _, _, *times in present), default=0)
        return len(present) == len(FILES) and now - newest / 1e9 >= QUIET


def place_of(name_or_path: str) -> str:
    """What `NPQ_PACK` means, the same however it is typed: a shipped pack's name, or a folder's whole path."""
    try:
        folder = folder_of(name_or_path)
    except PackError:
        folder = Path(name_or_path)
    place = folder.name if folder.parent == PACKS else os.path.abspath(folder)
    return place.encode("utf-8", "replace").decode()  # a path may hold what no text can


def _stamps(name_or_path: str) -> _Stamps:
    try:
        folder = folder_of(name_or_path)
    except PackError:
        return (None,) * len(FILES)
    return tuple(_stamp(folder / name) for name in FILES)


def _stamp(file: Path) -> tuple[int, int, int, int] | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    # a copy may keep the time at which its original was written: then the other one says when it came
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _digest(name_or_path: str) -> str:
    """The hash of what the files hold now."""
    held = {}
    try:
        folder = folder_of(name_or_path)
    except PackError:
        return "no folder"
    for name in FILES:
        try:
            held[name] = (folder / name).read_bytes()
        except OSError:
            continue  # counts as missing
    return hash_of(held)
