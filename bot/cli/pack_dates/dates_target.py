"""Where dates are written: into the pack's own folder, or into a copy of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.cli.pack_dates.faults_by_row import faults_by_row
from core.services.dates_given import DatesRead, DatesRefused
from core.services.refusals import Refusal
from reference import pack_writing
from reference.pack import Pack
from reference.pack_writing import Files, PackMoved
from reference.problems import PackError
from reference.schedule_edits import schedule_with


@dataclass(frozen=True)
class DatesTarget:
    """Where the dates go: the pack's own folder, or `to`, the folder of a copy."""

    folder: Path
    to: Path | None
    used: Pack

    def require(self, *, dry_run: bool) -> None:
        """Raises `Refusal` where nothing may be written there."""
        if self.to is None and pack_writing.is_shipped(self.folder) and not dry_run:
            raise Refusal(
                "shipped_pack",
                f"{self.used.name} comes with the program and is never changed: add --to FOLDER for a copy with the dates.",
            )
        if self.to is None:
            return
        if pack_writing.is_shipped(self.to):
            raise Refusal("shipped_pack", "That folder belongs to the program: give --to a folder of your own.")
        if self.to.name == self.used.name:
            raise Refusal(
                "same_name", f"The copy needs a name of its own: give --to a folder not called {self.to.name}."
            )
        try:
            taken = self.to.exists() and (not self.to.is_dir() or any(self.to.iterdir()))
        except OSError as trouble:
            raise Refusal(
                "not_written", f"{self.to} can't be read ({trouble.strerror}): give another folder."
            ) from None
        if taken:
            raise Refusal("folder_not_empty", f"{self.to} is there already: give --to a folder that is new or empty.")

    def files(self, read: DatesRead, source: str) -> tuple[Files, Files, Pack]:
        """What its files hold, what they will, and the pack that those make.

        Raises `DatesRefused` or `Refusal` where that would not be sound, `PackMoved`, `OSError`.
        """
        before = pack_writing.files_of(self.folder, self.used)
        rows = schedule_with(self.used, read.given, source)
        after = pack_writing.with_rows(before, self.used, rows)
        after = after if self.to is None else pack_writing.named(after, printable(self.to.name))
        try:
            return before, after, pack_writing.loaded(after)
        except PackError as error:
            by_line = pack_writing.rows_by_line(after, rows)
            if problems := faults_by_row(self.used, read, by_line, error.problems):
                raise DatesRefused(problems) from None
            message = f"With these dates the pack would not be sound, so nothing was written: {error}"
            raise Refusal("pack_refused", message) from None

    def write(self, before: Files, after: Files) -> None:
        """Puts them there, whole or not at all. Raises `PackMoved`, `OSError`."""
        if self.to is None:
            pack_writing.put_schedule(self.folder, before, after)
        else:
            pack_writing.put_copy(self.to, after)

    def why_not(self, trouble: OSError | PackMoved) -> Refusal:
        """Why nothing was written."""
        if isinstance(trouble, PackMoved):
            return Refusal("pack_changed", "Somebody has edited the pack meanwhile, so nothing was written: try again.")
        why = trouble.strerror or type(trouble).__name__
        return Refusal(
            "not_written",
            f"{self.to or self.folder} can't be written ({why}): nothing was changed; mend that and try again.",
        )


def printable(name: str) -> str:
    """A name that a file of text can hold."""
    return "".join(letter if letter.isprintable() else "?" for letter in os.fsencode(name).decode(errors="replace"))
