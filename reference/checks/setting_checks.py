"""Whether settings can be, and agree with each other and with the tables; and what people are told where nothing is defined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reference.checks.cohort_checks import no_such_cohort
from reference.checks.given_entries import GivenEntries, listed, repeated
from reference.problems import Fault, PackPlace

ENGLAND = ("GB", "ENG")  # the holidays of the pack that is shipped: there
MOST = 1_000  # days or times that a setting may name
SAID = ("not_defined", "self_report", "joint_decision")  # the sentences that have a use
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def setting_faults(given: GivenEntries) -> Iterator[Fault]:
    """Settings and sayings."""
    settings = given.settings
    yield from _times(settings)
    for name, says in (*counted_wrongly(settings), *follow_wrongly(settings)):
        yield Fault(_at(name), says)
    for key in sorted(filter(given.names.lacks_cohort, settings.get("self_report_cohorts", ()))):
        yield Fault(_at("self_report_cohorts"), f"unknown cohort: {no_such_cohort(given, key)}")
    yield from _components(given)
    yield from _holidays(settings)
    yield from _sayings(given)


def _at(name: str) -> PackPlace:
    return PackPlace("pack.toml", ("settings", name))


def _times(settings: Mapping[str, Any]) -> Iterator[Fault]:
    wrong = set()
    for name in ("post_at", "working_from", "working_until"):
        if name in settings and not _TIME_OF_DAY.fullmatch(settings[name]):
            wrong.add(name)
            yield Fault(_at(name), f"“{settings[name]}” is not a time of day such as 09:00")
    begins, ends = settings.get("working_from"), settings.get("working_until")
    if begins and ends and not wrong & {"working_from", "working_until"} and ends <= begins:
        yield Fault(_at("working_until"), f"must be after working_from, {begins} (given: {ends})")


def counted_wrongly(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which settings can't be, each by itself, and what would be right. In a list each number of days is a message of its own."""
    for name, value in settings.items():
        for count in value if isinstance(value, tuple | list) else (value,):
            if isinstance(count, int) and not isinstance(count, bool) and not 1 <= count <= MOST:
                yield name, f"must be 1 or more, and {MOST:,} at most (given: {count})"
    if "review_leads" in settings and not settings["review_leads"]:
        yield "review_leads", "give at least one number of days"
    for name in ("review_leads", "window_progress_after"):
        days = list(settings.get(name, ()))
        for day in sorted({day for day in days if days.count(day) > 1}):
            yield name, f"{day} is there twice; one message goes out for it, so leave one of them out"


def follow_wrongly(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which settings don't agree of what is counted from the review date: the window, its messages, the mark, contact."""
    window, contact = settings.get("window_days"), settings.get("contact_overdue_after")
    if window is not None and window < 1:
        return  # which is said of it alone
    for name in ("window_open_after", "window_progress_after"):
        days = settings.get(name, ())
        for day in days if isinstance(days, tuple | list) else (days,):
            if window and day > window:
                says = f"{day} is after the window, whose last day is {window} (window_days)"
                yield name, f"{says}; give {window} or less"
            opens = settings.get("window_open_after")
            within = opens is not None and not (window and opens > window)
            if name == "window_progress_after" and within and day < opens:
                yield name, f"{day} is before the window is told to be open, {opens} (window_open_after)"
    if window and contact is not None and contact <= window:
        says = f"contact is overdue only after the window, so more than window_days, {window} (given: {contact})"
        yield "contact_overdue_after", says
    mark = settings.get("three_week_mark_after")
    if mark is not None and contact is not None and mark > contact:
        says = f"the mark comes before contact is overdue, so {contact} (contact_overdue_after) or less (given: {mark})"
        yield "three_week_mark_after", says


def _components(given: GivenEntries) -> Iterator[Fault]:
    """A misspelt component would silently change what counts as self-study or as a training event."""
    settings, known = given.settings, {activity.component for activity in given.activities}
    study, event = settings.get("self_study_component"), settings.get("training_event_component")
    if study is not None and study == event:
        yield Fault(_at("training_event_component"), f"“{event}” is the self_study_component already; they are two")
    if not known or given.names.faulty.get("activities.csv"):
        return
    named = {
        "self_study_component": {study} - {None},
        "training_event_component": {event} - {None},
        "auto_logged_components": set(settings.get("auto_logged_components", ())),
    }
    for name, components in named.items():
        if strange := sorted(components - known):
            yield Fault(
                _at(name), f"no activity has the component {listed(strange)}; there are {listed(sorted(known))}"
            )
    prefix = settings.get("unit_prefix")
    if prefix and not any(a.title.startswith(prefix) for a in given.activities if a.component == study):
        says = (
            f"no activity of {study} has a title that begins with “{prefix}”; leave it out where all of them are units"
        )
        yield Fault(_at("unit_prefix"), says)


def _holidays(settings: Mapping[str, Any]) -> Iterator[Fault]:
    country, region = settings.get("holidays_country"), settings.get("holidays_region")
    if country is None or region is None or (country, region) == ENGLAND:
        return  # to look it up loads every country of the world: a tenth of a second at each start
    import holidays

    supported = holidays.list_supported_countries()
    if country not in supported:
        yield Fault(_at("holidays_country"), f"“{country}” is not known; give a code such as GB")
    elif region not in supported[country]:
        known = ", ".join(supported[country])
        yield Fault(_at("holidays_region"), f"“{region}” is not known; give one of {known}")


def _sayings(given: GivenEntries) -> Iterator[Fault]:
    """R3: where nothing is defined, people are told so in the guidance's own words."""
    yield from repeated(given.sayings, lambda s: s.key, lambda s: given.at(s, "key"), lambda s: f"the saying {s.key}")
    for saying in given.sayings:
        if saying.key not in SAID:
            yield Fault(given.at(saying, "key"), f"nothing says “{saying.key}”; known are {listed(SAID)}")
    if (
        not given.criteria_are_clear()
        or given.names.faulty.get("saying")
        or any(s.key not in SAID for s in given.sayings)
    ):
        return
    defined = {id(output) for entry in given.criteria for output in given.outputs_for(entry)}
    without = sorted({output.group for output in given.outputs if id(output) not in defined})
    if without and not any(saying.key == "not_defined" for saying in given.sayings):
        says = f"a [[saying]] “not_defined” is needed: what people are told of {listed(without)}, without criteria"
        yield Fault(PackPlace("pack.toml"), says)
