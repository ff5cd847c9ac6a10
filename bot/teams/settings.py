"""Teams' settings, as part of all (`bot.settings`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.pasted_settings import Holds, web_address

MESSAGES_PATH = "/api/messages"
TEAMS_OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
TEAMS_LOGIN = "https://login.microsoftonline.com"
TEAMS_SERVICE = "https://smba.trafficmanager.net/teams"


class TeamsSettings(BaseModel):
    """What Teams is set up with."""

    model_config = ConfigDict(defer_build=True)  # it is read as part of all

    teams_client_id: Annotated[str | None, Holds.GUID] = Field(
        None,
        description="The application (client) id of your app registration in Microsoft Entra; it is the bot's id too.",
    )
    teams_client_secret: Annotated[SecretStr | None, Holds.SECRET] = Field(
        None, description="A client secret of that app registration, from *Certificates & secrets*."
    )
    teams_tenant_id: Annotated[str | None, Holds.GUID] = Field(
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

    @field_validator("teams_openid_url", "teams_login_url", "teams_service_url")
    @classmethod
    def _address_of_microsoft(cls, value: str) -> str:
        return web_address(value)

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

    def teams_begun(self) -> bool:
        """Whether anything of Teams is set: then what is missing is worth saying."""
        return bool(
            self.teams_client_id or self.teams_client_secret or self.teams_tenant_id or self.teams_unauthenticated
        )
