"""The platforms that messages can be sent to, as far as the settings set them up."""

from __future__ import annotations

from collections.abc import Mapping

from bot.delivery.sender import Sender
from bot.settings import Settings


def senders(settings: Settings) -> Mapping[str, Sender]:
    """A sender for each platform whose token is set."""
    if settings.slack_bot_token is None:
        return {}
    from bot.slack.send import SlackSender, web_client

    return {"slack": SlackSender(web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))}
