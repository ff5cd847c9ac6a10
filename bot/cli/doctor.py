"""`npq doctor`: is everything set up, and how to mend what is not."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

import click

from bot.cli.command_output import Answer, answers
from bot.cli.packs_compared import packs_compared
from bot.doctor_findings import DoctorFinding
from bot.platforms import CHATS, IDS, Platform, begun
from bot.settings import Settings, read_settings
from core.database.database import in_words, open_database, require_head
from core.posts.lateness import health, late_words
from core.rules.calendar import LONDON, london_day
from core.services import packs_in_use
from core.services.installation import DatabaseRefused, Installation
from core.services.installation_checks import Examined, examined
from reference.loading import check_pack, load_pack
from reference.pack import Pack
from reference.pack_folder import place_of

MOST_NAMED = 5


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


def _examine(settings: Settings) -> Iterator[DoctorFinding]:
    problems = check_pack(settings.npq_pack)
    says = f"{settings.npq_pack} is sound." if not problems else "; ".join(str(problem) for problem in problems[:3])
    yield DoctorFinding("Policy pack", not problems, says)
    if settings.clock.rehearsal:
        yield DoctorFinding(
            "Clock", True, f"frozen at {settings.clock.now().isoformat()} by NPQ_NOW: every message says rehearsal."
        )
    else:
        yield DoctorFinding("Clock", True, f"real time, {settings.clock.now():%Y-%m-%d %H:%M} UTC.")
    yield from _database(settings, sound=not problems)
    if not problems:
        yield from _delivery(settings)
    in_use = begun(settings)
    for platform in CHATS:
        yield from _platform(platform, settings, in_use)


def _database(settings: Settings, *, sound: bool) -> Iterator[DoctorFinding]:
    try:
        engine = open_database(settings.database_url)
        require_head(engine)
    except DatabaseRefused as error:
        yield DoctorFinding("Database", False, str(error))
        return
    with examined(engine) as stored:
        people = len({person.id for person in stored.people})
        yield DoctorFinding("Database", True, f"ready, {in_words(engine.url)}, with {people:,} participants.")
        broken = stored.broken_trail()
        yield DoctorFinding("Audit trail", broken is None, broken or "whole.")
        if not people:
            yield DoctorFinding("Participants", False, "none yet: import the participants file with npq import.")
        pack = load_pack(settings.npq_pack) if sound else None
        if pack is not None:
            yield packs_compared(stored.packs_in_use, pack, place_of(settings.npq_pack))
        yield from _people(stored, pack, settings)
        yield from _doubles(stored)
        listed = stored.staff
        says = f"{len(listed)} on the list." if listed else "nobody may use the bot yet: add people with npq staff add."
        yield DoctorFinding("Staff", bool(listed), says)
        yield from _ids(stored)
        bound = stored.places
        yield DoctorFinding(
            "Channels", bool(bound), f"{len(bound)} bound." if bound else "none yet: bind one with npq place add."
        )
        without = [name for name in stored.partners if name not in {place.delivery_partner for place in bound}]
        if bound and without:
            says = f"please note: none for {', '.join(without)}; bind one with npq place add."
            yield DoctorFinding("Channels", True, says)
        yield from _partners(stored, {place.delivery_partner for place in bound})
        for place in bound:
            if place.state != "well":
                yield DoctorFinding(f"Channel {place.platform_id}", False, place.trouble)


def _ids(stored: Examined) -> Iterator[DoctorFinding]:
    """Whether anything was stored under what is no id of its platform: a channel's name, an e-mail address, a link."""
    for misfit in stored.misfits(IDS):
        check, once_more = _STANDS[misfit.stands]
        if misfit.meant is None:
            says = f"{misfit.why} Then {once_more}"
        elif misfit.twice:
            says = f"“{misfit.stored}” is {misfit.meant}, which stands there too: {_TWICE[misfit.stands]}"
        else:
            says = f"“{misfit.stored}” is written {misfit.meant} on {misfit.platform.capitalize()}: {once_more}"
        command = f"--platform {misfit.platform} --id {shlex.quote(misfit.stored)}"
        yield DoctorFinding(f"{check} {misfit.stored}", False, says.replace("…", command))


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


def _partners(stored: Examined, with_channel: set[str]) -> Iterator[DoctorFinding]:
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
        yield DoctorFinding("Delivery Partners", both_heard and not pair.certain, says)


