"""Whether what a pack says of deferrals can be (reading 37)."""

from __future__ import annotations

from collections.abc import Iterator

from reference.checks.given_entries import GivenEntries, listed
from reference.checks.setting_checks import MOST
from reference.pack import DEFERRAL_REASONS, DeferralPolicy, NotBetween
from reference.problems import Fault, PackPlace

_COUNTS = ("longest_days", "longest_months", "last_return_months", "how_many")
_ONE_OF = (("longest_days", "longest_months"), ("last_return", "last_return_months"))  # of two ways to say it


def deferral_faults(given: GivenEntries) -> Iterator[Fault]:
    """The table, and each of the spans in which no deferral may begin."""
    policy = given.deferral
    if policy is not None:
        yield from _table(given, policy)
    for number, span in given.not_between:
        yield from _span(given, PackPlace("pack.toml", ("deferral", "not_between", number)), span)


def _table(given: GivenEntries, policy: DeferralPolicy) -> Iterator[Fault]:
    at = PackPlace("pack.toml", ("deferral",))
    if not policy.reasons:
        yield Fault(
            at.of("reasons"), f"name at least one of {listed(DEFERRAL_REASONS)}; leave it out where all are offered"
        )
    for name in _COUNTS:
        count = getattr(policy, name)
        if count is not None and not 1 <= count <= MOST:
            yield Fault(at.of(name), f"must be 1 or more, and {MOST:,} at most (given: {count})")
    for one, other in _ONE_OF:
        if getattr(policy, one) is not None and getattr(policy, other) is not None:
            yield Fault(at.of(other), f"give {one} or {other}, not both", f"{one} is", at.of(one))
    first = min((cohort.starts_on for cohort in given.known_cohorts if cohort.starts_on), default=None)
    if policy.last_return is not None and first is not None and policy.last_return <= first:
        says = f"it is not after the first cohort's first day, {first}, so nobody could return by it"
        yield Fault(at.of("last_return"), says)


def _span(given: GivenEntries, at: PackPlace, span: NotBetween) -> Iterator[Fault]:
    first, last = span.first_day, span.last_day
    if first is None and last is None:
        yield Fault(at, "it says nothing: give first_day, last_day or both")
    for name, day in (("first_day", first), ("last_day", last)):
        if day is not None and abs(day) > MOST:
            yield Fault(at.of(name), f"give a number of days from -{MOST:,} to {MOST:,} (given: {day})")
    if first is not None and last is not None and last < first:
        yield Fault(at.of("last_day"), f"it must not be before first_day, {first} (given: {last})")
    types = {output.declaration_type for output in given.outputs}
    if "output" in given.names.complete and not given.names.faulty.get("output") and span.declaration not in types:
        yield Fault(at.of("declaration"), f"no output is declared as “{span.declaration}”, so nothing uses this")
