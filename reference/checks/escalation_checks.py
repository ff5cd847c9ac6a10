"""Whether what follows a missed review agrees for each group that has numbers or switches of its own (reading 34)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reference.checks.given_entries import GivenEntries, listed, meant_by
from reference.checks.setting_checks import counted_wrongly, follow_wrongly
from reference.pack import Escalation
from reference.problems import Fault, PackPlace

# What nothing uses any more where something is switched off.
OF_SWITCH: Mapping[str, tuple[str, ...]] = {
    "window": (
        "window_days",
        "window_open_after",
        "window_progress_after",
        "three_week_mark_after",
        "contact_overdue_after",
    ),
    "extensions": ("extension_earliest_before", "extensions_warn_from", "extensions_before_removal"),
    "removal": ("extensions_before_removal", "unanswered_contacts"),
}


def escalation_faults(given: GivenEntries) -> Iterator[Fault]:
    """Each entry by itself and over the settings, and groups that two of them are for."""
    yield from _groups(given)
    for entry in given.escalations:
        said = entry.given
        off = [switch for switch in OF_SWITCH if not said[switch]]
        yield from _unused(given, entry, off)
        idle = {name for switch in off for name in OF_SWITCH[switch]}
        yield from _numbers(given, entry, {name: value for name, value in said.items() if name not in idle}, idle)


def _groups(given: GivenEntries) -> Iterator[Fault]:
    taken: dict[str, PackPlace] = {}
    for entry in given.escalations:
        if not entry.groups:
            yield Fault(given.at(entry, "groups"), "“groups” names none; name at least one")
        for n, group in enumerate(entry.groups):
            at = given.at(entry, "groups", n)
            if given.names.lacks_group(group):
                likely = meant_by(group, given.names.groups)
                known = f"{likely}there are {listed(given.names.groups)}"
                yield Fault(at, f"no output is given for the group “{group}”; {known}")
            elif taken.setdefault(group, at) != at:
                says = f"the group “{group}” has an [[escalation]] already; a group has one"
                yield Fault(at, says, "it is named first", taken[group])


def _unused(given: GivenEntries, entry: Escalation, off: list[str]) -> Iterator[Fault]:
    for name, value in entry.given.items():
        switch = next((switch for switch in off if name in OF_SWITCH[switch]), None)
        if switch is not None and value is not None:
            yield Fault(given.at(entry, name), f"nothing uses “{name}” where {switch} = false; leave it out")


def _numbers(given: GivenEntries, entry: Escalation, said: Mapping[str, Any], idle: set[str]) -> Iterator[Fault]:
    """What is wrong with the entry's own numbers, and what does not agree of them and the settings, but for these themselves."""
    for name, says in counted_wrongly(said):
        yield Fault(given.at(entry, name), f"“{name}”: {says}")
    beneath = {name: value for name, value in given.settings.items() if name not in idle}
    known = set(follow_wrongly(beneath))
    for name, says in follow_wrongly({**beneath, **said}):
        if (name, says) in known:
            continue
        at = given.at(entry, name) if name in said else given.at(entry)
        whose = "" if name in said else f" of the settings, for {listed(entry.groups)}"
        yield Fault(at, f"“{name}”{whose}: {says}")
