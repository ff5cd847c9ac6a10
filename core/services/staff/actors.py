"""Who acts, and what they may see and do. Checked by every service at the moment of the act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, TypeVar, get_args

from sqlmodel import Session

from core.database.database import reading
from core.derived.installation import Installation
from core.records import staff
from core.records.damaged_text import cleaned
from core.records.id_forms import Platforms
from core.services.refusals import Refusal
from core.services.staff.platform_ids import person_id

Role = Literal["viewer", "facilitator", "coordinator", "lead_provider", "administrator"]
ROLES: tuple[str, ...] = get_args(Role)
_COORDINATING = ("coordinator", "lead_provider")

Found = TypeVar("Found", bound=staff.StaffMember)


class Permission(NamedTuple):
    """Who may do something, besides administrators; what that is, after "cannot …"; and whom to ask who may not."""

    roles: tuple[str, ...]
    words: str
    ask: str = "a coordinator or your administrator"


PERMISSIONS: dict[str, Permission] = {
    "see": Permission(ROLES, "see participants"),
    "contact": Permission(("facilitator", *_COORDINATING), "log contacts"),
    "extend": Permission(_COORDINATING, "agree extensions"),
    "defer": Permission(_COORDINATING, "record deferrals"),
    "resume": Permission(_COORDINATING, "bring participants back from deferral"),
    "move": Permission(_COORDINATING, "move participants to another course"),
    "propose_removal": Permission(("coordinator",), "decide on removal for the Delivery Partner"),
    "vote_removal": Permission(("lead_provider",), "decide on removal for the lead provider", ask="the lead provider"),
    "answer_deferral": Permission(("lead_provider",), "confirm or decline deferrals", ask="the lead provider"),
    "declare": Permission(("lead_provider",), "record declarations", ask="the lead provider"),
    "import": Permission(_COORDINATING, "import files"),
    "outbox": Permission(_COORDINATING, "see or change what is posted"),
    "manage": Permission((), "change who may use the bot and where it posts"),
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


def may(actor: Actor, permission: str) -> bool:
    """Whether the actor's role has a permission at all (for which participants is `sees`)."""
    return actor.role in PERMISSIONS[permission].roles or actor.role == "administrator"


def sees(actor: Actor, delivery_partner: str) -> bool:
    """Whether the actor may know anything about this Delivery Partner's participants."""
    return actor.partner is None or actor.partner == delivery_partner


def require(actor: Actor, permission: str) -> None:
    """Refuses with `not_permitted` when the role lacks the permission."""
    if not may(actor, permission):
        wanted = PERMISSIONS[permission]
        raise Refusal(
            "not_permitted",
            f"Your role here ({actor.role.replace('_', ' ')}) cannot {wanted.words}; ask {wanted.ask}.",
        )


def may_still(session: Session, staff_id: int, permission: str, delivery_partner: str) -> bool:
    """Whether somebody who acted before may still do so: on the list, in a role that allows it, for that partner (R43)."""
    found = session.get(staff.Staff, staff_id)
    if found is None:
        return False
    actor = Actor(found.name, found.role, found.partner)
    return may(actor, permission) and sees(actor, delivery_partner)


def _as_added(platforms: Platforms, platform: str, platform_id: str) -> str:
    """An id with its letters as they would be stored, small or capital."""
    if platform not in platforms:
        return platform_id
    try:
        added = person_id(platforms, platform, platform_id)
    except Refusal:
        return platform_id
    return added if added.casefold() == platform_id.casefold() else platform_id


def recognise(installation: Installation, platform: str, platform_id: str, alias: str = "") -> Actor:
    """The actor behind a platform's user id (or its other one for them), looked up now, not cached. Refuses with `not_linked`."""
    with reading(installation.engine) as session:
        return recognised(partial(staff.who_is, session), installation.platforms, platform, platform_id, alias)[0]


def recognised(
    who_is: Callable[[str, str], Found | None], platforms: Platforms, platform: str, platform_id: str, alias: str
) -> tuple[Actor, Found]:
    """The same by any way to look somebody up, with what that found: nothing else decides who somebody is."""
    found = who_is(platform, platform_id)
    if found is None and alias and (found := who_is(platform, alias)) is not None:
        platform_id = alias
    if found is None and (found := who_is(platform, spelt := _as_added(platforms, platform, platform_id))):
        platform_id = spelt
    if found is None:
        raise Refusal(
            "not_linked",
            "I don't know you yet. Please hand the line below to your administrator, who can add you.",
            advice=f'npq staff add --platform {platform} --id {platform_id} --name "YOUR NAME" --role ROLE '
            '--partner "DELIVERY PARTNER"',
        )
    actor = Actor(
        name=found.name,
        role=found.role,
        partner=found.partner,
        platform=platform,
        platform_id=platform_id,
        staff_id=found.id,
    )
    return actor, found
