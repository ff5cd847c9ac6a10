"""What Teams offers the house. What hears and what sends is loaded when it is asked for: the SDK takes a second and 40 MB."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.platform_offer import Hearing, Offer, Wiring
from bot.teams.parity import DIFFERS
from bot.teams.settings import TeamsSettings

if TYPE_CHECKING:
    import click

    from bot.doctor_findings import DoctorFinding
    from bot.teams.send import TeamsSender
    from core.services.installation import Installation

LOCAL_APP = "00000000-0000-0000-0000-000000000001"  # what the bot calls itself towards Microsoft's local client


def hear(settings: TeamsSettings, wiring: Wiring) -> Hearing:
    """Teams over HTTP, the only way there is."""
    logging.getLogger("microsoft_teams").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="microsoft_teams")  # of parts in preview, which we don't use
    from bot.teams.connector.tokens import bot_token
    from bot.teams.receive import Teams
    from bot.teams.verifying import Callers

    client_id = settings.teams_client_id or LOCAL_APP
    teams = Teams(
        wiring.installation,
        wiring.clock,
        client_id=client_id,
        tenant=settings.teams_tenant_id or "",
        callers=None if settings.teams_unauthenticated else Callers(client_id, settings.teams_openid_url),
        token=bot_token(settings),
        not_ready=wiring.not_ready,
        redraw_posts=wiring.redraw_posts,
        post_now=wiring.post_now,
    )
    return Hearing(teams.http, teams.running, teams.drawn)


def sender(settings: TeamsSettings, installation: Installation) -> TeamsSender | None:
    """Sends with everything that Teams needs."""
    if settings.teams_missing():
        return None
    from bot.teams.connector.tokens import bot_token
    from bot.teams.send import TeamsSender

    return TeamsSender(
        installation,
        client_id=settings.teams_client_id or LOCAL_APP,
        tenant=settings.teams_tenant_id or "",
        token=bot_token(settings),
        service_url=settings.teams_service_url,
    )


def only_here(settings: TeamsSettings) -> str:
    """Where anybody is taken at their word, nobody else may reach it."""
    if not settings.teams_unauthenticated:
        return ""
    return (
        "TEAMS_UNAUTHENTICATED is set, so whoever reaches this port could act as anybody: start with "
        "npq serve --host 127.0.0.1, or unset it."
    )


def waits(settings: TeamsSettings, others: bool) -> str:
    """Said where Teams is set up by half."""
    missing = settings.teams_missing()
    if not settings.teams_begun() or not missing:
        return ""
    return f"Teams is not set up, so its messages wait: set {' and '.join(missing)}."


def checks(settings: TeamsSettings) -> Iterator[DoctorFinding]:
    """Of its settings and, where nothing is missing, with Microsoft."""
    from bot.teams.setup import checks

    return checks.checks(settings)


def manifest() -> click.Command:
    """`npq manifest teams`."""
    from bot.teams.setup.manifest_command import manifest

    return manifest


OFFER = Offer(
    hear=hear,
    sender=sender,
    only_here=only_here,
    waits=waits,
    checks=checks,
    manifest=manifest,
    invite="Add the app",
    differs=DIFFERS,
)
