"""The sentence behind each finding: what the evidence shows, in plain words for a busy coordinator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal

from core.rules.calendar import in_words
from core.rules.criteria_trees import Leaf
from core.rules.findings import Finding
from core.rules.progress import Progress
from core.rules.results import CriterionResult
from reference.pack import Pack

_SENTENCES: dict[str, str] = {
    "attended": "Attended {event} on {day}, marked on the register.",
    "contingency": "Covered a missed session another way on {day}; the register is marked and it is confirmed.",
    "contingency_unconfirmed": "Covered a missed session another way on {day}; no confirmation is on file.",
    "register_unmarked": "They were booked on the session of {day}, but its register has not been marked yet.",
    "no_register": "No event register has been imported for {group}.",
    "self_report_only": (
        "Self-reported an event ({0} {credits0}), but the register does not show them as attended; "
        "self-report alone is not evidence of attendance."
    ),
    "not_attended": "No attended session on the register in this period.",
    "self_study": "{0} {study} {credits0}.",
    "self_study_by_total": "{0} credits that no report splits, more than the {1} that Block 1 gives without {study}.",
    "tasks_only": "The only {study} credits are for Micro Implementation Tasks; somebody needs to check these count.",
    "no_self_study": "No {study} credits in this period.",
    "no_split": "The reports don't show how many of the credits are {study}.",
    "no_credits": "Credits are not known: no report covers this period, or one before it is missing.",
    "video": "Watched the Block {0} video introduction on {day} (the weakest kind of evidence).",
    "no_videos": "No video report has been imported for {group}.",
    "video_unseen": "No video introduction watched to {0}%.",
    "video_short": "Watched {2}% of the Block {1} video introduction; {0}% is needed.",
    "video_not_new": "No video introduction newly watched to {0}% in this period.",
    "more_credits": "{0} more {credits0} than at the last output point ({1} in all).",
    "new_activity": "New credited activity on {day}.",
    "credits_fell": "The reports show fewer credits ({1}) than at the last output point ({0}): please check the data.",
    "fewer_credits": "The reports show fewer credits than at the last output point: please check the data.",
    "credits_begun": "{0} {credits0} so far.",
    "not_begun": "No credits so far.",
    "no_progress": "No new credits since the last output point ({0} in all).",
    "metric_met": "New progress or attendance since the last output point.{percent}",
    "metric_not_met": "No new progress or attendance since the last output point.{percent}",
    "metric_unknown": "New progress or attendance can't be told from what has been imported.{percent}",
    "metric_met_so_far": "Progress or attendance is shown.{percent}",
    "metric_not_met_so_far": "No progress or attendance so far.{percent}",
    "metric_unknown_so_far": "Progress or attendance can't be told from what has been imported.{percent}",
    "percent_share": "{0}% complete; {1}% is needed.",
    "no_engagement_report": "No Engagement report has been imported that shows them so far.",
    "total_tbc": "The course's credit total is still to be confirmed (TBC), so a share can't be worked out.",
    "credit_share": "{0} of {1} credits ({share}%); {2}% is needed.",
    "component_share": "{0} of {1} credits of {3} ({share}%); {2}% is needed.",
    "component_tbc": "The credits of this component are still to be confirmed (TBC), so a share can't be worked out.",
    "no_log": "No activity log has been imported for {group}.",
    "session_share": "Attended {0} of {1} {sessions1} ({share}%); {2}% is needed.",
    "session_share_open": "Attended {0} of {1} {sessions1}, and {3} {registers} not marked yet; {2}% is needed.",
    "nothing_offered": "No session has been offered to them in this period so far.",
    "nothing_planned": "No planned session has been imported for {group}.",
    "percent_proves_nothing": "A percentage of the whole course shows nothing that is new since the last output point.",
    "more_percent": "{0}% complete, more than at the last output point ({1}%).",
    "percent_unseen": "The Engagement report does not show them so far.",
    "percent_not_begun": "{0}% complete so far.",
    "percent_begun": "{0}% complete by the Engagement report of {day}.",
    "no_more_percent": "{0}% complete by the last output point, and no more since.",
    "no_percent_before": "No Engagement report shows them by the last output point, so progress since then can't be told.",
    "weighted": "{0}% by weight; {1}% is needed.",
    "weighted_open": "Between {0}% and {2}% by weight, as part of it is not known yet; {1}% is needed.",
    "sessions_counted": "Attended {0} {sessions0}; {1} {is1} needed.",
    "sessions_open": "Attended {0} {sessions0}, and {2} {registers} not marked yet; {1} {is1} needed.",
    "hours_counted": "{0} {hours0} of sessions attended; {1} needed.",
    "hours_open": "{0} {hours0} of sessions so far, and some registers or their hours are missing; {1} needed.",
    "activities_counted": "{0} {activities0} of {2} done; {1} {is1} needed.",
    "items_done": "Everything that is named is done.",
    "items_left": "{0} of {1} done; still to do: {2}.",
    "no_assessment": "Nothing is recorded about the assessment yet; the lead provider tracks this.",
    "assessed": "Marked and moderated by {day}.",
    "moderation_pending": "External moderation is pending with the lead provider.",
    "assessment_later": "Marking or moderation is dated {day}, which has not come yet.",
    "assessment_incomplete": "Part of the assessment record is blank; the lead provider tracks this.",
    "copies_held": "Copies of the marked work and a result are held.",
    "copies_missing": "The lead provider does not hold copies of the marked work yet.",
}


def floored(share: Decimal) -> str:
    """A percentage floored to one decimal, never rounded up (R28): 89.98 is said as "89.9"."""
    return str(share.quantize(Decimal("0.1"), rounding=ROUND_DOWN))


def share_of(earned: int, total: int) -> str:
    """Credits as a floored percentage of a total."""
    tenths = earned * 1000 // total
    return f"{tenths // 10}.{tenths % 10}"


def plain(figure: Decimal) -> str:
    """A decimal without needless zeros: 90, 89.9."""
    return f"{figure.normalize():f}"


def credits_word(count: int) -> str:
    """ "credit" or "credits"."""
    return "credit" if count == 1 else "credits"


def group_words(participant: Progress) -> str:
    """Whom reading 5 asks about, of one Delivery Partner: a file counts as imported once anybody of these is in it."""
    return f"their {participant.course}, cohort {participant.cohort}"


def study_words(pack: Pack) -> str:
    """What the pack calls self-study, within a sentence."""
    name = pack.settings.self_study_component
    return f"{name[:1].lower()}{name[1:]}"


def say(finding: Finding, group: str, study: str) -> str:
    """The sentence for a finding; `group`: see `group_words`, `study`: see `study_words`."""
    figures = finding.figures
    shown = [plain(f) if isinstance(f, Decimal) else str(f) for f in figures]
    first = figures[0] if figures else None
    return _SENTENCES[finding.code].format(
        *shown,
        day=in_words(date.fromordinal(finding.day)) if finding.day else "an unknown day",
        event=with_article(shown[0]) if shown else "a session",
        credits0=credits_word(first) if isinstance(first, int) else "credits",
        activities0="activity" if first == 1 else "activities",
        hours0="hour" if shown[:1] == ["1"] else "hours",
        sessions1="session" if shown[1:2] == ["1"] else "sessions",
        sessions0="session" if first == 1 else "sessions",
        is1="is" if shown[1:2] == ["1"] else "are",
        registers="register is" if shown[-1:] == ["1"] else "registers are",
        percent=f" The Engagement report says {floored(first)}% complete." if isinstance(first, Decimal) else "",
        share=_share(figures),
        group=group,
        study=study,
    )


def with_article(name: str) -> str:
    """ "a seminar", "an online session"."""
    return f"{'an' if name[:1].casefold() in _VOWELS else 'a'} {name}"


_VOWELS = frozenset("aeiou")


def either(names: Sequence[str]) -> str:
    """ "a, b or c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


