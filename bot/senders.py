"""The platforms that messages can be sent to, as far as the settings set them up."""

from __future__ import annotations

from collections.abc import Mapping

from bot import platforms
from bot.delivery.sender import Sender
from bot.settings import Settings
from core.services.installation import Installation


def senders(settings: Settings, installation: Installation) -> Mapping[str, Sender]:
    """A sender for each platform that is set up."""
    found = {}
    for platform in platforms.begun(settings):
        make = platform.load().sender
        if make is not None and (sender := make(settings, installation)) is not None:
            found[platform.name] = sender
    return found
