"""What an output is worth: its share of the course's price, exact to the penny, of which none is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from reference.pack import Pack

_PENNY = Decimal("0.01")


def instalments(price: Decimal, shares: Sequence[Fraction]) -> tuple[Decimal, ...]:
    """What each share of a price comes to: rounded down to the penny, and the last one takes the rest of them together."""
    if not shares:
        return ()
    *before, _ = (_floored(price, share) for share in shares)
    return (*before, _floored(price, sum(shares, Fraction(0))) - sum(before, Decimal(0)))


def _floored(price: Decimal, share: Fraction) -> Decimal:
    return int(Fraction(price) * share / Fraction(_PENNY)) * _PENNY


def price_of(pack: Pack, course: str, cohort: str) -> Decimal | None:
    """What is paid for one participant on a course: the price of the cohort, else the one of every cohort."""
    given = {price.cohort: price.amount for price in pack.prices if price.course == course}
    return given.get(cohort, given.get(None))


def worth(pack: Pack, course: str, cohort: str, number: int) -> Decimal | None:
    """What an output is worth, of which only some may be paid; None where the pack gives no price or no share of it."""
    price = price_of(pack, course, cohort) if pack.prices else None
    if price is None:
        return None
    shares = {output.number: output.share for output in pack.outputs_of(course) if output.share is not None}
    return dict(zip(shares, instalments(price, list(shares.values())), strict=True)).get(number)


def pounds(amount: Decimal) -> str:
    """ "£1,130.00"."""
    return f"£{amount:,.2f}"


def summed(amounts: Iterable[Decimal | None]) -> str:
    """How many there are and what they come to: "2 (£452.00)"; and of how many no price is known."""
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    if not known:
        return str(len(every))
    unknown = len(every) - len(known)
    without = f"; {unknown} of them {'has' if unknown == 1 else 'have'} no price" if unknown else ""
    return f"{len(every)} ({pounds(sum(known, Decimal(0)))}{without})"
