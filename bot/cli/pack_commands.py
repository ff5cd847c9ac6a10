"""The commands of `npq pack`, all of them."""

from __future__ import annotations

from bot.cli.pack_dates import dates_command
from bot.cli.pack_new import new_command
from bot.cli.packs import pack

__all__ = ["dates_command", "new_command", "pack"]
