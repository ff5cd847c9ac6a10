"""The Teams app package, to upload: a zip with the app's manifest and its two icons, filled in for an installation."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import zipfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.conversation.cards import fitting
from bot.conversation.cards.help_cards import COMMANDS
from bot.teams import limits
from bot.teams.settings import MESSAGES_PATH
from core.services.refusals import Refusal

SCHEMA_VERSION = "1.25"  # before 1.24 a list took ten commands, and we have more
SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}/MicrosoftTeams.schema.json"
EXAMPLE = "https://npq.example.org"
MANIFEST = "manifest.json"
ICONS = {"color": "color.png", "outline": "outline.png"}
SCOPES = ("personal", "team", "groupChat")
ACCENT = "#1d3557"
SHORT = "Says before each review date who still needs evidence of engagement."
FULL = (
    "Teachers who take a National Professional Qualification need evidence of engagement at each review date. This app "
    "posts in your channel, in good time before each of these dates and again while something can still be done, who is "
    "at risk and what each of them still needs.\n\n"
    "Ask it in your own chat with it, or mention it in a channel: “status Jane Example” says where somebody stands and "
    "why. Extensions, deferrals and contacts are recorded in forms, with who agreed them and when.\n\n"
    "Answers about a participant are for the one who asked; only the reminders can be read by everybody in their channel. "
    "Your administrator decides who may use it."
)

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MAY_BE_SECRET = re.compile(r"\S{24,}|\S*~\S*")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same settings make the same package, byte by byte

Json = dict[str, Any]


def base_address(public_address: str) -> str:
    """Where `npq serve` is reached from outside, without `/api/messages`. Raises `ValueError` for what is no https address."""
    parts = urlsplit(public_address)
    host = parts.netloc.removesuffix("" if parts.port is None else f":{parts.port}")
    if parts.scheme != "https" or not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise ValueError
    return public_address.rstrip("/").removesuffix(MESSAGES_PATH)


def manifest(client_id: str | None, address: str | None = None) -> Json:
    """The manifest for this app registration; `address` as `base_address` gives it. Refuses with `bad_setting`."""
    if not client_id:
        raise Refusal(
            "bad_setting",
            "TEAMS_CLIENT_ID is not set: the package carries it; it is the application (client) id of your app "
            "registration in Microsoft Entra.",
        )
    if not _GUID.fullmatch(client_id):
        raise Refusal(
            "bad_setting",
            f"TEAMS_CLIENT_ID: {_shown(client_id)} is not an application (client) id, which looks like "
            "00000000-0000-0000-0000-000000000000; it stands on the overview of your app registration.",
        )
    shown = address or EXAMPLE
    return {
        "$schema": SCHEMA,
        "manifestVersion": SCHEMA_VERSION,
        "version": version("npq-engagement-bot"),
        "id": client_id,
        "developer": {
            "name": "NPQ engagement bot",
            "websiteUrl": shown,
            "privacyUrl": shown,
            "termsOfUseUrl": shown,
        },
        "name": {"short": "NPQ", "full": "NPQ engagement bot"},
        "description": {"short": SHORT, "full": FULL},
        "icons": dict(ICONS),
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": client_id,
                "scopes": list(SCOPES),
                "isNotificationOnly": False,
                "supportsFiles": False,
                "commandLists": [{"scopes": list(SCOPES), "commands": _commands()}],
            }
        ],
        "composeExtensions": [{"botId": client_id, "commands": [_people(), _log_contact()]}],
        "validDomains": [urlsplit(address).netloc] if address else [],
    }


def _shown(client_id: str) -> str:
    """What stands in place of the id; not where it may be the secret, pasted into the wrong setting."""
    return "what it holds" if _MAY_BE_SECRET.fullmatch(client_id) else f"“{fitting.shown(client_id, 60)}”"


def write(file: Path, filled_in: Json) -> None:
    """Writes the package, whole or not at all. Refuses with `not_written`; an earlier package is replaced, nothing else."""
    unfinished = file.parent / f"{file.name}.unfinished"
    try:
        if file.is_dir():
            raise Refusal("not_written", f"{file} is a folder; give the name of a file in it.")
        if file.exists() and not _is_package(file):
            raise Refusal("not_written", f"{file} exists already and is no app package; give the package another name.")
        unfinished.write_bytes(_zipped(filled_in))
        os.replace(unfinished, file)
    except OSError as error:
        raise Refusal(
            "not_written", f"{file} could not be written ({error.strerror}); check the folder and its free space."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _commands() -> list[Json]:
    """The words that may be typed, as the help has them: choosing one in the menu writes its word. Help, which has all, is the last."""
    found = []
    for example, does in (*COMMANDS[:-1][: limits.COMMANDS - 1], COMMANDS[-1]):
        word, _, more = example.partition(" ")
        says = f"{does[:1].upper()}{does[1:]}" + (f", e.g. “{example}”" if more else "")
        found.append(
            {
                "title": fitting.shown(word, limits.COMMAND_TITLE),
                "description": fitting.shown(says, limits.COMMAND_DESCRIPTION),
            }
        )
    return found


def _people() -> Json:
    return {
        "id": "people",
        "type": "query",
        "context": ["compose"],
        "title": "Find a participant",
        "description": "Puts somebody's name and course into your message, with a button that says where they stand",
        "initialRun": False,
        "parameters": [
            {
                "name": "name",
                "title": "Name",
                "description": "At least two letters of a name",
                "inputType": "text",
            }
        ],
    }


def _log_contact() -> Json:
    return {
        "id": "logContact",
        "type": "action",
        "context": ["message"],
        "title": "Log as a contact",
        "description": "Logs that you were in touch with a participant; the message itself is not kept",
        "fetchTask": True,
    }


def _zipped(filled_in: Json) -> bytes:
    icons = files("bot.teams.setup").joinpath("icons")
    inside = {MANIFEST: json.dumps(filled_in, ensure_ascii=False, indent=2).encode() + b"\n"}
    inside |= {name: icons.joinpath(name).read_bytes() for name in ICONS.values()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, content in inside.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return packed.getvalue()


def _is_package(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as there:
            return MANIFEST in there.namelist()
    except zipfile.BadZipFile:
        return False
