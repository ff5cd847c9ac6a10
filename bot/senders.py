"""The platforms that messages can be sent to, as far as the settings set them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.delivery.sender import Sender
from bot.settings import Settings
from core.services.office import Office

if TYPE_CHECKING:
    from bot.teams.tokens import BotToken

LOCAL_APP = "00000000-0000-0000-0000-000000000001"  # what the bot calls itself towards Microsoft's local client


def senders(settings: Settings, office: Office) -> Mapping[str, Sender]:
    """A sender for each platform that is set up."""
    found: dict[str, Sender] = {}
    if settings.slack_bot_token is not None:
        from bot.slack.send import SlackSender, web_client

        token = settings.slack_bot_token.get_secret_value()
        found["slack"] = SlackSender(web_client(token, settings.slack_api_url))
    if settings.teams_begun and not settings.teams_missing:
        from bot.teams.send import TeamsSender

        found["teams"] = TeamsSender(
            office,
            client_id=settings.teams_client_id or LOCAL_APP,
            tenant=settings.teams_tenant_id or "",
            token=bot_token(settings),
            service_url=settings.teams_service_url,
        )
    return found


def bot_token(settings: Settings) -> BotToken | None:
    """What Teams is called with; None where it takes everybody's word."""
    from bot.teams.tokens import BotToken

    if settings.teams_unauthenticated:
        return None
    secret = settings.teams_client_secret
    assert secret is not None
    return BotToken(
        settings.teams_client_id or "",
        secret.get_secret_value(),
        settings.teams_tenant_id or "",
        settings.teams_login_url,
    )
