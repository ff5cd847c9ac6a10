"""What Slack offers the house. What hears and what sends is loaded when it is asked for: each takes its time and memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.platform_offer import Hearing, Offer, Wiring, not_set_up
from bot.slack.parity import DIFFERS
from bot.slack.settings import SlackSettings

if TYPE_CHECKING:
    import click
    from pydantic import SecretStr

    from bot.doctor_findings import DoctorFinding
    from bot.slack.send import SlackSender
    from core.services.installation import Installation


def hear(settings: SlackSettings, wiring: Wiring) -> Hearing:
    """Slack over HTTP, and by Socket Mode if that is set up, which alone needs no signing secret."""
    from bot.slack.receive import Slack
    from bot.web.request_limits import turned_away

    assert settings.slack_bot_token is not None
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)  # it warns of what is meant here
    slack = Slack(
        wiring.installation,
        wiring.clock,
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=_plain(settings.slack_signing_secret),
        app_token=_plain(settings.slack_app_token),
        api_url=settings.slack_api_url,
        not_ready=wiring.not_ready,
        redraw_posts=wiring.redraw_posts,
    )
    by_http = settings.slack_signing_secret is not None
    http = slack.http if by_http else turned_away(not_set_up("Slack", ("SLACK_SIGNING_SECRET",)))
    return Hearing(http, slack.running, slack.drawn)


def sender(settings: SlackSettings, installation: Installation) -> SlackSender | None:
    """Sends with a bot token alone."""
    if settings.slack_bot_token is None:
        return None
    from bot.slack.send import SlackSender, web_client

    return SlackSender(web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))


def waits(settings: SlackSettings, others: bool) -> str:
    """Said where no other platform sends either."""
    if settings.slack_bot_token is not None or others:
        return ""
    return "Slack is not set up, so its messages wait: set SLACK_BOT_TOKEN and start again."


def checks(settings: SlackSettings) -> Iterator[DoctorFinding]:
    """Of its settings and, where it can be asked, Slack."""
    from bot.slack.setup import checks

    return checks.checks(settings)


def manifest() -> click.Command:
    """`npq manifest slack`."""
    from bot.slack.setup.manifest_command import manifest

    return manifest


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


OFFER = Offer(
    hear=hear,
    sender=sender,
    waits=waits,
    checks=checks,
    manifest=manifest,
    invite="Invite the bot",
    differs=DIFFERS,
)
