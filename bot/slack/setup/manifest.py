"""The Slack app's manifest, filled in for an installation."""

from __future__ import annotations

from importlib.resources import files

from bot.slack.settings import EVENTS_PATH

EXAMPLE = "https://npq.example.org"


def manifest(public_address: str | None = None, *, socket_mode: bool = False) -> str:
    """The manifest as YAML, ready to paste.

    `public_address` is where `npq serve` is reached from outside ("https://npq.school.org"), with or without
    `/slack/events`. With `socket_mode` no address is needed and none is written.
    """
    text = files("bot.slack.setup").joinpath("manifest.yaml").read_text(encoding="utf-8")
    if socket_mode:
        lines = [line for line in text.splitlines() if EXAMPLE not in line]
        text = "\n".join(lines) + "\n"
        return text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    if public_address:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("# Put your own address")) + "\n"
        text = text.replace(EXAMPLE, public_address.rstrip("/").removesuffix(EVENTS_PATH))
    return text


def scopes() -> frozenset[str]:
    """The scopes that the manifest asks for."""
    text = files("bot.slack.setup").joinpath("manifest.yaml").read_text(encoding="utf-8")
    listed = text.split("    bot:\n", 1)[1].split("\nsettings:", 1)[0]
    return frozenset(line.split("- ", 1)[1].split(" #")[0].strip() for line in listed.splitlines())
