"""`npq doctor`: is everything set up, and how to mend what is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click

from bot.cli.answering import Answer, answers
from bot.cli.proof import Misfit, holds_secret_id, slack_misfits, teams_misfits
from bot.clock import real_now
from bot.settings import Settings, read_settings
from core.posts.lateness import health, late_words
from core.records.database import in_words, open_database, require_head
from core.rules.calendar import LONDON, london_day
from core.services.examination import Examined, examined
from core.services.office import DatabaseRefused, Office
from core.services.refusals import Refusal
from reference.loading import check_pack, load_pack
from reference.pack import Pack

MOST_NAMED = 5
CLOCKS_APART = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, and how to mend it when it is not."""

    check: str
    well: bool
    says: str


@click.command()
@answers
def doctor() -> Answer:
    """Checks configuration, database, clock, tokens and scopes, and says how to mend each thing."""
    findings = list(_examine(read_settings()))
    well = all(finding.well for finding in findings)

    def show() -> None:
        for finding in findings:
            click.echo(f"{'✓' if finding.well else '✗'} {finding.check}: {finding.says}")
        click.echo("All is well." if well else "Please mend what is marked ✗.", err=not well)

    document = {"well": well, "checks": [asdict(finding) for finding in findings]}
    if not well:
        document["error"] = {"code": "not_well", "message": "; ".join(f.says for f in findings if not f.well)}
    return Answer(document, show, failed=not well)


def _examine(settings: Settings) -> Iterator[Finding]:
    problems = check_pack(settings.npq_pack)
    says = f"{settings.npq_pack} is sound." if not problems else "; ".join(str(problem) for problem in problems[:3])
    yield Finding("Policy pack", not problems, says)
    if settings.clock.rehearsal:
        yield Finding(
            "Clock", True, f"frozen at {settings.clock.now().isoformat()} by NPQ_NOW: every message says rehearsal."
        )
    else:
        yield Finding("Clock", True, f"real time, {settings.clock.now():%Y-%m-%d %H:%M} UTC.")
    yield from _database(settings, sound=not problems)
    if not problems:
        yield from _delivery(settings)
    yield from _slack(settings)
    yield from _teams(settings)


def _database(settings: Settings, *, sound: bool) -> Iterator[Finding]:
    try:
        engine = open_database(settings.database_url)
        require_head(engine)
    except DatabaseRefused as error:
        yield Finding("Database", False, str(error))
        return
    with examined(engine) as stored:
        people = len(stored.people)
        yield Finding("Database", True, f"ready, {in_words(engine.url)}, with {people:,} participants.")
        broken = stored.broken_trail()
        yield Finding("Audit trail", broken is None, broken or "whole.")
        if not people:
            yield Finding("Participants", False, "none yet: import the participants file with npq import.")
        yield from _people(stored, load_pack(settings.npq_pack) if sound else None, settings)
        yield from _doubles(stored)
        listed = stored.staff
        says = f"{len(listed)} on the list." if listed else "nobody may use the bot yet: add people with npq staff add."
        yield Finding("Staff", bool(listed), says)
        yield from _ids(stored)
        bound = stored.places
        yield Finding(
            "Channels", bool(bound), f"{len(bound)} bound." if bound else "none yet: bind one with npq place add."
        )
        without = [name for name in stored.partners if name not in {place.delivery_partner for place in bound}]
        if bound and without:
            says = f"please note: none for {', '.join(without)}; bind one with npq place add."
            yield Finding("Channels", True, says)
        yield from _partners(stored, {place.delivery_partner for place in bound})
        for place in bound:
            if place.state != "well":
                yield Finding(f"Channel {place.platform_id}", False, place.trouble)


def _ids(stored: Examined) -> Iterator[Finding]:
    """Whether anything was stored under what is no id of its platform: a channel's name, an e-mail address, a link."""
    for misfit in stored.misfits():
        check, once_more = _STANDS[misfit.stands]
        if misfit.meant is None:
            says = f"{misfit.why} Then {once_more}"
        elif misfit.twice:
            says = f"“{misfit.stored}” is {misfit.meant}, which stands there too: {_TWICE[misfit.stands]}"
        else:
            says = f"“{misfit.stored}” is written {misfit.meant} on {misfit.platform.capitalize()}: {once_more}"
        command = f"--platform {misfit.platform} --id {shlex.quote(misfit.stored)}"
        yield Finding(f"{check} {misfit.stored}", False, says.replace("…", command))


