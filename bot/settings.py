"""Every setting, read from the environment once by whoever starts a process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.clock import Clock
from bot.pasting import meant
from core.rules.days import implausible_words, plausible
from core.services.refusals import Refusal

SLACK_API = "https://slack.com/api/"
TEAMS_OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
TEAMS_LOGIN = "https://login.microsoftonline.com"
TEAMS_SERVICE = "https://smba.trafficmanager.net/teams"


class Settings(BaseSettings):
    """The environment, checked. Secrets are `SecretStr`: they show as stars wherever they are printed."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///npq.db",
        repr=False,
        description="Where everything is remembered: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgres://…` or "
        "`postgresql://…`. The default is the SQLite file `npq.db` in the working directory.",
    )
    slack_bot_token: SecretStr | None = Field(
        None, description="Slack's bot token (`xoxb-…`), from *OAuth & Permissions* of your Slack app."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Proves that a request comes from Slack; from *Basic Information* of your Slack app."
    )
    slack_app_token: SecretStr | None = Field(
        None,
        description="An app-level token (`xapp-…`, scope `connections:write`). When it is set, `npq serve` also connects by "
        "Socket Mode, which needs no public address.",
    )
    slack_api_url: str = Field(
        SLACK_API,
        description="Another base address of Slack's Web API, for a test server, e.g. `http://localhost:3000/api/`.",
    )
    teams_client_id: str | None = Field(
        None,
        description="The application (client) id of your app registration in Microsoft Entra; it is the bot's id too.",
    )
    teams_client_secret: SecretStr | None = Field(
        None, description="A client secret of that app registration, from *Certificates & secrets*."
    )
    teams_tenant_id: str | None = Field(
        None,
        description="The directory (tenant) id of your organisation: the bot is single-tenant and answers nobody else.",
    )
    teams_openid_url: str = Field(
        TEAMS_OPENID,
        description="Another address of the Bot Connector's OpenID metadata, which say with which keys it signs; for a test "
        "server or a national cloud.",
    )
    teams_login_url: str = Field(
        TEAMS_LOGIN,
        description="Another address of Microsoft's sign-in, where the bot gets its token; for a test server or a national cloud.",
    )
    teams_service_url: str = Field(
        TEAMS_SERVICE,
        description="Where Teams takes posts to a channel from which the bot has not heard yet; the others name it themselves.",
    )
    teams_unauthenticated: bool = Field(
        False,
        description="`1`: takes anything that reaches `/api/messages` for Teams', without tokens. For Microsoft's local "
        "client only: `npq serve` refuses to start with it unless it is bound to this machine (`--host 127.0.0.1`).",
    )
    npq_pack: str = Field(
        "edt-v18", description="The policy pack: a built-in one's name, or the path of a pack folder."
    )
    npq_now: datetime | None = Field(
        None,
        description="Freezes the clock of every process, for rehearsals: ISO 8601 with an offset, e.g. "
        "`2022-06-16T09:00:00+01:00`. Every message then says that it is a rehearsal.",
    )
    npq_metrics: bool = Field(
        False, description="`1`: `npq serve` answers `GET /metrics` in Prometheus' text format. Off by default."
    )
    port: int = Field(3000, ge=1, le=65535, description="The port on which `npq serve` listens.")

    @field_validator("npq_now", mode="before")
    @classmethod
    def _moment_with_offset(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        wanted = "a date and time with an offset, e.g. 2022-06-16T09:00:00+01:00"
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"“{value}” is not {wanted}") from None
        if moment.tzinfo is None:
            raise ValueError(f"“{value}” has no offset; it must be {wanted}")
        if not plausible(moment.date()):
            raise ValueError(implausible_words(moment.date()).rstrip("."))
        return moment

    @field_validator("slack_api_url", "teams_openid_url", "teams_login_url", "teams_service_url")
    @classmethod
    def _web_address(cls, value: str, info: ValidationInfo) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError(f"“{value}” is not a web address; it must start with http:// or https://")
        if any(one.isspace() for one in value):
            raise ValueError(f"“{value}” is not a web address; there must be no blank in it")
        try:
            address = urlsplit(value)
            usable = bool(address.hostname) and (address.port is None or address.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"“{value}” is not a web address; it needs a host, and a port up to 65535 if any")
        return value.rstrip("/") + ("/" if info.field_name == "slack_api_url" else "")

    @field_validator("port", mode="before")
    @classmethod
    def _whole_number(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.strip().isdecimal():
            raise ValueError(f"“{value}” is not a port number from 1 to 65535")
        return value

    @field_validator("*", mode="before")  # the last one here is asked first
    @classmethod
    def _as_meant(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or info.field_name is None:
            return value
        return meant(info.field_name, value, cls.model_fields) or cls.model_fields[info.field_name].get_default()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment only: no `.env` file that lies about in a working directory."""
        return (init_settings, env_settings)

    @property
    def clock(self) -> Clock:
        """The clock that these settings ask for."""
        return Clock(self.npq_now)

    @property
    def slack_missing(self) -> tuple[str, ...]:
        """The settings that Slack still needs, by their names in the environment; empty when it can work."""
        missing = [] if self.slack_bot_token else ["SLACK_BOT_TOKEN"]
        if not self.slack_signing_secret and not self.slack_app_token:
            missing.append("SLACK_SIGNING_SECRET")
        return tuple(missing)

    @property
    def slack_begun(self) -> bool:
        """Whether anything of Slack is set: then what is missing is worth saying."""
        return bool(self.slack_bot_token or self.slack_signing_secret or self.slack_app_token)

    @property
    def teams_missing(self) -> tuple[str, ...]:
        """The settings that Teams still needs, by their names in the environment; empty when it can work."""
        if self.teams_unauthenticated:
            return ()
        needed = {
            "TEAMS_CLIENT_ID": self.teams_client_id,
            "TEAMS_CLIENT_SECRET": self.teams_client_secret,
            "TEAMS_TENANT_ID": self.teams_tenant_id,
        }
        return tuple(name for name, value in needed.items() if not value)

    @property
    def teams_begun(self) -> bool:
        """Whether anything of Teams is set: then what is missing is worth saying."""
        return bool(
            self.teams_client_id or self.teams_client_secret or self.teams_tenant_id or self.teams_unauthenticated
        )


def read_settings() -> Settings:
    """The settings in the environment. Refuses with `bad_setting`, naming each wrong one and what would be right."""
    try:
        return Settings()
    except ValidationError as wrong:
        raise Refusal("bad_setting", _sentence(wrong)) from None


def setting_descriptions() -> dict[str, str]:
    """Each setting's name in the environment with what it is for, in the order of the documentation."""
    fields: Mapping[str, FieldInfo] = Settings.model_fields
    return {name.upper(): field.description or "" for name, field in fields.items()}


def _sentence(wrong: ValidationError) -> str:
    parts = []
    for error in wrong.errors(include_url=False, include_input=False):
        name = str(error["loc"][0]).upper() if error["loc"] else "the environment"
        parts.append(f"{name}: {error['msg'].removeprefix('Value error, ')}")
    return "A setting in the environment is wrong: " + "; ".join(parts) + "."
