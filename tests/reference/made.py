"""Copies of a pack for tests to change, the way somebody would in an editor."""

from __future__ import annotations

import shutil
from pathlib import Path

from reference.loading import PACKS

SHIPPED = PACKS / "edt-v18"


def copy_of(pack: Path, folder: Path) -> Path:
    """A pack's files in a folder of one's own."""
    made = folder / "pack"
    shutil.copytree(pack, made)
    return made


def change(pack: Path, file: str, old: str, new: str) -> None:
    """Changes the first place where `old` stands; it must stand somewhere."""
    path = pack / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not say {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(pack: Path, file: str, text: str) -> None:
    """Adds lines at the end of a file."""
    with (pack / file).open("a", encoding="utf-8") as opened:
        opened.write(text)
