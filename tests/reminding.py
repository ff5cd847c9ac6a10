"""Occasions and reminders of whole participants, as the tests make them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from core.reminders import occasions as rules
from core.reminders import reminder
from core.rules.facts import Participant
from core.rules.folding import progress_of
from core.rules.progress import Progress
from core.rules.results import Standing
from core.rules.standing import standing
from reference.pack import Pack


def occasions(
    pack: Pack, people: Sequence[Participant], meetings: Iterable[date], partner: str, first: date, last: date
) -> list[rules.Occasion]:
    """What may be due to a partner with these people."""
    return rules.occasions(pack, [progress_of(pack, person) for person in people], meetings, partner, first, last)


def remind(
    pack: Pack,
    people: Sequence[Participant],
    occasion: rules.Occasion,
    day: date,
    standing_of: Callable[[Pack, Participant, date], Standing] = standing,
    *,
    records: Sequence[Progress] | None = None,
) -> reminder.Reminder | None:
    """The message about these people on a day; `records` are theirs, for who asks more than once."""
    if records is None:
        records = [progress_of(pack, person) for person in people]
    for number, record in enumerate(records):  # whoever makes people up gives them no enrolments
        record.enrolment = number
    return reminder.remind(
        pack, records, occasion, day, lambda ids: {i: standing_of(pack, people[i], day) for i in ids}
    )
