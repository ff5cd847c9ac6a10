"""A contact attempt (R40, R42). It can always be logged; where no course is named it counts on all that are under way."""

from __future__ import annotations

from core.derived.installation import Installation
from core.rules.calendar import in_words
from core.services.acts.recording import ActInProgress, Deed, Outcome, one_of, record
from core.services.staff.actors import Actor

CHANNELS = ("phone", "email", "text", "in-person")
OUTCOMES = ("no-answer", "reached")

_WAYS = {"phone": "by phone", "email": "by e-mail", "text": "by text", "in-person": "in person"}


def log_contact(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, channel: str, outcome: str
) -> Outcome:
    """Logs a contact attempt. `channel` is one of `CHANNELS`, `outcome` one of `OUTCOMES`."""

    def act(doing: ActInProgress) -> None:
        one_of(channel, CHANNELS, "channel")
        one_of(outcome, OUTCOMES, "outcome")
        was_reached = outcome == "reached"
        told = f"Contact tried {_WAYS[channel]} ({'reached' if was_reached else 'no answer'}), logged"
        doing.remember("contact", told, channel=channel, outcome=outcome)
        doing.detail |= {"channel": channel, "outcome": outcome}
        answer = "reached them" if was_reached else "no answer"
        doing.said = f"{doing.name}: contact {_WAYS[channel]} on {in_words(deed.on)} logged, {answer}."

    return record(installation, actor, "contact", participant_id, deed, act, called="A contact", every_course=True)
