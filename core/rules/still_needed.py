"""What each still needs to meet an output, the cheapest ways first, from any tree of criteria (reading 30). Words for people.

Flat criteria give a sentence each, or one sentence with every way; in deeper trees what belongs together stands together.
R27: never asks a Delivery Partner for what the lead provider owns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from core.rules.calendar import in_words
from core.rules.criteria_trees import Leaf, ReadyTree, count_leaves, verdict_of
from core.rules.eligibility import credits_needed
from core.rules.evidence import Evidence
from core.rules.facts import Participant, PlannedSession, RegisterEntry
from core.rules.findings import Span
from core.rules.ladder import Ladder
from core.rules.measured_steps import TO_BE_CONFIRMED, measured_step
from core.rules.output_position import judged_span
from core.rules.progress import WAS_THERE, millionths
from core.rules.results import CriterionResult, OutputStanding
from core.rules.wording import any_of_kinds, credits_word, plain, study_words
from reference.criteria import CriteriaGroup, Criterion, Node
from reference.pack import Activity, Pack

ANY_ONE = "Any one of these is enough"
_ONE_OF, _OF_THESE = "One of these", " of these"  # where it is one part of more; "2 of these"
BETWEEN = "; "  # ways that stand behind it


class _Asked(NamedTuple):
    """Whose output is asked about, and by the evidence of which days it was judged."""

    ladder: Ladder
    person: Participant
    output: OutputStanding
    as_of: date
    span: Span


class _Branch(NamedTuple):
    """A part of a tree with its criteria as they were judged."""

    node: Node
    leaves: Sequence[tuple[Leaf, CriterionResult]]

    @property
    def is_met(self) -> bool:
        return verdict_of(self.node, iter(result.verdict for _, result in self.leaves)) == "met"

    def below(self) -> Iterator[_Branch]:
        """The nodes of a group."""
        assert isinstance(self.node, CriteriaGroup)
        start = 0
        for node in self.node.nodes:
            end = start + count_leaves(node)
            yield _Branch(node, self.leaves[start:end])
            start = end


def evidence_steps(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    """What the evidence for an output still lacks, a sentence each."""
    if output.blocked_by is not None:
        yield f"Output {output.blocked_by} comes first."
        if output.kind != "completion":
            return
    elif not ladder.accepted(output.output, as_of):
        yield "The application needs to be accepted before this output can be met."
    tree = ladder.tree(output.output)
    if tree is None:
        return
    asked = _Asked(ladder, person, output, as_of, judged_span(ladder, output.output, as_of, output.blocked_by))
    yield from _of_tree(tree, output.criteria, asked)


def gate_steps(
    ladder: Ladder, person: Participant, output: OutputStanding, judged: Sequence[CriterionResult], span: Span
) -> Iterator[str]:
    """What is lacking before the assessment may be sat, a sentence each; `output` is that of completion."""
    if ladder.gate is not None:
        yield from _of_tree(ladder.gate, judged, _Asked(ladder, person, output, date.fromordinal(span.until), span))


def _of_tree(tree: ReadyTree, judged: Sequence[CriterionResult], asked: _Asked) -> Iterator[str]:
    whole = _Branch(tree.criteria.tree, tuple(zip(tree.leaves, judged, strict=True)))
    opening = _ONE_OF if tree.criteria.tree.combine == "all" else ANY_ONE
    yield from dict.fromkeys(_sentences(whole, asked, opening))


def opened_out(step: str) -> tuple[str, list[str]] | None:
    """A step's opening and its ways, where it has several; None for any other."""
    opening, colon, ways = step.partition(": ")
    is_opening = opening in (ANY_ONE, _ONE_OF) or opening.endswith(_OF_THESE)
    return (opening, ways.removesuffix(".").split(BETWEEN)) if colon and is_opening else None


def _sentences(branch: _Branch, asked: _Asked, any_one: str = _ONE_OF) -> Iterator[str]:
    """What is open of a part of a tree; `any_one` opens a choice."""
    if branch.is_met:
        return
    if isinstance(branch.node, Criterion):
        yield from (_sentence(clause.words) for clause in _clauses(branch, asked))
    elif branch.node.combine == "all":
        for each in branch.below():
            yield from _sentences(each, asked)
    else:
        ways, wanted = [way.words for way in _ways(branch, asked)], _wanted(branch)
        if len(ways) <= wanted:
            yield from map(_sentence, ways)
        else:
            yield f"{any_one if wanted == 1 else f'{wanted}{_OF_THESE}'}: {BETWEEN.join(ways)}."


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _wanted(branch: _Branch) -> int:
    """How many nodes of a group, of those that are open, are still wanted."""
    assert isinstance(branch.node, CriteriaGroup)
    nodes = list(branch.below())
    met = sum(each.is_met for each in nodes)
    wanted = {"any": 1, "all": len(nodes), "at_least": branch.node.n or 0}[branch.node.combine]
    return wanted - met


