"""`npq pack check` and `npq pack show`: the pack that rules, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from bot.cli.command_output import Answer, answers, lines
from bot.settings import read_settings
from core.rules.payments import instalments, pounds
from reference.criteria import CriteriaGroup, CriteriaSet
from reference.entries.typed_entries import form_of
from reference.loading import check_pack, load_pack, what_to_bring_up_to_date
from reference.measure_words import combined, hours, measure_of, part_of, share_in_words
from reference.pack import EVERY_DEFERRAL, Cohort, Escalation, OutputSpec, Pack, PackSettings, Price
from reference.problems import PackProblem
from reference.schedule import DatesOf, by_whom

NOT_KNOWN = "not known yet"
NOT_REVIEWED = "not reviewed (no criteria)"
FIRST_SAID = 3  # of what is wrong, in the one sentence of --json


@click.group()
def pack() -> None:
    """The policy pack: dates, credits and thresholds with their sources."""


@pack.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@answers
def pack_check(path: Path) -> Answer:
    """Validates a pack: a folder, or the name of one that is shipped."""
    problems = check_pack(str(path))
    if not problems:
        return _well(load_pack(str(path)), what_to_bring_up_to_date(str(path)))
    first = "; ".join(str(problem) for problem in problems[:FIRST_SAID])
    message = f"{len(problems)} {'thing is' if len(problems) == 1 else 'things are'} wrong with this pack: {first}."
    document = {"error": {"code": "pack_refused", "message": message}, "problems": [_placed(p) for p in problems]}

    def show() -> None:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo("Please mend this in the pack's files and check again.", err=True)

    return Answer(document, show, failed=True)


def _well(loaded: Pack, changes: list[PackProblem]) -> Answer:
    notes = [f"{code}: no cohort offers it" for code in loaded.courses if not _offering(loaded, code)]
    document = {
        "ok": True,
        "name": loaded.name,
        "version": loaded.version,
        "hash": loaded.hash,
        "notes": notes,
        "to_bring_up_to_date": [_placed(change) for change in changes],
    }

    def show() -> None:
        click.echo(f"{loaded.name} {loaded.version} is well (hash {loaded.hash[:12]}).")
        for note in notes:
            click.echo(f"Please note: {note}")
        if changes:
            click.echo(
                "It is in the first format, which is still read. To bring it up to date, from its end to its top:"
            )
            for change in reversed(changes):
                click.echo(str(change))

    return Answer(document, show)


def _offering(loaded: Pack, code: str) -> bool:
    return any(code in cohort.courses for cohort in loaded.cohorts.values())


def _placed(problem: PackProblem) -> dict[str, Any]:
    return {"where": problem.where, "message": problem.message, "file": problem.file, "line": problem.line}


@pack.command("show")
@answers
def pack_show() -> Answer:
    """The pack in use, with its sources."""
    used = load_pack(read_settings().npq_pack)
    return Answer(_pack_document(used), lambda: _show_pack(used))


def _pack_document(used: Pack) -> dict[str, Any]:
    from pydantic import TypeAdapter  # only here: the rest of the command needs no serialiser

    def plain(value: Any) -> Any:
        return TypeAdapter(Any).dump_python(value, mode="json")

    dates = list(by_whom(used))
    return {
        "name": used.name,
        "version": used.version,
        "title": used.title,
        "lead_provider": used.lead_provider,
        "hash": used.hash,
        "courses": plain([asdict(c) for c in used.courses.values()]),
        "group_names": dict(used.group_names),
        "cohorts": plain([{**asdict(c), "courses": sorted(c.courses)} for c in used.cohorts.values()]),
        "outputs": plain([_output_document(o) for group in used.outputs.values() for o in group]),
        "criteria": plain([_criteria_document(used, each) for each in used.criteria.values()]),
        "gates": plain(
            [{"title": gate.title, **_criteria_document(used, gate.criteria)} for gate in used.gates.values()]
        ),
        "event_kinds": plain([asdict(kind) for kind in used.event_kinds.values()]),
        "papers": plain([asdict(paper) for paper in used.papers]),
        "prices": plain([_price_document(used, price) for price in used.prices]),
        "personal_limits": plain([asdict(limit) for limit in used.personal_limits]),
        "schedule": plain([{**asdict(of.row), **_whose(of)} for of in dates if of.row]),
        "dates_not_known": [
            {"group": of.group, "cohort": of.cohort, "output": of.output, **_whose(of)} for of in dates if not of.row
        ],
        "given_dates": plain([asdict(row) for row in used.given_dates]),
        "blocks": plain([asdict(block) for blocks in used.blocks.values() for block in blocks]),
        "assessment_windows": plain([asdict(w) for held in used.assessment_windows.values() for w in held]),
        "settings": {
            name: {"value": plain(_listable(value)), "source": used.setting_sources.get(name)}
            for name, value in asdict(used.settings).items()
            if name in form_of(PackSettings).types
        },
        "escalation": plain([_escalation_document(each) for each in used.escalations]),
        "deferral": plain(_deferral_document(used)),
        "errata": plain([asdict(erratum) for erratum in used.errata]),
        "sayings": plain([asdict(saying) for saying in used.sayings.values()]),
        "external_documents": plain([asdict(document) for document in used.external_documents]),
    }


def _output_document(output: OutputSpec) -> dict[str, Any]:
    return {**asdict(output), "share": None if output.share is None else share_in_words(output.share)}


def _price_document(used: Pack, price: Price) -> dict[str, Any]:
    """A price and what each output gets of it."""
    return {**asdict(price), "outputs": {str(number): amount for number, amount in _instalments(used, price)}}


def _instalments(used: Pack, price: Price) -> list[tuple[int, Decimal]]:
    paid = {output.number: output.share for output in used.outputs_of(price.course) if output.share is not None}
    return list(zip(paid, instalments(price.amount, list(paid.values())), strict=True))


def _escalation_document(each: Escalation) -> dict[str, Any]:
    return {"groups": list(each.groups), **each.given, "source": each.source}


def _criteria_document(used: Pack, criteria: CriteriaSet) -> dict[str, Any]:
    """What meets an output: its leaves with their places in the tree, and the tree that these places are in."""
    leaves = [
        {**asdict(criterion), "path": path, "measures": measure_of(criterion, used.event_kinds)}
        for path, criterion in criteria.leaves
    ]
    tree = criteria.tree
    return {
        "group": criteria.group,
        "output": criteria.output,
        "combine": tree.combine,
        "n": tree.n,
        "criteria": leaves,
        "tree": _tree_document(tree),
        "source": criteria.source,
    }


def _tree_document(group: CriteriaGroup, before: str = "") -> dict[str, Any]:
    nodes: list[dict[str, Any]] = []
    for place, node in enumerate(group.nodes):
        path = f"{before}{group.combine}.{place}"
        if isinstance(node, CriteriaGroup):
            nodes.append(_tree_document(node, f"{path}."))
        else:
            nodes.append({"key": node.key, "path": path})
    return {"combine": group.combine, "n": group.n, "source": group.source, "nodes": nodes}


def _whose(of: DatesOf) -> dict[str, list[str]]:
    """Whom dates are for; empty: all of the group's."""
    return {"courses": list(of.courses), "starts": list(of.starts)}


