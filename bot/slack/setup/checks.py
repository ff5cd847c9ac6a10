"""What `npq doctor` looks at in Slack: the form of its settings, and what Slack itself says of the token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from bot.clock import real_now
from bot.doctor_findings import GUID, PLACEHOLDERS, DoctorFinding, Form, MisfitSetting, fitting, plain
from bot.slack.settings import SLACK_API, SlackSettings
from bot.slack.setup.token_check import examine

CLOCKS_APART = timedelta(seconds=60)
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")

_BOT_TOKEN_IS = "the bot needs the Bot User OAuth Token from OAuth & Permissions"
_TOKENS: tuple[Form, ...] = (
    (r"xoxb-.*", "a bot token: it belongs in SLACK_BOT_TOKEN"),
    (r"xapp-.*", "an app-level token: it belongs in SLACK_APP_TOKEN"),
    (r"xoxp-.*", f"a user token: {_BOT_TOKEN_IS}"),
    (r"xoxe.*", "a token that runs out within hours: make the app anew without token rotation, as the manifest has it"),
    (r"xox[a-z]-.*", f"a token of another kind: {_BOT_TOKEN_IS}"),
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
    *PLACEHOLDERS,
)
_UNPROVEN = (
    "has the right form. Only a request shows whether it is this app's: where the log of npq serve says that a signature "
    "does not fit, copy SLACK_SIGNING_SECRET again."
)


def checks(settings: SlackSettings) -> Iterator[DoctorFinding]:
    """What is well with Slack's settings, and what is not, beyond what is missing. Asks Slack."""
    odd = list(_misfits(settings))
    yield from (misfit.finding for misfit in odd)
    if settings.slack_signing_secret and "SLACK_SIGNING_SECRET" not in {misfit.setting for misfit in odd}:
        yield DoctorFinding("Slack signing secret", True, _UNPROVEN)
    if settings.slack_bot_token is None or any(m.certain and m.setting == "SLACK_BOT_TOKEN" for m in odd):
        return
    report = examine(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    yield DoctorFinding(
        "Slack token", report.trouble is None, report.trouble or f"works, in the workspace {report.team}."
    )
    if report.missing_scopes:
        missing = ", ".join(report.missing_scopes)
        yield DoctorFinding(
            "Slack scopes", False, f"missing {missing}: add them under OAuth & Permissions and install the app again."
        )
    if report.server_time is not None:
        apart = abs(real_now() - report.server_time)
        says = (
            "agrees with Slack's."
            if apart <= CLOCKS_APART
            else f"is {int(apart.total_seconds())} s from Slack's: correct it."
        )
        yield DoctorFinding("Machine's clock", apart <= CLOCKS_APART, says)


def _misfits(settings: SlackSettings) -> Iterator[MisfitSetting]:
    """What is wrong with Slack's settings by their form."""
    real = settings.slack_api_url == SLACK_API
    for setting, begins, one, kept in (
        ("SLACK_BOT_TOKEN", "xoxb-", "Slack's bot token", settings.slack_bot_token),
        ("SLACK_APP_TOKEN", "xapp-", "Slack's app-level token", settings.slack_app_token),
    ):
        value = plain(kept)
        if value and not value.startswith(begins):
            found = fitting(value, (*_TOKENS, *PLACEHOLDERS))
            says = f"{setting} holds {found or 'something else'}; {one} begins with {begins}."
            yield MisfitSetting(setting, real or bool(found), says)
    secret = plain(settings.slack_signing_secret)
    if secret and not SIGNING_SECRET.fullmatch(secret):
        found = fitting(secret, _NO_SIGNING_SECRETS)
        says = (
            f"SLACK_SIGNING_SECRET holds {found or 'something else'}: Slack's has 32 characters, each a digit or a letter from "
            "a to f, and with another every request is refused. Copy Signing Secret from Basic Information of the Slack app."
        )
        yield MisfitSetting("SLACK_SIGNING_SECRET", real or bool(found), says)
