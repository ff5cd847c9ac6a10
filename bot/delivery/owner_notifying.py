"""Tells whoever looks after a channel that it takes no posts: once for each trouble, whatever dies meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.conversation.cards.channel_trouble_card import Unwell, unwell_card
from bot.delivery.sender import NotSent, OutcomeUnknown, Refused, Sender, Tag
from core.posts import places
from core.posts.outbox import Moment
from core.posts.owner_notices import Notice
from core.posts.steps import owner_steps
from core.services.installation import Installation

log = logging.getLogger(__name__)

SOON = timedelta(minutes=1)  # until another try, when the platform named no time


def tell_owners(
    installation: Installation, senders: Mapping[str, Sender], moment: Moment, *, rehearsal: bool = False
) -> list[str]:
    """Sends each owner what they are to be told, in one message; a line for each that could not be told."""
    if not owner_steps.waiting(installation, sorted(senders), moment):
        return []
    taken, lost = owner_steps.begin(installation, sorted(senders), moment)
    if lost:
        log.warning("%d notices may or may not have arrived; they are not sent again", lost)
    told = [(token, mine, _unwell(bound, mine)) for token, mine, bound in taken]
    return [
        trouble
        for token, mine, found in told
        if (trouble := _tell(installation, senders, moment, token, mine, found, rehearsal))
    ]


def _tell(
    installation: Installation,
    senders: Mapping[str, Sender],
    moment: Moment,
    token: str,
    mine: Sequence[Notice],
    found: Sequence[Unwell],
    rehearsal: bool,
) -> str:
    platform, owner = mine[0].platform, mine[0].owner
    sender = senders[platform]
    try:
        sender.post(owner, sender.draw(unwell_card(found, rehearsal=rehearsal)), Tag(token, "npq_trouble"))
    except (NotSent, Refused) as error:
        asked = error.retry_after if isinstance(error, NotSent) else None
        wait = places.TRY_AGAIN if isinstance(error, Refused) else timedelta(seconds=asked) if asked else SOON
        owner_steps.put_off(installation, token, moment.now + wait)
        log.warning("%s %s could not be told of a channel's trouble (%s)", platform, owner, error.reason)
        return (
            f"{platform} {owner} could not be told that a channel takes no posts ({error.reason}); tried again later."
        )
    except OutcomeUnknown as unknown:
        owner_steps.held(installation, token)
        log.warning("%s %s may have been told of a channel's trouble (%s)", platform, owner, unknown.reason)
        return ""
    owner_steps.told(installation, token, moment.now)
    return ""


def _unwell(bound: Sequence[places.Place], mine: Sequence[Notice]) -> list[Unwell]:
    found = []
    for notice in mine:
        here = [p for p in bound if p.platform == notice.platform and notice.channel in (p.platform_id, p.fallback)]
        partners = tuple(dict.fromkeys(place.delivery_partner for place in here))
        instead = next((p.fallback for p in here if p.platform_id == notice.channel and p.fallback), None)
        found.append(Unwell(notice.channel, partners, notice.trouble, instead or ""))
    return found
