"""A page of a reminder as it stands now: the same card for every platform, whenever it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.conversation.cards.card import Card
from bot.conversation.posts import reminder_posts as cards
from core.posts import content
from core.posts.outbox import Post
from core.posts.steps import page_steps
from core.reminders.reminder import Reminder
from core.rules.calendar import london_day
from core.services.installation import Installation
from core.services.staff.actors import Actor, sees


def page_card(
    installation: Installation, reminder: Reminder, post: Post, people: Sequence[str], *, rehearsal: bool
) -> Card:
    """The page with these people, each with what was decided since it went out."""
    newest = content.newest_about(installation, reminder, people, post.sent_at)
    return cards.card_for_page(
        installation.pack,
        reminder,
        people,
        page=post.page,
        pages=post.pages,
        rehearsal=rehearsal,
        decided=newest.decided,
        revisions=newest.revisions,
    )


def post_now(installation: Installation, actor: Actor, tag: str, now: datetime, *, rehearsal: bool) -> Card | None:
    """The reminder with this tag as it stands now; None when there is none that the actor may see, or the pack lacks it."""
    found = page_steps.tagged(installation, tag)
    if found is None or not sees(actor, content.occasion_of(found.message).delivery_partner):
        return None
    try:
        reminder = content.reminder_naming(installation, found.message, london_day(now))
    except content.OutsidePackError:
        return None
    return page_card(installation, reminder, found.post, found.people, rehearsal=rehearsal)
