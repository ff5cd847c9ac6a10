"""Whether what is set has the form of what it should be: said of each setting by its name, never with its value.

Slack and Microsoft make their ids, tokens and secrets in forms of their own. A test server makes them as it likes, so there
another form is only worth a note, unless the value is certainly something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import SecretStr

from bot.settings import SLACK_API, TEAMS_LOGIN, Settings

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")

Form = tuple[str, str]  # a pattern, and what fits it
_BOT_TOKEN_IS = "the bot needs the Bot User OAuth Token from OAuth & Permissions"
_TOKENS: tuple[Form, ...] = (
    (r"xoxb-.*", "a bot token: it belongs in SLACK_BOT_TOKEN"),
    (r"xapp-.*", "an app-level token: it belongs in SLACK_APP_TOKEN"),
    (r"xoxp-.*", f"a user token: {_BOT_TOKEN_IS}"),
    (r"xoxe.*", "a token that runs out within hours: make the app anew without token rotation, as the manifest has it"),
    (r"xox[a-z]-.*", f"a token of another kind: {_BOT_TOKEN_IS}"),
)
_PLACEHOLDERS: tuple[Form, ...] = (
    (r"\$.*|.*[{}].*|(?i:.*(?:change_?me|your[-_]).*)", "a placeholder that nobody has filled in"),
)
_NO_SIGNING_SECRETS: tuple[Form, ...] = (
    *_TOKENS,
    (r"\d+\.\d+", "the app's Client ID"),
    (r"A[0-9A-Z]{8,}", "the App ID"),
    (rf"(?i:{GUID.pattern})", "an id of Microsoft's"),
    (r"[0-9A-F]{32}", "capitals, which Slack does not write"),
    (r"[0-9a-f]{16,31}", "a part of one only"),
    (r"[0-9a-f]{33,}", "more than one"),
    (r"[0-9A-Za-z]{24}", "the old Verification Token"),
    *_PLACEHOLDERS,
)
_NO_TENANTS: tuple[Form, ...] = (
    (rf"(?i:{GUID.pattern})", "capitals, which Microsoft does not write"),
    (r"(?i:common|organizations|consumers)", "a word that stands for no organisation"),
    (r"[^.]+(\.[^.]+)+", "a domain name"),
    *_PLACEHOLDERS,
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A setting that has not the form it should have, and how to mend it; `certain` False: right for a test server."""

    setting: str
    certain: bool
    says: str


def slack_misfits(settings: Settings) -> Iterator[Misfit]:
    """What is wrong with Slack's settings by their form."""
    real = settings.slack_api_url == SLACK_API
    for setting, begins, one, kept in (
        ("SLACK_BOT_TOKEN", "xoxb-", "Slack's bot token", settings.slack_bot_token),
        ("SLACK_APP_TOKEN", "xapp-", "Slack's app-level token", settings.slack_app_token),
    ):
        value = _plain(kept)
        if value and not value.startswith(begins):
            found = _fitting(value, (*_TOKENS, *_PLACEHOLDERS))
            says = f"{setting} holds {found or 'something else'}; {one} begins with {begins}."
            yield Misfit(setting, real or bool(found), says)
    secret = _plain(settings.slack_signing_secret)
    if secret and not SIGNING_SECRET.fullmatch(secret):
        found = _fitting(secret, _NO_SIGNING_SECRETS)
        says = (
            f"SLACK_SIGNING_SECRET holds {found or 'something else'}: Slack's has 32 characters, each a digit or a letter from "
            "a to f, and with another every request is refused. Copy Signing Secret from Basic Information of the Slack app."
        )
        yield Misfit("SLACK_SIGNING_SECRET", real or bool(found), says)


def teams_misfits(settings: Settings) -> Iterator[Misfit]:
    """What is wrong with Teams' settings by their form, as far as Microsoft's sign-in does not say it."""
    client, tenant = settings.teams_client_id or "", settings.teams_tenant_id or ""
    if client == tenant:
        says = (
            "TEAMS_CLIENT_ID and TEAMS_TENANT_ID hold the same: the app registration's overview shows both, Application "
            "(client) ID and Directory (tenant) ID."
        )
        yield Misfit("TEAMS_TENANT_ID", True, says)
        return
    if client != client.lower():
        says = "TEAMS_CLIENT_ID holds capitals, which Microsoft does not write: copy it again from the app registration's overview."
        yield Misfit("TEAMS_CLIENT_ID", settings.teams_login_url == TEAMS_LOGIN, says)
    if not GUID.fullmatch(tenant):
        found = _fitting(tenant, _NO_TENANTS)
        says = (
            f"TEAMS_TENANT_ID holds {found or 'something else'}: every message from Teams is refused with it. Copy Directory "
            "(tenant) ID from the app registration's overview; it looks like 00000000-0000-0000-0000-000000000000."
        )
        yield Misfit("TEAMS_TENANT_ID", settings.teams_login_url == TEAMS_LOGIN or bool(found), says)


def holds_secret_id(settings: Settings) -> bool:
    """Whether the client secret looks like the id that stands beside it."""
    return GUID.fullmatch(_plain(settings.teams_client_secret).lower()) is not None


def _fitting(value: str, forms: tuple[Form, ...]) -> str:
    return next((what for form, what in forms if re.fullmatch(form, value)), "")


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