class _Clause(NamedTuple):
    """What is open of a part of a tree, in words within a sentence."""

    words: str
    is_list: bool = False  # of several, so that it is held together within another


def _ways(branch: _Branch, asked: _Asked) -> list[_Clause]:
    """The open nodes of a group, each once: of a choice those with fewest open criteria first, then in the pack's order."""
    assert isinstance(branch.node, CriteriaGroup)
    found = [each for each in branch.below() if not each.is_met]
    if branch.node.combine == "any":
        found.sort(key=_open_leaves)
    return list(dict.fromkeys(clause for each in found for clause in _clauses(each, asked)))


def _open_leaves(branch: _Branch) -> int:
    return sum(result.verdict != "met" for _, result in branch.leaves)


def _clauses(branch: _Branch, asked: _Asked) -> Iterator[_Clause]:
    """What is open of a part of a tree as a clause; nothing where the participant can do nothing about it."""
    if branch.is_met:
        return
    if isinstance(branch.node, Criterion):
        ((leaf, result),) = branch.leaves
        waits = leaf.only_new and asked.output.blocked_by is not None  # from when on is not known yet
        if result.owner == "participant" and not waits:
            yield from map(_Clause, _steps(leaf, result, asked))
        return
    ways, wanted = _ways(branch, asked), _wanted(branch)
    within = [f"({way.words})" if way.is_list else way.words for way in ways]
    if len(ways) < 2:
        yield from ways
    elif wanted >= len(ways):
        yield _Clause(" and ".join(within), is_list=True)
    elif wanted == 1:
        yield _Clause(" or ".join(within), is_list=True)
    else:
        yield _Clause(f"{wanted} of: {', '.join(f'({way.words})' for way in ways)}", is_list=True)


def _steps(leaf: Leaf, result: CriterionResult, asked: _Asked) -> Iterator[str]:
    criterion, (ladder, person, output, as_of, span) = leaf.criterion, asked
    match criterion.shape:
        case "attendance" | "engagement_metric":
            yield from _attendance_steps(ladder, person, output, as_of)
        case "self_study":
            yield _study_step(ladder.pack, person, as_of, criterion.min_credits or 0)
        case "progress":
            if criterion.metric == "either":
                yield "complete more of the course content" if output.baseline else "begin the course content"
            elif criterion.metric == "percent_complete":
                yield _content_step(result, output)
            else:
                yield _study_step(ladder.pack, person, as_of)
        case "video":
            share = plain(criterion.min_percent) if criterion.min_percent is not None else ""
            yield f"watch at least {share}% of {_video(ladder.evidence, criterion, as_of)}"
        case "completion_share":
            yield from _completion_steps(ladder.pack, person, criterion, output, as_of)
        case "share" | "weighted" | "count" | "items":
            if step := measured_step(leaf, ladder.evidence, span):
                yield step
        case _:
            return


def _content_step(result: CriterionResult, output: OutputStanding) -> str:
    """Reading 31: more than at the last output point can only be told with a figure of then."""
    if result.code == "no_engagement_report":
        return "import an Engagement report that shows them"
    if result.code == "no_percent_before" and output.baseline is not None:
        return f"import an Engagement report that was run by {in_words(output.baseline)} and shows them"
    return "complete more of the course content"


