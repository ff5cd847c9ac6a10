"""`npq staff` and `npq place`: who may use the bot, and which channel gets whose posts."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.command_output import Answer, answers, open_context
from bot.platforms import CHATS, IDS, Platform
from bot.settings import Settings
from core.posts.places import Place
from core.services.staff import staffing
from core.services.staff.actors import ROLES
from core.services.staff.staffing import Staff

PLATFORM = click.option("--platform", type=click.Choice(list(IDS)), required=True)


@click.group()
def staff() -> None:
    """Who may see and do what."""


@staff.command("add")
@PLATFORM
@click.option("--id", "platform_id", required=True, help="Their id on the platform, e.g. U012ABCDE; not their name.")
@click.option("--name", required=True, help="As others should read it.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option(
    "--partner",
    help="Only this Delivery Partner's participants; default: everybody's, and for somebody on the list what they saw before.",
)
@answers
def staff_add(platform: str, platform_id: str, name: str, role: str, partner: str | None) -> Answer:
    """Adds somebody, or changes who they are."""
    context = open_context()
    added = staffing.add_staff(
        context.installation,
        context.actor,
        platform=platform,
        platform_id=platform_id,
        name=name,
        role=role,
        partner=partner,
        now=context.now,
    )
    said = f"{added.name} may now use the bot on {platform} as {role.replace('_', ' ')} for {_whose(added)}."
    if added.partner and partner is None:
        said += (
            f" That was so before and is kept; for everybody's participants take them off first, with npq staff remove "
            f"--platform {platform} --id {added.platform_id}, then add them again."
        )
    said += _read_as(platform_id, added.platform_id) + _not_set_up(context.settings, platform, "answered there")
    return Answer({"staff": _person(added)}, lambda: click.echo(said))


@staff.command("list")
@answers
def staff_list() -> Answer:
    """Everyone who may use the bot."""
    context = open_context()
    found = staffing.list_staff(context.installation, context.actor)
    rows = [(s.name, s.role, s.partner or "everybody's", s.platform, s.platform_id) for s in found]
    headings = ("Name", "Role", "Participants", "Platform", "Id")
    return Answer({"staff": [_person(s) for s in found]}, lambda: _table(headings, rows, "Nobody is on the list yet."))


@staff.command("remove")
@PLATFORM
@click.option("--id", "platform_id", required=True)
@answers
def staff_remove(platform: str, platform_id: str) -> Answer:
    """Takes somebody's access away at once."""
    context = open_context()
    staffing.remove_staff(
        context.installation, context.actor, platform=platform, platform_id=platform_id, now=context.now
    )
    return Answer(
        {"removed": {"platform": platform, "id": platform_id}}, lambda: click.echo("They no longer have access.")
    )


@click.group()
def place() -> None:
    """Which channel gets a partner's posts."""


@place.command("add")
@PLATFORM
@click.option(
    "--id", "platform_id", required=True, help="The channel's id, e.g. C012ABCDE, or the link to it; not its name."
)
@click.option("--partner", required=True, help="Whose posts.")
@click.option("--course-group", help="Only this course group's: specialist, leadership, …")
@click.option("--cohort", help="Only this cohort's.")
@click.option("--owner", help="Who is told when posts are refused there: a staff member's id; default: administrators.")
@click.option("--fallback", help="The channel that gets the posts while they are refused there.")
@answers
def place_add(
    platform: str,
    platform_id: str,
    partner: str,
    course_group: str | None,
    cohort: str | None,
    owner: str | None,
    fallback: str | None,
) -> Answer:
    """Sends a Delivery Partner's posts to a channel; given again it changes the owner or the fallback."""
    context = open_context()
    added = staffing.add_place(
        context.installation,
        context.actor,
        platform=platform,
        platform_id=platform_id,
        partner=partner,
        course_group=course_group,
        cohort=cohort,
        owner=owner,
        fallback=fallback,
        now=context.now,
    )
    invite = _named(platform).load().invite
    said = f"Posts for {added.delivery_partner} now go to {platform} channel {added.platform_id}. {invite} there."
    if fallback:
        said += f" While they are refused there they go to {added.fallback}: {invite.lower()} there too."
    said += _not_set_up(context.settings, platform, "posted there")
    return Answer({"place": _place(added)}, lambda: click.echo(said))


@place.command("list")
@answers
def place_list() -> Answer:
    """Every channel that gets posts, and whether they arrive."""
    context = open_context()
    found = staffing.list_places(context.installation, context.actor)
    rows = [
        (
            p.delivery_partner,
            p.course_group or "all",
            str(p.cohort or "all"),
            p.platform,
            p.platform_id,
            " · ".join(
                filter(
                    None, (p.trouble or p.state, p.owner and f"owner {p.owner}", p.fallback and f"else {p.fallback}")
                )
            ),
        )
        for p in found
    ]
    headings = ("Delivery Partner", "Course group", "Cohort", "Platform", "Channel", "State")
    return Answer({"places": [_place(p) for p in found]}, lambda: _table(headings, rows, "No channel gets posts yet."))


@place.command("remove")
@PLATFORM
@click.option("--id", "platform_id", required=True)
@answers
def place_remove(platform: str, platform_id: str) -> Answer:
    """Stops posts to a channel."""
    context = open_context()
    count = staffing.remove_place(
        context.installation, context.actor, platform=platform, platform_id=platform_id, now=context.now
    )
    removed = {"platform": platform, "id": platform_id, "bindings": count}
    return Answer({"removed": removed}, lambda: click.echo("No more posts go there."))


def _whose(person: Staff) -> str:
    return person.partner or "everybody's participants"


def _read_as(pasted: str, stored: str) -> str:
    return "" if pasted == stored else f" Their id was read as {stored}."


def _named(name: str) -> Platform:
    return next(platform for platform in CHATS if platform.name == name)


def _not_set_up(settings: Settings, platform: str, what: str) -> str:
    """A word on a platform of which these settings know nothing yet: it may be the wrong one."""
    missing = _named(platform).missing(settings)
    if not missing:
        return ""
    return f" Please note: {platform.capitalize()} is not set up here yet (without {' and '.join(missing)}), so nothing is {what}."


def _person(person: Staff) -> dict[str, str | None]:
    return {
        "platform": person.platform,
        "id": person.platform_id,
        "name": person.name,
        "role": person.role,
        "partner": person.partner,
    }


def _place(place: Place) -> dict[str, str | int | None]:
    return {
        "platform": place.platform,
        "id": place.platform_id,
        "partner": place.delivery_partner,
        "course_group": place.course_group,
        "cohort": place.cohort,
        "owner": place.owner,
        "fallback": place.fallback,
        "state": place.state,
        "trouble": place.trouble or None,
    }


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], nothing: str) -> None:
    if not rows:
        click.echo(nothing)
        return
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")  # an id that is cut could not be typed again
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)
