"""Whether web process, worker and console use one pack, and how to mend it where they do not."""

from __future__ import annotations

from collections.abc import Mapping

from bot.doctor_findings import DoctorFinding
from core.rules.calendar import LONDON
from core.services.packs_in_use import PackInUse
from reference.pack import Pack

CHECK = "Packs in use"
# By process: as people call it, the command that runs it, and when it takes a folder that was edited.
PROCESSES = {
    "web": ("web", "npq serve", "it keeps the pack it began with"),
    "worker": (
        "worker",
        "npq worker",
        "it takes an edited folder a few seconds after the last change, or says in its log why not",
    ),
}


def packs_compared(noted: Mapping[str, PackInUse], pack: Pack, place: str) -> DoctorFinding:
    """What the processes have noted beside the console's own pack, which `place` names, as `PackFolder.place` does."""
    others = [noted[process] for process in PROCESSES if process in noted and noted[process].hash != pack.hash]
    if others:
        return DoctorFinding(CHECK, False, " ".join(_differs(one, pack, place) for one in others))
    known = [title for process, (title, *_) in PROCESSES.items() if process in noted]
    silent = [title for process, (title, *_) in PROCESSES.items() if process not in noted]
    users = " and ".join(filter(None, (", ".join(known), "console")))
    says = f"{users} {'use' if known else 'uses'} {pack.label}"
    if silent:
        says += (
            f"; {' and '.join(silent)} {'has' if len(silent) == 1 else 'have'} not been started with this database yet"
        )
    return DoctorFinding(CHECK, True, f"{says}.")


def _differs(one: PackInUse, pack: Pack, place: str) -> str:
    title, command, when = PROCESSES[one.process]
    since = f"{one.noted_at.astimezone(LONDON):%Y-%m-%d %H:%M}"
    if one.folder == place:
        differs = f"{title} uses {one.label} since {since}, the console {pack.label}, both from {place}"
        return f"{differs}: {when}; restart {command}."
    differs = f"{title} uses {one.label} from {one.folder} since {since}, the console {pack.label} from {place}"
    return f"{differs}: set NPQ_PACK the same for both, and restart {command}."