_STANDS = {
    "place": ("Channel", "npq place remove …, and npq place add with the right id."),
    "staff": ("Staff", "npq staff remove …, and npq staff add with the right id."),
    "owner": ("Owner", "npq place add again, with the right --owner."),
    "fallback": ("Fallback", "npq place add again, with the right --fallback."),
}
_TWICE = {
    "place": "every reminder may come twice; npq place remove …",
    "staff": "npq staff remove …",
    "owner": _STANDS["owner"][1],
    "fallback": _STANDS["fallback"][1],
}


def _partners(stored: Examined, with_channel: set[str]) -> Iterator[Finding]:
    """Whether any Delivery Partner is stored under two names: its people are seen and reminded apart, or not at all."""
    for pair in stored.partners_alike():
        both_heard = not with_channel or {pair.one, pair.other} <= with_channel
        merge = f'npq partner merge "{pair.other}" "{pair.one}" (or the other way round)'
        if pair.certain:
            says = f"“{pair.one}” and “{pair.other}” are one name, stored twice: make them one with {merge}."
        else:
            says = f"“{pair.one}” and “{pair.other}” are nearly one name; if they are one, make them so with {merge}"
            says = (
                f"please note: {says}."
                if both_heard
                else f"{says}; if not, bind a channel for each with npq place add."
            )
        yield Finding("Delivery Partners", both_heard and not pair.certain, says)


def _delivery(settings: Settings) -> Iterator[Finding]:
    """Whether anything is late; when something was last planned and sent."""
    try:
        engine = open_database(settings.database_url)
        require_head(engine)
    except DatabaseRefused:
        return  # said already
    found = health(Office(engine, load_pack(settings.npq_pack)), settings.clock.now())
    last = f"last planned {_moment(found.last_planned)}, last sent {_moment(found.last_sent)}"
    oldest = f"; the longest due undelivered is message {found.oldest.id}" if found.oldest else ""
    yield Finding("Delivery", found.well, late_words(found) or f"nothing is late; {last}{oldest}.")


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def _people(stored: Examined, pack: Pack | None, settings: Settings) -> Iterator[Finding]:
    """Whether the pack knows everybody, and whether declarations have been forgotten: then only Output 1 is watched."""
    if pack is None:
        return
    if strange := stored.strangers(pack):
        cohorts = ", ".join(sorted({f"{p.course} cohort {p.cohort}" for p in strange}))
        says = f"{len(strange)} are in {cohorts}, which {pack.label} does not have: is NPQ_PACK set to your own pack?"
        yield Finding("Participants", False, says)
    today = london_day(settings.clock.now())
    if stored.lacks_declarations(pack, today):
        says = "please note: none yet, although review dates have passed; import them, else only Output 1 is watched."
        yield Finding("Declarations", True, says)
    if counted := stored.still_to_come(today):
        rows = ", ".join(f"{count} in {kind}" for kind, count in counted.items())
        says = (
            f"please note: some rows say that something was done after today: {rows}; import them with the right date."
        )
        yield Finding("Dates", True, says)


def _doubles(stored: Examined) -> Iterator[Finding]:
    """Who may be stored twice: ids nearly alike, a TRN or e-mail that two of a course have; and TRNs that are none."""
    alike = stored.ids_alike()
    if alike:
        yield Finding(
            "Ids", True, f"please note: {_more_than_one(alike)} nearly another's ({_groups(alike)}); {_ONE_PERSON}"
        )
    if others := [ids for ids in stored.marks_shared() if ids not in alike]:
        says = f"please note: on the same course these share one: {_groups(others)}; {_ONE_PERSON}"
        yield Finding("TRNs and e-mails", True, says)
    if odd := stored.odd_trns():
        are = "is" if len(odd) == 1 else "are"
        says = (
            f"please note: {len(odd):,} {are} not seven digits ({_some(odd)}); import the right one when you have it."
        )
        yield Finding("TRNs", True, says)


_ONE_PERSON = "where two are one person, import the wrong one's row with training_status withdrawn."


def _more_than_one(alike: Sequence[Sequence[str]]) -> str:
    count = sum(len(ids) - 1 for ids in alike)
    return f"{count:,} {'id is' if count == 1 else 'ids are'}"