_MOST_KINDS = 2  # that are named one by one


def any_of_kinds(names: Sequence[str]) -> str:
    """ "a face-to-face event or live webinar"; of many kinds of event "a session"."""
    return with_article(either(names) if len(names) <= _MOST_KINDS else "session")


def exactly(figure: int | Decimal | None) -> str | None:
    """A figure as text, exactly; None stays None."""
    return plain(figure) if isinstance(figure, Decimal) else None if figure is None else str(figure)


def result(leaf: Leaf, finding: Finding, group: str, study: str) -> CriterionResult:
    """A criterion's verdict with its sentence."""
    criterion = leaf.criterion
    return CriterionResult(
        criterion.key,
        criterion.label,
        finding.verdict,
        say(finding, group, study),
        criterion.rule,
        finding.strength,
        criterion.owner,
        finding.code,
        leaf.path,
        exactly(finding.done),
        exactly(finding.offered),
    )


def comes_first(leaf: Leaf, before: int) -> CriterionResult:
    """R54, reading 2: a retention criterion while an earlier output waits."""
    criterion = leaf.criterion
    return CriterionResult(
        criterion.key,
        criterion.label,
        "not_met",
        f"Output {before} comes first",
        criterion.rule,
        owner=criterion.owner,
        path=leaf.path,
    )


def _share(figures: tuple[int | Decimal | str, ...]) -> str:
    match figures:
        case (int(earned), int(total), *_) if total > 0:
            return share_of(earned, total)
    return ""
