"""Asks Slack whether a token works and which scopes it has; for `npq doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from bot.slack.send import CODE, mend, web_client
from bot.slack.setup.manifest import scopes


@dataclass(frozen=True, slots=True)
class TokenReport:
    """What Slack says of a token; `trouble` is one sentence, None when it works."""

    trouble: str | None
    team: str = ""
    missing_scopes: tuple[str, ...] = ()
    server_time: datetime | None = None


def examine(token: str, api_url: str) -> TokenReport:
    """One call of auth.test."""
    try:
        answer = web_client(token, api_url).auth_test()
    except SlackApiError as error:
        reason = str(error.response.get("error", ""))
        if not CODE.fullmatch(reason):
            return TokenReport("Slack did not answer as expected: check SLACK_API_URL if it is set, and try again.")
        return TokenReport(mend(reason))
    except (URLError, OSError):
        return TokenReport("Slack can't be reached: check the network, and SLACK_API_URL if it is set.")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip()}
    missing = tuple(sorted(scopes() - granted)) if granted else ()
    date = headers.get("date")
    return TokenReport(None, str(answer.get("team", "")), missing, parsedate_to_datetime(date) if date else None)
