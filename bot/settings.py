"""Every setting, read from the environment once by whoever starts a process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.clock import Clock
from bot.pasted_settings import Holds, meant
from bot.slack.settings import SlackSettings
from bot.teams.settings import TeamsSettings
from core.rules.plausible_dates import implausible_words, plausible
from core.services.refusals import Refusal


class _WhereEverythingIs(BaseSettings):
    model_config = SettingsConfigDict(defer_build=True)

    database_url: Annotated[str, Holds.PATH] = Field(
        "sqlite:///npq.db",
        repr=False,
        description="Where everything is remembered: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgres://…` or "
        "`postgresql://…`. The default is the SQLite file `npq.db` in the working directory.",
    )


class Settings(TeamsSettings, SlackSettings, _WhereEverythingIs):
    """The environment, checked. Secrets are `SecretStr`: they show as stars wherever they are printed.

    The last named comes first where all are listed, and what stands here last.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, defer_build=False)

    npq_pack: Annotated[str, Holds.PATH] = Field(
        "npq",
        description="The policy pack: a built-in one's name (`npq`: today's NPQs; `edt-v18`: EDT's guidance of 2021 to 2023), or "
        "the path of a pack folder.",
    )
    npq_now: datetime | None = Field(
        None,
        description="Freezes the clock of every process, for rehearsals: ISO 8601 with an offset, e.g. "
        "`2026-11-11T09:00:00+00:00`. Every message then says that it is a rehearsal.",
    )
    npq_metrics: bool = Field(
        False, description="`1`: `npq serve` answers `GET /metrics` in Prometheus' text format. Off by default."
    )
    port: int = Field(3000, ge=1, le=65535, description="The port on which `npq serve` listens.")

    @model_validator(mode="before")
    @classmethod
    def _what_is_said(cls, given: Any) -> Any:
        """A value that is blank, whatever came along with it, says nothing: it counts as not set."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if not cls._says_nothing(name, value)}

    @classmethod
    def _says_nothing(cls, name: str, value: Any) -> bool:
        if not isinstance(value, str) or name not in cls.model_fields:
            return False
        try:
            return not meant(name, value, cls.model_fields)
        except ValueError:
            return False  # which is said of it below

    @field_validator("npq_now", mode="before")
    @classmethod
    def _moment_with_offset(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        wanted = "a date and time with an offset, e.g. 2026-11-11T09:00:00+00:00"
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"“{value}” is not {wanted}") from None
        if moment.tzinfo is None:
            raise ValueError(f"“{value}” has no offset; it must be {wanted}")
        if not plausible(moment.date()):
            raise ValueError(implausible_words(moment.date()).rstrip("."))
        return moment

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
        return meant(info.field_name, value, cls.model_fields)

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
    def names_pack(self) -> bool:
        """Whether the policy pack was chosen, instead of the one that is used where none is."""
        return "npq_pack" in self.model_fields_set

    @property
    def clock(self) -> Clock:
        """The clock that these settings ask for."""
        return Clock(self.npq_now)


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
