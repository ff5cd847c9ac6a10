"""Who acts, and what they may see and do. Checked by every service at the moment of the act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlmodel import Session

from core.derived.office import Office
from core.records import staff
from core.records.database import reading
from core.records.letters import cleaned
from core.services.platform_ids import person_id
from core.services.refusals import Refusal

Role = Literal["viewer", "facilitator", "coordinator", "lead_provider", "administrator"]
Act = Literal[
    "see",
    "contact",
    "extend",
    "defer",
    "resume",
    "propose_removal",
    "vote_removal",
    "declare",
    "import",
    "outbox",
    "manage",
]
ROLES: tuple[str, ...] = get_args(Role)

_MAY: dict[str, frozenset[str]] = {
    "viewer": frozenset({"see"}),
    "facilitator": frozenset({"see", "contact"}),
    "coordinator": frozenset({"see", "contact", "extend", "defer", "resume", "propose_removal", "import", "outbox"}),
    "lead_provider": frozenset(
        {"see", "contact", "extend", "defer", "resume", "vote_removal", "declare", "import", "outbox"}
    ),
    "administrator": frozenset(get_args(Act)),
}

_IN_WORDS: dict[str, str] = {
    "see": "see participants",
    "contact": "log contacts",
    "extend": "agree extensions",
    "defer": "record deferrals",
    "resume": "bring participants back from deferral",
    "propose_removal": "decide on removal for the Delivery Partner",
    "vote_removal": "decide on removal for the lead provider",
    "declare": "record declarations",
    "import": "import files",
    "outbox": "see or change what is posted",
    "manage": "change who may use the bot and where it posts",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who asks or acts. `partner` None: every Delivery Partner's participants."""

    name: str
    role: str
    partner: str | None = None
    platform: str | None = None
    platform_id: str | None = None
    staff_id: int | None = None

    @classmethod
    def console(cls, name: str = "console") -> Actor:
        """Whoever runs commands on the machine itself: an administrator, by having the machine."""
        return cls(name=cleaned(name) or "console", role="administrator")


def may(actor: Actor, act: str) -> bool:
    """Whether the actor's role allows the act at all (which participants is `sees`)."""
    return act in _MAY.get(actor.role, frozenset())


def sees(actor: Actor, delivery_partner: str) -> bool:
    """Whether the actor may know anything about this Delivery Partner's participants."""
    return actor.partner is None or actor.partner == delivery_partner


def require(actor: Actor, act: str) -> None:
    """Refuses with `not_permitted` when the role does not allow the act."""
    if not may(actor, act):
        raise Refusal(
            "not_permitted",
            f"Your role here ({actor.role.replace('_', ' ')}) cannot {_IN_WORDS.get(act, act)}; "
            f"ask {'the lead provider' if act in ('vote_removal', 'declare') else 'a coordinator or your administrator'}.",
        )


def may_still(session: Session, staff_id: int, act: str, delivery_partner: str) -> bool:
    """Whether somebody who acted before may still do so: on the list, in a role that allows it, for that partner (R43)."""
    found = session.get(staff.Staff, staff_id)
    if found is None:
        return False
    actor = Actor(found.name, found.role, found.partner)
    return may(actor, act) and sees(actor, delivery_partner)


def _as_added(platform: str, platform_id: str) -> str:
    """An id with its letters as they would be stored, small or capital."""
    try:
        added = person_id(platform, platform_id)
    except Refusal:
        return platform_id
    return added if added.casefold() == platform_id.casefold() else platform_id


def recognise(office: Office, platform: str, platform_id: str, alias: str = "") -> Actor:
    """The actor behind a platform's user id (or its other one for them), looked up now, not cached. Refuses with `not_linked`."""
    with reading(office.engine) as session:
        found = staff.who_is(session, platform, platform_id)
        if found is None and alias and (found := staff.who_is(session, platform, alias)) is not None:
            platform_id = alias
        if found is None and (found := staff.who_is(session, platform, spelt := _as_added(platform, platform_id))):
            platform_id = spelt
    if found is None:
        raise Refusal(
            "not_linked",
            "I don't know you yet. Please hand the line below to your administrator, who can add you.",
            advice=f'npq staff add --platform {platform} --id {platform_id} --name "YOUR NAME" --role ROLE '
            '--partner "DELIVERY PARTNER"',
        )
    return Actor(
        name=found.name,
        role=found.role,
        partner=found.partner,
        platform=platform,
        platform_id=platform_id,
        staff_id=found.id,
    )
