"""Slack's settings, as part of all (`bot.settings`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.pasted_settings import Holds, web_address

EVENTS_PATH = "/slack/events"
SLACK_API = "https://slack.com/api/"


class SlackSettings(BaseModel):
    """What Slack is set up with."""

    model_config = ConfigDict(defer_build=True)  # it is read as part of all

    slack_bot_token: Annotated[SecretStr | None, Holds.TOKEN] = Field(
        None, description="Slack's bot token (`xoxb-…`), from *OAuth & Permissions* of your Slack app."
    )
    slack_signing_secret: Annotated[SecretStr | None, Holds.TOKEN] = Field(
        None, description="Proves that a request comes from Slack; from *Basic Information* of your Slack app."
    )
    slack_app_token: Annotated[SecretStr | None, Holds.TOKEN] = Field(
        None,
        description="An app-level token (`xapp-…`, scope `connections:write`). When it is set, `npq serve` also connects by "
        "Socket Mode, which needs no public address.",
    )
    slack_api_url: str = Field(
        SLACK_API,
        description="Another base address of Slack's Web API, for a test server, e.g. `http://localhost:3000/api/`.",
    )

    @field_validator("slack_api_url")
    @classmethod
    def _address_of_slack(cls, value: str) -> str:
        return web_address(value) + "/"

    def slack_missing(self) -> tuple[str, ...]:
        """The settings that Slack still needs, by their names in the environment; empty when it can work."""
        missing = [] if self.slack_bot_token else ["SLACK_BOT_TOKEN"]
        if not self.slack_signing_secret and not self.slack_app_token:
            missing.append("SLACK_SIGNING_SECRET")
        return tuple(missing)

    def slack_begun(self) -> bool:
        """Whether anything of Slack is set: then what is missing is worth saying."""
        return bool(self.slack_bot_token or self.slack_signing_secret or self.slack_app_token)
