"""What `npq doctor` looks at in Teams: the form of its settings, and whether Microsoft gives the bot a token."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor_findings import GUID, PLACEHOLDERS, DoctorFinding, Form, MisfitSetting, fitting, plain
from bot.teams.connector.tokens import NoToken, bot_token
from bot.teams.settings import TEAMS_LOGIN, TeamsSettings
from bot.teams.setup import package
from core.services.refusals import Refusal

_NO_TENANTS: tuple[Form, ...] = (
    (rf"(?i:{GUID.pattern})", "capitals, which Microsoft does not write"),
    (r"(?i:common|organizations|consumers)", "a word that stands for no organisation"),
    (r"[^.]+(\.[^.]+)+", "a domain name"),
    *PLACEHOLDERS,
)


def checks(settings: TeamsSettings) -> Iterator[DoctorFinding]:
    """What is well with Teams' settings, and what is not, beyond what is missing. Asks Microsoft."""
    if settings.teams_missing():
        return
    if settings.teams_unauthenticated:
        says = (
            "please note: TEAMS_UNAUTHENTICATED takes anybody at their word; it is for trying out on one machine only."
        )
        yield DoctorFinding("Teams", True, says)
        return
    try:
        package.manifest(settings.teams_client_id)
    except Refusal as refused:
        yield DoctorFinding("Teams", False, refused.message)
        return
    odd = list(_misfits(settings))
    yield from (misfit.finding for misfit in odd)
    if any(misfit.certain for misfit in odd):
        return  # Microsoft would only say so in other words
    token = bot_token(settings)
    assert token is not None
    try:
        token.get()
    except NoToken as none:
        yield DoctorFinding("Teams token", False, _mending(none.reason, secret_id=_holds_secret_id(settings)))
        return
    yield DoctorFinding("Teams token", True, "works: Microsoft knows the app and its secret.")


def _mending(reason: str, *, secret_id: bool) -> str:
    """How to mend it that Microsoft gives no token; `reason` is its own code."""
    if reason == "invalid_client" and secret_id:
        return (
            "TEAMS_CLIENT_SECRET holds what looks like the Secret ID (invalid_client): set it to the secret's Value, which "
            "Certificates & secrets shows once; make a new secret if it is gone."
        )
    if reason == "invalid_client":
        return (
            "the client secret is wrong or has run out (invalid_client): make a new one under Certificates & secrets of "
            "the app registration, and set TEAMS_CLIENT_SECRET to its Value, not to its Secret ID."
        )
    if reason in ("unauthorized_client", "invalid_request", "invalid_tenant"):
        return (
            f"Microsoft does not know this app in this organisation ({reason}): compare TEAMS_CLIENT_ID and TEAMS_TENANT_ID "
            "with the app registration's overview."
        )
    if reason == "cannot_reach_microsoft":
        return (
            "Microsoft's sign-in cannot be reached: let this machine reach TEAMS_LOGIN_URL (as a rule "
            "login.microsoftonline.com) over https."
        )
    return f"Microsoft gave none ({reason}): try again in a few minutes, then check the app registration in Microsoft Entra."


def _misfits(settings: TeamsSettings) -> Iterator[MisfitSetting]:
    """What is wrong with Teams' settings by their form, as far as Microsoft's sign-in does not say it."""
    client, tenant = settings.teams_client_id or "", settings.teams_tenant_id or ""
    if client == tenant:
        says = (
            "TEAMS_CLIENT_ID and TEAMS_TENANT_ID hold the same: the app registration's overview shows both, Application "
            "(client) ID and Directory (tenant) ID."
        )
        yield MisfitSetting("TEAMS_TENANT_ID", True, says)
        return
    if client != client.lower():
        says = "TEAMS_CLIENT_ID holds capitals, which Microsoft does not write: copy it again from the app registration's overview."
        yield MisfitSetting("TEAMS_CLIENT_ID", settings.teams_login_url == TEAMS_LOGIN, says)
    if not GUID.fullmatch(tenant):
        found = fitting(tenant, _NO_TENANTS)
        says = (
            f"TEAMS_TENANT_ID holds {found or 'something else'}: every message from Teams is refused with it. Copy Directory "
            "(tenant) ID from the app registration's overview; it looks like 00000000-0000-0000-0000-000000000000."
        )
        yield MisfitSetting("TEAMS_TENANT_ID", settings.teams_login_url == TEAMS_LOGIN or bool(found), says)


def _holds_secret_id(settings: TeamsSettings) -> bool:
    """Whether the client secret looks like the id that stands beside it."""
    return GUID.fullmatch(plain(settings.teams_client_secret).lower()) is not None