def _listable(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _show_pack(used: Pack) -> None:
    """A line for each thing: a table would cut a date where the window is narrow."""
    console = lines()
    for line in _told(used):
        console.print(Text(line))


def _told(used: Pack) -> Iterator[str]:
    yield f"{used.name} {used.version} · {used.title} · {used.lead_provider} · hash {used.hash[:12]}"
    yield "\nCohorts"
    for cohort in used.cohorts.values():
        yield from _cohort(cohort)
    yield "\nDates"
    for of in by_whom(used):
        yield f"  {_for_whom(used, of)}: {_dates(used, of)}"
    yield "\nActivity credits"
    for code, course in used.courses.items():
        parts = ", ".join(_credits(block.credits) for block in used.blocks.get(code, ())) or "no blocks given"
        yield f"  {code}: {_credits(course.total)} ({parts}); {course.source}"
    yield "\nCriteria"
    for criteria in used.criteria.values():
        yield f"  {criteria.group}, Output {criteria.output}: {combined(criteria.tree)} ({criteria.source})"
        yield from _below(used, criteria.tree, "    ")
    if used.gates:
        yield "\nBefore the assessment may be sat"
    for gate in used.gates.values():
        criteria = gate.criteria
        yield f"  {criteria.group}, {gate.title}: {combined(criteria.tree)} ({criteria.source})"
        yield from _below(used, criteria.tree, "    ")
    yield from _windows(used)
    yield "\nKinds of event"
    for kind in used.event_kinds.values():
        length = f"; {hours(kind.hours)}" if kind.hours else ""
        yield f"  {kind.key}: {kind.name}{length}; {kind.source}"
    yield "\nNumbers and words"
    for name, value in asdict(used.settings).items():
        if name in used.setting_sources:
            yield f"  {name}: {_in_a_line(_listable(value))}; {used.setting_sources[name]}"
    if used.escalations:
        yield "\nAfter a missed review, other than above"
    for each in used.escalations:
        yield f"  {', '.join(each.groups)}: {_escalation(each)}; {each.source}"
    yield "\nPapers"
    for paper in used.papers:
        yield f"  {paper.name} ({paper.column}); {paper.source}"
    if not used.papers:
        yield "  none are wanted"
    yield from _money(used)
    yield from _personal_dates(used)
    yield from _deferrals(used)
    if used.errata:
        yield "\nErrata"
    for erratum in used.errata:
        yield f"  {erratum.where}: printed {erratum.printed}; used {erratum.used} ({erratum.source})"


def _personal_dates(used: Pack) -> Iterator[str]:
    if used.personal_limits:
        yield "\nPersonal dates"
    for limit in used.personal_limits:
        said = f"{limit.years} {'year' if limit.years == 1 else 'years'} from {limit.column} on, having {limit.what}"
        yield f"  {limit.course}: {said}; warned of {limit.warn_before} days before; {limit.source}"


def _money(used: Pack) -> Iterator[str]:
    """Which share of the price each output has, and what that comes to; nothing where there is neither."""
    if any(output.share is not None for outputs in used.outputs.values() for output in outputs):
        yield "\nShares of the price"
    for group, outputs in used.outputs.items():
        shares = [f"Output {o.number} {share_in_words(o.share)}" for o in outputs if o.share is not None]
        if shares:
            yield f"  {used.group_name(group)}: {', '.join(shares)}"
    if used.prices:
        yield "\nPrices"
    for price in used.prices:
        cohort = f", cohort {price.cohort}" if price.cohort else ""
        each = ", ".join(f"Output {number} {pounds(amount)}" for number, amount in _instalments(used, price))
        yield f"  {price.course}{cohort}: {pounds(price.amount)} ({each}); {price.source}"


def _deferral_document(used: Pack) -> dict[str, Any] | None:
    """What the pack says of deferrals; None where it says nothing, and every one is offered."""
    policy = used.deferral
    if policy is EVERY_DEFERRAL:
        return None
    return {**asdict(policy), "reasons": policy.offered}


def _deferrals(used: Pack) -> Iterator[str]:
    policy = used.deferral
    if policy is EVERY_DEFERRAL:
        return
    yield f"\nDeferrals ({policy.source})"
    needed = "" if policy.reason_needed else "; none need be given"
    yield f"  reasons: {', '.join(policy.offered)}{needed}"
    for span in policy.not_between:
        days = [None if day is None else _from_review(day) for day in (span.first_day, span.last_day)]
        first, last = (f"{word} {day}" if day else "" for word, day in zip(("from", "until"), days, strict=True))
        words = " ".join(filter(None, (first, last)))
        yield f"  none begins {words} of the output declared as {span.declaration}"
    if policy.longest_days or policy.longest_months:
        length = f"{policy.longest_days} days" if policy.longest_days else f"{policy.longest_months} months"
        yield f"  longest: {length}"
    if policy.last_return:
        yield f"  last return: {policy.last_return}"
    if policy.last_return_months:
        yield f"  last return: {policy.last_return_months} months after the cohort's first day"
    if policy.how_many:
        yield f"  how many: {policy.how_many}"
    yield f"  cohort to rejoin: {'the next to start' if policy.into == 'next' else 'any'}"
    yield f"  the lead provider confirms: {'yes' if policy.confirmed_by_lead_provider else 'no'}"


def _from_review(day: int) -> str:
    """A day that is counted from the review date: "60 days before the review date"."""
    if day == 0:
        return "the review date"
    return f"{abs(day)} {'day' if abs(day) == 1 else 'days'} {'before' if day < 0 else 'after'} the review date"


def _windows(used: Pack) -> Iterator[str]:
    if used.assessment_windows:
        yield "\nAssessment windows"
    for (group, cohort), windows in used.assessment_windows.items():
        for window in windows:
            whose = f"{used.group_name(group)}, cohort {cohort}{f', {window.course}' if window.course else ''}"
            yield f"  {whose}: from {window.opens} until {window.closes}; {window.source}"


def _below(used: Pack, group: CriteriaGroup, indent: str) -> Iterator[str]:
    """What stands below a group, each level further in, and of each criterion what it measures."""
    for node in group.nodes:
        if isinstance(node, CriteriaGroup):
            yield f"{indent}{combined(node)}{f' ({node.source})' if node.source else ''}"
            yield from _below(used, node, f"{indent}  ")
        else:
            yield f"{indent}{node.rule}  {node.label} ({node.source})"
            yield f"{indent}  {measure_of(node, used.event_kinds)}"
            for part in node.parts:
                yield f"{indent}    {part_of(part, used.event_kinds)}"


def _escalation(each: Escalation) -> str:
    """What is switched off, and the numbers of its own."""
    said = (
        ([] if value else [f"no {name}"]) if isinstance(value, bool) else [f"{name}: {_in_a_line(value)}"]
        for name, value in each.given.items()
    )
    return " · ".join(part for parts in said for part in parts) or "nothing"


def _cohort(cohort: Cohort) -> Iterator[str]:
    first = cohort.starts_on.isoformat() if cohort.starts_on else NOT_KNOWN
    funding = f"; funding {cohort.funding}" if cohort.funding else ""
    yield f"  {cohort.key}: {cohort.name}; first day {first}{funding}; {cohort.source}"
    yield f"    offers {', '.join(sorted(cohort.courses))}"
    for start in cohort.starts:
        key = f" {start.key}" if start.key else ""
        day = f"; first day {start.starts_on}" if start.starts_on else ""
        yield f"    {start.group}{key}: DfE's schedule {start.identifier or NOT_KNOWN}{day}"


def _for_whom(used: Pack, of: DatesOf) -> str:
    apart = [", ".join(names) for names in (of.courses, tuple(f"start {key}" for key in of.starts)) if names]
    return ", ".join([used.group_name(of.group), f"cohort {of.cohort}", f"Output {of.output}", *apart])


def _dates(used: Pack, of: DatesOf) -> str:
    row, reviewed = of.row, (of.group, of.output) in used.criteria
    if row is None:
        return NOT_KNOWN if reviewed else NOT_REVIEWED
    before = used.settings.review_days_before_cut_off
    computed = f" ({before} days before the cut-off)" if row.review_computed else ""
    printed = f" (printed {row.payment_printed})" if row.payment_printed else ""
    if not any((row.review, row.cut_off, row.invoice, row.payment)):
        return f"{NOT_KNOWN if reviewed else NOT_REVIEWED}; {row.source}"
    dates = (
        f"review {row.review or NOT_KNOWN}{computed}" if reviewed else NOT_REVIEWED,
        f"cut-off {row.cut_off or NOT_KNOWN}",
        f"invoice {row.invoice or NOT_KNOWN}",
        f"payment from {row.payment or NOT_KNOWN}{printed}",
    )
    return f"{' · '.join(dates)}; {row.source}"


def _in_a_line(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list | tuple) else str(value)


def _credits(credits: int | None) -> str:
    return "TBC" if credits is None else str(credits)