def _groups(alike: Sequence[Sequence[str]]) -> str:
    return _some([" and ".join(ids) for ids in alike], between="; ")


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{between.join(names[:MOST_NAMED])}{more}"


def _slack(settings: Settings) -> Iterator[Finding]:
    if not settings.slack_begun and settings.teams_begun:
        yield _left_out("Slack", settings, settings.slack_missing)
        return
    if settings.slack_missing:
        yield Finding("Slack", False, f"not set up: set {' and '.join(settings.slack_missing)}.")
    odd = list(slack_misfits(settings))
    yield from map(_misfit, odd)
    if settings.slack_signing_secret and "SLACK_SIGNING_SECRET" not in {misfit.setting for misfit in odd}:
        yield Finding("Slack signing secret", True, _UNPROVEN)
    if settings.slack_bot_token is None or any(m.certain and m.setting == "SLACK_BOT_TOKEN" for m in odd):
        return
    from bot.slack.examining import examine

    report = examine(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    yield Finding("Slack token", report.trouble is None, report.trouble or f"works, in the workspace {report.team}.")
    if report.missing_scopes:
        missing = ", ".join(report.missing_scopes)
        yield Finding(
            "Slack scopes", False, f"missing {missing}: add them under OAuth & Permissions and install the app again."
        )
    if report.server_time is not None:
        apart = abs(real_now() - report.server_time)
        says = (
            "agrees with Slack's."
            if apart <= CLOCKS_APART
            else f"is {int(apart.total_seconds())} s from Slack's: correct it."
        )
        yield Finding("Machine's clock", apart <= CLOCKS_APART, says)


_UNPROVEN = (
    "has the right form. Only a request shows whether it is this app's: where the log of npq serve says that a signature "
    "does not fit, copy SLACK_SIGNING_SECRET again."
)


def _misfit(misfit: Misfit) -> Finding:
    says = misfit.says if misfit.certain else f"please note: {misfit.says}"
    return Finding(f"{misfit.setting.split('_')[0].capitalize()} settings", not misfit.certain, says)


def _teams(settings: Settings) -> Iterator[Finding]:
    if not settings.teams_begun and settings.slack_begun:
        yield _left_out("Teams", settings, settings.teams_missing)
        return
    if settings.teams_missing:
        either = "" if settings.teams_begun else "; Slack or Teams alone is enough"
        yield Finding("Teams", False, f"not set up: set {' and '.join(settings.teams_missing)}{either}.")
        return
    if settings.teams_unauthenticated:
        says = (
            "please note: TEAMS_UNAUTHENTICATED takes anybody at their word; it is for trying out on one machine only."
        )
        yield Finding("Teams", True, says)
        return
    from bot.senders import bot_token
    from bot.teams import package
    from bot.teams.tokens import NoToken

    try:
        package.manifest(settings.teams_client_id)
    except Refusal as refused:
        yield Finding("Teams", False, refused.message)
        return
    odd = list(teams_misfits(settings))
    yield from map(_misfit, odd)
    if any(misfit.certain for misfit in odd):
        return  # Microsoft would only say so in other words
    token = bot_token(settings)
    assert token is not None
    try:
        token.get()
    except NoToken as none:
        yield Finding("Teams token", False, _mending(none.reason, secret_id=holds_secret_id(settings)))
        return
    yield Finding("Teams token", True, "works: Microsoft knows the app and its secret.")


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


def _left_out(platform: str, settings: Settings, missing: tuple[str, ...]) -> Finding:
    """A platform of which nothing is set: well, unless a channel waits for it; people who wait are worth a note."""
    channels, people = _waiting(settings, platform.lower())
    if channels:
        says = f"not set up, but {channels} of the bound channels {'is' if channels == 1 else 'are'} there: set {' and '.join(missing)}."
        return Finding(platform, False, says)
    if people:
        says = (
            f"not in use; please note: {people} of the people on the staff list {'is' if people == 1 else 'are'} there."
        )
        return Finding(platform, True, says)
    return Finding(platform, True, "not in use.")


def _waiting(settings: Settings, platform: str) -> tuple[int, int]:
    """How many channels and people are on a platform."""
    try:
        engine = open_database(settings.database_url)
        require_head(engine)
    except DatabaseRefused:
        return 0, 0  # said already
    with examined(engine) as stored:
        there = (stored.places, stored.staff)
        channels, people = (sum(one.platform == platform for one in every) for every in there)
        return channels, people