def _delivery(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether anything is late; when something was last planned and sent."""
    try:
        engine = open_database(settings.database_url)
        require_head(engine)
    except DatabaseRefused:
        return  # said already
    found = health(Installation(engine, load_pack(settings.npq_pack)), settings.clock.now())
    last = f"last planned {_moment(found.last_planned)}, last sent {_moment(found.last_sent)}"
    oldest = f"; the longest due undelivered is message {found.oldest.id}" if found.oldest else ""
    yield DoctorFinding("Delivery", found.well, late_words(found) or f"nothing is late; {last}{oldest}.")


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def _people(stored: Examined, pack: Pack | None, settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the pack knows everybody, and whether declarations have been forgotten: then only Output 1 is watched."""
    if pack is None:
        return
    if strange := stored.strangers(pack):
        cohorts = ", ".join(sorted({f"{p.course} cohort {p.cohort}" for p in strange}))
        mend = "is NPQ_PACK set to your own pack?" if settings.names_pack else packs_in_use.CHOOSE
        says = f"{len(strange)} are in {cohorts}, which {pack.label} does not have: {mend}"
        yield DoctorFinding("Participants", False, says)
    today = london_day(settings.clock.now())
    if stored.lacks_declarations(pack, today):
        says = "please note: none yet, although review dates have passed; import them, else only Output 1 is watched."
        yield DoctorFinding("Declarations", True, says)
    if counted := stored.still_to_come(today):
        rows = ", ".join(f"{count} in {kind}" for kind, count in counted.items())
        says = (
            f"please note: some rows say that something was done after today: {rows}; import them with the right date."
        )
        yield DoctorFinding("Dates", True, says)


def _doubles(stored: Examined) -> Iterator[DoctorFinding]:
    """Who may be stored twice: ids nearly alike, a TRN or e-mail that two of a course have; and TRNs that are none."""
    alike = stored.ids_alike()
    if alike:
        yield DoctorFinding(
            "Ids", True, f"please note: {_more_than_one(alike)} nearly another's ({_groups(alike)}); {_ONE_PERSON}"
        )
    if others := [ids for ids in stored.marks_shared() if ids not in alike]:
        says = f"please note: on the same course these share one: {_groups(others)}; {_ONE_PERSON}"
        yield DoctorFinding("TRNs and e-mails", True, says)
    if odd := stored.odd_trns():
        are = "is" if len(odd) == 1 else "are"
        says = (
            f"please note: {len(odd):,} {are} not seven digits ({_some(odd)}); import the right one when you have it."
        )
        yield DoctorFinding("TRNs", True, says)


_ONE_PERSON = "where two are one person, import the wrong one's row with training_status withdrawn."


def _more_than_one(alike: Sequence[Sequence[str]]) -> str:
    count = sum(len(ids) - 1 for ids in alike)
    return f"{count:,} {'id is' if count == 1 else 'ids are'}"


def _groups(alike: Sequence[Sequence[str]]) -> str:
    return _some([" and ".join(ids) for ids in alike], between="; ")


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{between.join(names[:MOST_NAMED])}{more}"


def _platform(platform: Platform, settings: Settings, in_use: Collection[Platform]) -> Iterator[DoctorFinding]:
    """What there is to say of one platform, where these are in use; nobody needs all of them."""
    if in_use and platform not in in_use:
        yield _left_out(platform, settings)
        return
    if missing := platform.missing(settings):
        said_last = not in_use and platform is CHATS[-1]
        either = f"; {' or '.join(one.title for one in CHATS)} alone is enough" if said_last else ""
        yield DoctorFinding(platform.title, False, f"not set up: set {' and '.join(missing)}{either}.")
    if platform in in_use and (checks := platform.load().checks) is not None:
        yield from checks(settings)


def _left_out(platform: Platform, settings: Settings) -> DoctorFinding:
    """A platform of which nothing is set: well, unless a channel waits for it; people who wait are worth a note."""
    channels, people = _waiting(settings, platform.name)
    if channels:
        missing = " and ".join(platform.missing(settings))
        says = (
            f"not set up, but {channels} of the bound channels {'is' if channels == 1 else 'are'} there: set {missing}."
        )
        return DoctorFinding(platform.title, False, says)
    if people:
        says = (
            f"not in use; please note: {people} of the people on the staff list {'is' if people == 1 else 'are'} there."
        )
        return DoctorFinding(platform.title, True, says)
    return DoctorFinding(platform.title, True, "not in use.")


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
