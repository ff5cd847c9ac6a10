"""Whether prices, and the shares of them that outputs have, agree with courses and cohorts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from reference.checks.cohort_checks import no_such_cohort
from reference.checks.given_entries import GivenEntries, listed, repeated
from reference.measure_words import share_in_words
from reference.pack import Price
from reference.problems import Fault


def price_faults(given: GivenEntries) -> Iterator[Fault]:
    """Prices, each by itself and beside the others, and the shares of each group's outputs."""
    yield from repeated(given.prices, lambda p: (p.course, p.cohort), given.at, _called)
    for price in given.prices:
        yield from _price(given, price)
    for group in given.names.groups:
        yield from _shares(given, group)


def _called(price: Price) -> str:
    return f"the price of {price.course}{f' in cohort {price.cohort}' if price.cohort else ''}"


def _price(given: GivenEntries, price: Price) -> Iterator[Fault]:
    names = given.names
    if names.lacks_course(price.course):
        says = f"there is no course {price.course}; there are {listed(names.courses)}"
        yield Fault(given.at(price, "course"), says)
    elif not _may_have_shares(given, names.courses.get(price.course)):
        says = f"no output of {price.course} has a share, so nothing of this price is paid"
        yield Fault(given.at(price, "course"), f'{says}; give each [[output]] that is paid a share, such as "20%"')
    if price.cohort is None:
        return
    if names.lacks_cohort(price.cohort):
        yield Fault(given.at(price, "cohort"), no_such_cohort(given, price.cohort))
    elif not names.lacks_course(price.course) and names.offers_not(price.cohort, price.course):
        says = f"cohort {price.cohort} does not offer {price.course}, so nothing uses this price"
        yield Fault(given.at(price, "cohort"), says)


def _may_have_shares(given: GivenEntries, group: str | None) -> bool:
    """Whether an output of a group has a share, or might have one: its entry can't be read."""
    if group is None or given.names.faulty.get("output") or "output" not in given.names.complete:
        return True
    return any(output.share is not None for output in given.outputs if output.group == group)


def _shares(given: GivenEntries, group: str) -> Iterator[Fault]:
    """Together they are the whole price at most; what is over is told where it begins."""
    whole = Fraction(0)
    for output in given.outputs:
        if output.group == group and output.share is not None:
            whole += output.share
            if whole > 1:
                says = f"with this one the shares of the group “{group}” come to {share_in_words(whole)}"
                yield Fault(given.at(output, "share"), f"{says}; together they are 100% at most")
                return
