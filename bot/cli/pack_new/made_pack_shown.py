"""What a new pack holds, what is still missing of it, and what to do next: in a few lines, and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot.cli.pack_dates.dates_command import SET_IT
from reference.dated_outputs import every_output, known, starts
from reference.measure_words import combined, measure_of
from reference.pack import Pack
from reference.schedule import DATE_NAMES, DATES

Missing = Mapping[
    tuple[str, str, str], Mapping[str, Sequence[int]]
]  # by cohort, group and start: of each date the outputs


def made_document(made: Pack, folder: Path) -> dict[str, Any]:
    """The new pack as JSON has it."""
    return {
        "pack": made.label,
        "name": made.name,
        "npq_pack": str(folder),
        "courses": list(made.courses),
        "cohorts": [
            {"key": one.key, "name": one.name, "starts_on": one.starts_on and one.starts_on.isoformat()}
            for one in made.cohorts.values()
        ],
        "dates_not_known": [
            {"cohort": cohort, "group": group, "start": start or None, "date": name, "outputs": list(outputs)}
            for (cohort, group, start), dates in _missing(made).items()
            for name, outputs in dates.items()
        ],
    }


def show_made(made: Pack, folder: Path) -> None:
    """The same for whoever sits there."""
    click.echo(f"Made {made.name}, which passes npq pack check.")
    for group, outputs in made.outputs.items():
        codes = [course.code for course in made.courses.values() if course.group == group]
        click.echo(f"  {made.group_name(group)}: {', '.join(codes)}; {len(outputs)} outputs")
        click.echo(f"    completed: {_completion(made, group, outputs[-1].number)}")
    for cohort in made.cohorts.values():
        click.echo(f"  Cohort {cohort.key}, {cohort.name}: first day {cohort.starts_on or 'not known yet'}")
    missing = _missing(made)
    if missing:
        click.echo("Not known yet:")
    for line in _missing_lines(made, missing):
        click.echo(f"  {line}")
    click.echo(f"NPQ_PACK={folder}")
    click.echo(SET_IT)
    if missing:
        click.echo("Then make a form for the dates that are missing, fill in what you know, and put it in:")
        click.echo("  npq pack dates --blank dates.xlsx")
        click.echo("  npq pack dates dates.xlsx")


def _completion(made: Pack, group: str, output: int) -> str:
    found = made.criteria.get((group, output))
    if found is None:
        return "not said"
    if found.tree.combine != "all":
        return f"{combined(found.tree)} {len(found.tree.nodes)} criteria (npq pack show lists them)"
    return "; ".join(measure_of(one, made.event_kinds) for one in found.criteria)


def _missing(made: Pack) -> Missing:
    """Which outputs lack which dates, for each cohort, group and start."""
    found: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    for dated in every_output(made):
        group = made.courses[dated.course].group
        dates = known(made, dated)
        for name in DATES:
            reviewed = name != "review" or (group, dated.output) in made.criteria
            if reviewed and dates.named(name) is None:
                outputs = found.setdefault((dated.cohort, group, dated.start), {}).setdefault(name, [])
                if dated.output not in outputs:
                    outputs.append(dated.output)
    return found


def _missing_lines(made: Pack, missing: Missing) -> Iterator[str]:
    """A line for each cohort, group and set of outputs that lack the same; starts that lack the same share it."""
    alike: dict[tuple[str, str, tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for (cohort, group, start), dates in missing.items():
        by_outputs: dict[tuple[int, ...], list[str]] = {}
        for name, outputs in dates.items():
            by_outputs.setdefault(tuple(outputs), []).append(DATE_NAMES[name])
        for outputs_here, names in by_outputs.items():
            alike.setdefault((cohort, group, tuple(names), outputs_here), []).append(start)
    for (cohort, group, of, numbers), several in alike.items():
        apart = len(several) < len(starts(made, cohort, group))
        whose = ", ".join((cohort, made.group_name(group), *(several if apart else ())))
        yield f"{whose}: {_and(of)} of Output{'s' * (len(numbers) > 1)} {_and(list(map(str, numbers)))}"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