def _attendance_steps(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    entries = sorted(person.register, key=lambda e: e.event_date)
    for entry in entries:
        new = output.baseline is None or Evidence.day_of(entry) > output.baseline
        if entry.event_date <= as_of and new and entry.status not in WAS_THERE:
            covered = entry.contingency is not None and Evidence.day_of(entry) <= as_of
            if covered and entry.confirmed_by is not None:
                yield f"ask the facilitator to mark the register of {in_words(entry.event_date)}: the missed session is covered"
                return
            if entry.status == "booked":
                yield f"ask the facilitator to mark the register of {in_words(entry.event_date)} if they attended"
                return
    last = _last_day(ladder, output, as_of)
    booked = next((e for e in entries if as_of < e.event_date <= last and e.status == "booked"), None)
    coming = booked or ladder.progress.programme.coming(ladder.cohort(output.output, as_of), as_of, last)
    wanted = _session(ladder.pack, coming) if coming else any_of_kinds(ladder.evidence.kind_names)
    yield f"attend {wanted}"


def _last_day(ladder: Ladder, output: OutputStanding, as_of: date) -> date:
    """Until when a session helps: the deadline, or the review where there is none; then the next output's review."""
    following = ladder.dates(output.output + 1, as_of) if output.output < len(ladder.outputs) else None
    ends = (output.in_time_until, following.review if following else None)
    return next((day for day in ends if day is not None and day >= as_of), date.max)


def _session(pack: Pack, entry: RegisterEntry | PlannedSession) -> str:
    kind = pack.event_kinds.get(entry.event_type)
    return f"the {kind.name if kind else 'session'} on {in_words(entry.event_date)}"


def _study_step(pack: Pack, person: Participant, as_of: date, credits: int = 0) -> str:
    """One unit, where that gives as many credits as are asked for."""
    if not credits and not pack.blocks.get(person.course):
        return "earn new credits"  # of what, only a list of blocks would tell
    unit = next((a for a in _units_left(pack, person, as_of)), None)
    given = (unit.credits or 0) if unit else 1
    too_few = credits > given
    asked = f"earn {credits} {study_words(pack)} credits" if too_few else f"complete any one {study_words(pack)} unit"
    if unit is None:
        return asked
    name = _unit_name(unit.title, pack.settings.unit_prefix)
    return f"{asked}, {'beginning with' if too_few else 'e.g.'} {name} ({given} {credits_word(given)})"


def _units_left(pack: Pack, person: Participant, as_of: date) -> Iterator[Activity]:
    """Listed self-study units without a credited row, in the course's order; needs an activity log to be sure."""
    settings = pack.settings
    done = {(a.block, a.title) for a in person.activities if a.completed_on <= as_of}
    for block in pack.blocks.get(person.course, ()):
        for activity in block.activities:
            study = activity.component == settings.self_study_component
            alone_unsure = activity.title.startswith(settings.human_check_prefix)
            unit = activity.title.startswith(settings.unit_prefix) and not alone_unsure
            if study and unit and activity.credits and (block.number, activity.title) not in done:
                yield activity


def _unit_name(title: str, prefix: str) -> str:
    """The unit as participants know it: "S 2.1a" where the pack's titles begin with a number, else the whole title."""
    return f"{prefix}{title.removeprefix(prefix).split()[0]}" if prefix else title


def _video(evidence: Evidence, criterion: Criterion, as_of: date) -> str:
    if criterion.block is not None:
        return f"the Block {criterion.block} video introduction"
    assert criterion.min_percent is not None
    crossings = evidence.video_crossings(millionths(criterion.min_percent), None)
    seen = {block for day, block in crossings if day <= as_of.toordinal()}
    blocks = evidence.pack.blocks.get(evidence.progress.course, ())
    block = next((b.number for b in blocks if b.number not in seen), None)
    if not blocks:  # nor does anybody say what its videos are
        return "a video that is new to them" if seen else "a video"
    return f"the Block {block} video introduction" if block else "a Block video introduction that is new to them"


def _completion_steps(
    pack: Pack, person: Participant, criterion: Criterion, output: OutputStanding, as_of: date
) -> Iterator[str]:
    if criterion.metric == "percent_complete":
        share = plain(criterion.min_share) if criterion.min_share is not None else ""
        yield f"complete at least {share}% of the course content"
        return
    credits = output.credits
    if credits.total is None:
        yield TO_BE_CONFIRMED
        return
    needed = credits_needed(criterion, credits.total)
    if credits.earned is None:
        yield f"at least {needed} of {credits.total} credits are needed; import a report that shows how many there are"
        return
    missing = needed - credits.earned
    step = f"{missing} more {credits_word(missing)}"
    left = _blocks_left(pack, person, as_of)
    if left:
        numbers, amount = left
        names = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
        step += (
            f"; Block{'s' if len(numbers) > 1 else ''} {names} {'have' if len(numbers) > 1 else 'has'} {amount} left"
        )
    yield step


def _blocks_left(pack: Pack, person: Participant, as_of: date) -> tuple[list[str], int] | None:
    """Which blocks still have credits to earn, and how many; None without an activity log."""
    if not person.activities:
        return None
    earned: dict[int, int] = {}
    for row in person.activities:
        if row.completed_on <= as_of:
            earned[row.block] = earned.get(row.block, 0) + row.credits
    left = {
        block.number: block.credits - earned.get(block.number, 0)
        for block in pack.blocks.get(person.course, ())
        if block.credits is not None
    }
    numbers = [str(number) for number, amount in left.items() if amount > 0]
    return (numbers, sum(amount for amount in left.values() if amount > 0)) if numbers else None
