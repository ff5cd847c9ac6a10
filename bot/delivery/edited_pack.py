"""A pack folder that was edited is taken between two passes, and it is said what moved by that."""

from __future__ import annotations

import logging

from bot.clock import real_now
from bot.faults import note
from core.rules.changed_dates_wording import lines_about
from core.services.installation import Installation
from reference.changed_dates import changed_dates
from reference.pack import Pack
from reference.pack_folder import PackFolder
from reference.problems import PackError

log = logging.getLogger(__name__)

MOST_LINES = 20  # about what moved


def on_edited_pack(installation: Installation, folder: PackFolder) -> Installation | None:
    """The installation by the pack that its folder holds now; None where there is nothing to take, or nothing that can be."""
    try:
        pack = folder.edited(real_now().timestamp())
    except PackError as error:
        _not_taken(installation, folder, str(error.problems[0]))
        return None
    except Exception as error:  # a pass goes on by the pack it has, whatever somebody has put there
        _not_taken(installation, folder, f"fault {note(error)}")
        return None
    if folder.is_well_again:
        log.info("the folder holds the pack in use again: %s", installation.pack.label)
    if pack is None:
        return None
    _say_what_moved(installation.pack, pack)
    return installation.on(pack)


def _not_taken(installation: Installation, folder: PackFolder, fault: str) -> None:
    log.warning(
        "%s stays in use: the folder has changed and is not taken (%s); run npq pack check %s",
        installation.pack.label,
        " ".join(fault.split()),
        folder.place,
    )


def _say_what_moved(before: Pack, after: Pack) -> None:
    log.info("the pack has changed: %s -> %s", before.label, after.label)
    lines = lines_about(changed_dates(before, after)) or ["no date has changed"]
    for line in lines[:MOST_LINES]:
        log.info("%s", line)
    if len(lines) > MOST_LINES:
        log.info("and %d more", len(lines) - MOST_LINES)
