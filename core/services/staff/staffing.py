"""Who may use the bot, and which channel gets whose posts."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlmodel import Session

from core.database import audit
from core.database.database import reading, writing
from core.derived.installation import Installation
from core.posts import places
from core.posts.places import Place
from core.records import staff
from core.records.damaged_text import cleaned
from core.records.id_forms import Platforms
from core.records.pasted_text import bare
from core.records.staff import Staff as Staff
from core.services.enquiries import cohort_key, known_partner
from core.services.refusals import Refusal
from core.services.staff.actors import ROLES, Actor, require
from core.services.staff.known_ids import known_channel, known_person
from reference.pack import Pack


def add_staff(
    installation: Installation,
    actor: Actor,
    *,
    platform: str,
    platform_id: str,
    name: str,
    role: str,
    partner: str | None,
    now: datetime,
) -> Staff:
    """Adds someone, or changes who they are; `partner` None keeps what they see, which for somebody new is every Delivery Partner.

    Refuses with `not_an_id` what cannot be somebody's id on the platform.
    """
    require(actor, "manage")
    _platform(installation, platform)
    if role not in ROLES:
        raise Refusal("unknown_role", f"There is no role “{role}”; choose one of {', '.join(ROLES)}.", field="role")
    if not bare(platform_id) or not cleaned(name):
        raise Refusal("blank", "Please give both an id and a name.", field="id")
    with writing(installation.engine) as session:
        person = known_person(session, installation.platforms, platform, platform_id)
        before = staff.find(session, platform, person) if partner is None else None
        chosen = before.partner if before is not None else known_partner(actor, session, partner)
        added = staff.add(session, platform=platform, platform_id=person, name=cleaned(name), role=role, partner=chosen)
        detail = {"platform": platform, "staff": added.id, "role": role}
        audit.append(
            session,
            at=now,
            actor=actor.name,
            actor_id=actor.staff_id,
            act="staff_add",
            participant_id=None,
            detail=detail,
        )
        return added


def list_staff(installation: Installation, actor: Actor) -> list[Staff]:
    """Everyone who may use the bot."""
    require(actor, "manage")
    with reading(installation.engine) as session:
        return staff.list_all(session)


def remove_staff(installation: Installation, actor: Actor, *, platform: str, platform_id: str, now: datetime) -> None:
    """Takes someone's access away at once; refuses with `unknown_staff`."""
    require(actor, "manage")
    _platform(installation, platform)
    with writing(installation.engine) as session:
        removed = staff.remove(session, platform, platform_id)
        if removed is None:
            removed = staff.remove(
                session, platform, known_person(session, installation.platforms, platform, platform_id)
            )
        if removed is None:
            raise Refusal("unknown_staff", f"Nobody with the {platform} id “{platform_id}” is on the list.", field="id")
        audit.append(
            session,
            at=now,
            actor=actor.name,
            actor_id=actor.staff_id,
            act="staff_remove",
            participant_id=None,
            detail={"platform": platform, "staff": removed},
        )


def add_place(
    installation: Installation,
    actor: Actor,
    *,
    platform: str,
    platform_id: str,
    partner: str,
    course_group: str | None,
    cohort: str | None,
    now: datetime,
    owner: str | None = None,
    fallback: str | None = None,
) -> Place:
    """Says that a channel gets a Delivery Partner's posts, all of them or one course group's or cohort's.

    `owner`, somebody on the staff list, is told when posts are refused there, and `fallback` gets them meanwhile.
    """
    require(actor, "manage")
    _platform(installation, platform)
    if not bare(platform_id):
        raise Refusal("blank", "Please give the channel's id.", field="id")
    group = None if course_group is None else _course_group(installation.pack, course_group)
    cohort = cohort_key(installation.pack, cohort)
    with writing(installation.engine) as session:
        channel = known_channel(session, installation.platforms, platform, platform_id)
        instead = _fallback(session, installation.platforms, platform, fallback, channel)
        chosen = cast(str, known_partner(actor, session, partner))
        looks_after = None if owner is None else _owner(session, installation.platforms, platform, owner, chosen)
        added = places.add(
            session,
            platform=platform,
            platform_id=channel,
            delivery_partner=chosen,
            course_group=group,
            cohort=cohort,
            at=now,
            owner=looks_after,
            fallback=instead,
        )
        audit.append(
            session,
            at=now,
            actor=actor.name,
            actor_id=actor.staff_id,
            act="place_add",
            participant_id=None,
            detail={"platform": platform, "place": added.id},
        )
        return added


def list_places(installation: Installation, actor: Actor) -> list[Place]:
    """Every channel that gets posts."""
    require(actor, "manage")
    with reading(installation.engine) as session:
        return places.list_all(session)


def remove_place(installation: Installation, actor: Actor, *, platform: str, platform_id: str, now: datetime) -> int:
    """Stops posts to a channel and says how many bindings that ended; refuses with `unknown_place`."""
    require(actor, "manage")
    _platform(installation, platform)
    with writing(installation.engine) as session:
        removed = places.remove(session, platform, platform_id)
        if not removed:
            platform_id = known_channel(session, installation.platforms, platform, platform_id)
            removed = places.remove(session, platform, platform_id)
        if not removed:
            raise Refusal("unknown_place", f"No posts go to the {platform} channel “{platform_id}”.", field="id")
        audit.append(
            session,
            at=now,
            actor=actor.name,
            actor_id=actor.staff_id,
            act="place_remove",
            participant_id=None,
            detail={"platform": platform, "channel": platform_id, "bindings": removed},
        )
        return removed


def _course_group(pack: Pack, named: str) -> str:
    """The course group of this name; refuses one that the pack does not have."""
    if (group := pack.group_named(named)) is None:
        raise Refusal(
            "unknown_course_group",
            f"There is no course group “{named}”; choose one of {', '.join(pack.outputs)}.",
            field="course_group",
        )
    return group


def _fallback(session: Session, platforms: Platforms, platform: str, fallback: str | None, channel: str) -> str | None:
    """The id of the channel that stands in; another than the one it stands in for."""
    if fallback is None:
        return None
    found = known_channel(session, platforms, platform, fallback, "fallback") if fallback.strip() else channel
    if found == channel:
        raise Refusal(
            "same_channel", "The fallback must be another channel than the one it stands in for.", field="fallback"
        )
    return found


def _owner(session: Session, platforms: Platforms, platform: str, pasted: str, partner: str) -> str:
    """The owner's id. Refuses one who could not mend anything: they are to be on the list, and to see whose posts these are."""
    owner = known_person(session, platforms, platform, pasted, "owner")
    found = staff.who_is(session, platform, owner)
    if found is None or found.partner not in (None, partner):
        raise Refusal(
            "unknown_staff",
            f"Nobody with the {platform} id “{owner}” who sees {partner} is on the list; add them with npq staff add first.",
            field="owner",
        )
    return owner


def _platform(installation: Installation, platform: str) -> None:
    if platform not in installation.platforms:
        raise Refusal(
            "unknown_platform", f"“{platform}” is not {' or '.join(installation.platforms)}.", field="platform"
        )
