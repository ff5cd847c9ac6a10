"""The folder in which a new pack is made: whether it can be, which is seen before the first question, and its making."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.services.refusals import Refusal
from reference import pack_writing
from reference.loading import PACKS
from reference.pack import Pack
from reference.pack_writing import HEAD, Files
from reference.problems import PackError


@dataclass(frozen=True)
class NewFolder:
    """A folder that is new or empty, in one that is there."""

    path: Path

    @classmethod
    def named(cls, given: Path) -> NewFolder:
        """The folder of this name. Raises `Refusal` where no pack can be made there."""
        folder = cls(Path(os.path.abspath(given)))
        if not str(folder.path).isprintable():  # it is to be read and typed as NPQ_PACK
            raise Refusal("unreadable_name", "The folder's name has letters that can't be shown: give another name.")
        if pack_writing.is_shipped(folder.path):
            raise Refusal("shipped_pack", "That folder belongs to the program: give a folder of your own.")
        try:
            folder._require_room()
        except (OSError, ValueError) as trouble:
            raise folder.why_not(trouble) from None
        return folder

    def _require_room(self) -> None:
        """Tries it: a folder beside it can be made, under a name as long as the one that it will have at first."""
        parent = self.path.parent
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise Refusal("folder_not_empty", f"{self.path} is there already: give a folder that is new or empty.")
        if self.path == Path.cwd():
            raise Refusal(
                "folder_not_empty", f"You are in {self.path}: go to the folder above it, or give another one."
            )
        if not parent.is_dir():
            raise Refusal("no_such_folder", f"There is no folder {parent}: make it first, or give another one.")
        Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", dir=parent)).rmdir()

    def make(self, files: Files) -> Pack:
        """Checks what the files make as `npq pack check` does, and puts them there: whole or not at all."""
        try:
            made = pack_writing.loaded(files)
            pack_writing.put_copy(self.path, files)
        except PackError as error:
            message = f"With these answers the pack would not be sound, so nothing was written: {error}"
            raise Refusal("pack_refused", message) from None
        except OSError as trouble:
            raise self.why_not(trouble) from None
        except KeyboardInterrupt:
            if not (self.path / HEAD).exists():  # else it came when all was done
                raise
        return made

    def why_not(self, trouble: OSError | ValueError) -> Refusal:
        """Why nothing can be written there."""
        why = getattr(trouble, "strerror", None) or type(trouble).__name__
        return Refusal("not_written", f"{self.path} can't be made ({why}): nothing was written; give another folder.")


def shipped_names() -> Sequence[str]:
    """What the packs that come with the program are called."""
    return sorted(path.name for path in PACKS.iterdir() if path.is_dir())
