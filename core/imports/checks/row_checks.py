"""Each row is checked against what is known: the policy pack, and the participants there are.

Nothing here reads a file or a database: what is stored comes in as plain mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from core.imports import identifiers
from core.imports.checks.import_context import ANOTHER_PACK, ImportContext, ListedPerson, no_course
from core.imports.checks.same_person import Another, Held
from core.imports.kinds import BLOCK, BOOKED, DEAD_STATES, Kind
from core.imports.rows import Findings, Row
from core.records.compared_names import folded, nearly
from core.records.identity_keys import trn_key
from core.rules.calendar import in_words
from core.rules.course_span import first_day, last_day
from core.spreadsheets.cells import NotRight, listed
from core.spreadsheets.file_problems import shown
from reference.pack import Activity, Cohort, Course, Pack, bare

RowCheck = Callable[[Row, ImportContext, Findings], None]


def _check_participant(row: Row, known: ImportContext, findings: Findings) -> None:
    participant_id = row.word("participant_id")
    partner = check_participation(row, known, findings)
    if known.partner is not None and partner is not None:
        held = known.held_by(participant_id).values()
        if held and all(one.listed.delivery_partner != partner for one in held) and not known.may_move_in:
            findings.wrong(row, "participant_id", known.used_elsewhere())
    if not row.wrong:
        _check_trn(row, known, findings)
    if not row.wrong:
        _check_identity(row, known, findings)
    if not row.wrong and partner is not None:
        known.doubles.take(_held(row))
        listed = ListedPerson(row.word("course"), row.word("cohort"), partner)
        row.enrolment = known.enrol(participant_id, row.enrolment, listed)


def _held(row: Row) -> Held:
    trn, email = (value if isinstance(value := row.values[name], str) else None for name in ("trn", "email"))
    return Held(row.word("participant_id"), row.word("course"), trn, email)


def _check_trn(row: Row, known: ImportContext, findings: Findings) -> None:
    """A TRN is seven digits; one that lacks its zeros in front gets them, and what is stored already may stay."""
    given = row.values["trn"]
    if not isinstance(given, str) or given in (trn_key(given), known.doubles.odd_trn(row.word("participant_id"))):
        return
    whole = trn_key(given)
    if whole is None:
        findings.wrong(row, "trn", identifiers.trn_trouble(given))
    else:
        row.values["trn"] = whole
        findings.warn(row, "The TRN lacks zeros in front, which spreadsheets drop: it is taken with them.")


def _check_identity(row: Row, known: ImportContext, findings: Findings) -> None:
    """A row is about one person: its id is neither damaged nor nearly another's, nor are its TRN and e-mail another's."""
    held = _held(row)
    if held.participant_id not in known.people and (trouble := identifiers.id_trouble(held.participant_id)):
        findings.wrong(row, "participant_id", trouble)
        return
    for another in known.doubles.others(held):
        if not (known.same_ids_meant and known.may_name(another.participant_id)):
            findings.wrong(row, another.column, _another_words(another, held, known))


_CALLED = {"participant_id": "id", "trn": "TRN", "email": "e-mail address"}


def _another_words(another: Another, row: Held, known: ImportContext) -> str:
    called, whose = _CALLED[another.column], another.participant_id
    if not known.may_name(whose):
        return known.used_elsewhere(called)
    if another.column == "participant_id":
        return (
            f"This id is nearly that of {whose}: give {whose} if they are one person; "
            "if they are two, import with --same-ids-meant."
        )
    return (
        f"{whose}, also on {row.course}, has this {called} already: correct one of the two; "
        "if both are right, import with --same-ids-meant."
    )


def check_participation(row: Row, known: ImportContext, findings: Findings) -> str | None:
    """A participant's course, cohort and Delivery Partner, under its stored name; None where that is not right."""
    _check_enrolment(row, known, findings)
    return _check_partner(row, known, findings)


def _check_partner(row: Row, known: ImportContext, findings: Findings) -> str | None:
    """The Delivery Partner that a row means, under its stored name; None where it may not be imported."""
    written = row.word("delivery_partner")
    only = f"Only rows of {known.partner} are taken here: leave this one out."
    if known.partner is not None and nearly(written, known.partner):
        only = f"It is nearly {known.partner}, whose rows alone are taken here: correct it, or leave the row out."
    try:
        partner = known.partner_names.meant(written)
    except NotRight as trouble:
        findings.wrong(row, "delivery_partner", trouble.message if known.partner is None else only)
        return None
    if known.partner not in (None, partner):
        findings.wrong(row, "delivery_partner", only)
        return None
    row.values["delivery_partner"] = partner
    return partner


def _check_enrolment(row: Row, known: ImportContext, findings: Findings) -> None:
    """A participant's course and cohort: both exist, and go together. The course gets its code."""
    course, cohort = _check_course(row, known, findings)
    if course is not None and cohort is not None:
        _check_start(row, course, cohort, known.pack, findings)


def _check_course(row: Row, known: ImportContext, findings: Findings) -> tuple[Course | None, Cohort | None]:
    """The course and the cohort that a row names, as the pack has them; None for one that it does not name, or wrongly."""
    pack, written, named = known.pack, row.values.get("course"), row.values.get("cohort")
    course = pack.course_named(written) if isinstance(written, str) else None
    cohort = pack.cohort_named(named) if isinstance(named, str) else None
    if course is not None:
        row.values["course"] = course.code
    elif isinstance(written, str):
        findings.wrong(row, "course", no_course(written, pack))
    if cohort is not None:
        row.values["cohort"] = cohort.key
    elif isinstance(named, str):
        findings.wrong(row, "cohort", _no_cohort(named, pack))
    if course is not None and cohort is not None and not is_offered(row, course, cohort, pack, findings):
        return None, None
    return course, cohort


def is_offered(row: Row, course: Course, cohort: Cohort, pack: Pack, findings: Findings) -> bool:
    """Whether a cohort offers a course; notes a problem where it does not."""
    if course.code in cohort.courses:
        return True
    offered = [one.key for one in pack.cohorts.values() if course.code in one.courses]
    where = f"it is in {listed(offered, 'and')}" if offered else "nor in any other"
    findings.wrong(row, "cohort", f"{course.code} is not offered in cohort {cohort.key}; {where}: correct one of them.")
    return False


def _check_start(row: Row, course: Course, cohort: Cohort, pack: Pack, findings: Findings) -> None:
    """The start within the cohort: one of those that the pack has for the course, where it has any."""
    starts = pack.starts_of(course.code, cohort.key)
    written = row.values.get("schedule")
    if isinstance(written, str) and starts and pack.start_named(course.code, cohort.key, written) is None:
        has = listed([name for start in starts for name in (start.key, start.identifier) if name])
        findings.wrong(
            row,
            "schedule",
            f"{course.code} has no such start in cohort {cohort.key}: give {has}, or leave the cell blank.",
        )


def _no_cohort(given: str, pack: Pack) -> str:
    of_year = pack.cohorts_of_year(given)
    has = listed(of_year or list(pack.cohorts))
    by_year = any(cohort.year for cohort in pack.cohorts.values())
    if identifiers.is_year(given) and (of_year or not by_year):
        return (
            f"{given} is a year, as DfE names cohorts: give its key, which is {has} in the policy pack {pack.name} (a mapping "
            f'file can do it: [words.cohort] "{given}" = "key").'
        )
    return f"The policy pack {pack.name} has no cohort {shown(given)}: give {has}. {ANOTHER_PACK} add the cohort: docs/packs.md."


def _check_block(row: Row, course: str, known: ImportContext, findings: Findings) -> Mapping[str, Activity] | None:
    """What the block of a row lists; None where the row is wrong, or the pack lists no blocks for the course: any is right."""
    activities = known.listed_activities.get((course, row.count(BLOCK)))
    if activities is None and not known.takes_any_block(course):
        numbers = [str(block.number) for block in known.pack.blocks.get(course, ())]
        right = f"give {listed(numbers)}" if numbers else "leave the row out"
        findings.wrong(row, BLOCK, f"{course} has no such block: {right}.")
    return activities


def _judge_activity(row: Row, course: str, known: ImportContext, findings: Findings) -> None:
    activities = _check_block(row, course, known, findings)
    component, title, credits = row.word("component"), row.word("title"), row.count("credits")
    if activities is None:
        row.values["component"] = known.components.get(folded(component), component)
        return
    judged = known.judge_activity(course, activities, row.count(BLOCK), component, title, credits)
    row.values["component"], row.values["title"], warning = judged
    if warning is not None:
        findings.warn(row, warning)


def _judge_by_course(row: Row, course: str, known: ImportContext, findings: Findings) -> None:
    """What is said of any row about somebody on this course: a block, where it names one, is one of theirs."""
    if row.values.get(BLOCK) is not None:
        _check_block(row, course, known, findings)


def _check_report(row: Row, known: ImportContext, findings: Findings) -> None:
    known.person(row, findings)
    start, end = row.day("period_start"), row.day("period_end")
    if end < start:
        findings.wrong(row, "period_end", f"The period ends before it starts: give a day from {start} on.")


def _check_event_type(row: Row, known: ImportContext, findings: Findings) -> None:
    """The kind of event: one of the pack's, of which the row gets the key."""
    written = row.word("event_type")
    key = known.event_kinds.get(written) or known.event_kinds.get(bare(written))
    if key is None:
        findings.wrong(
            row, "event_type", f"Not one of the words for this column: give {listed(list(known.pack.event_kinds))}."
        )
    else:
        row.values["event_type"] = key


def _check_register(row: Row, known: ImportContext, findings: Findings) -> None:
    _check_event_type(row, known, findings)
    known.person(row, findings)
    event_date, contingency_on = row.day("event_date"), row.values.get("contingency_on")
    if row.values["status"] != BOOKED:
        right = f"the day on which it took place, or the status {BOOKED}"
        _refuse_to_come(row, ("event_date", "contingency_on"), right, known, findings)
    if isinstance(contingency_on, date) and contingency_on < event_date:
        findings.wrong(row, "contingency_on", f"It lies before the event: give a day from {event_date} on.")


def _refuse_to_come(row: Row, names: tuple[str, ...], right: str, known: ImportContext, findings: Findings) -> None:
    """Notes a problem for each of these days that is still to come."""
    for name in names:
        day = row.values.get(name)
        if isinstance(day, date) and day > known.today:
            findings.ahead(row, name, day, f"It lies after today, {known.today}: give {right}.")


def _check_declaration(row: Row, known: ImportContext, findings: Findings) -> None:
    person = known.person(row, findings)
    if person is None:
        return
    numbers = (
        [one.number for one in known.pack.outputs_of(person.course)] if person.course in known.pack.courses else []
    )
    if row.values["output"] not in numbers:
        right = listed([str(number) for number in numbers])
        findings.wrong(row, "output", f"{person.course} has no such output: give {right}.")
    if row.values.get("state") not in DEAD_STATES:  # one that was dated wrongly can still be voided
        _refuse_to_come(row, ("declared_on",), "the day on which it was done", known, findings)


def _check_meeting(row: Row, known: ImportContext, findings: Findings) -> None:
    _check_planned(row, "meeting_on", known, findings)


def _check_session(row: Row, known: ImportContext, findings: Findings) -> None:
    _check_event_type(row, known, findings)
    _check_course(row, known, findings)
    _check_planned(row, "event_date", known, findings)


def _check_planned(row: Row, name: str, known: ImportContext, findings: Findings) -> None:
    """What a Delivery Partner plans for a day: with a warning where nobody is with them, or no course goes on by then."""
    partner = _check_partner(row, known, findings)
    if partner is not None and partner not in known.partners:
        findings.warn(row, f"No participant is with {shown(partner)}.")
    day, first, last = row.day(name), first_day(known.pack), last_day(known.pack)
    if day < first:
        findings.warn(row, f"{name} lies before any cohort began ({in_words(first)}).")
    if last is not None and day > last:
        findings.warn(row, f"{name} lies after the last date of every course ({in_words(last)}).")


CourseCheck = Callable[[Row, str, ImportContext, Findings], None]  # of a row about somebody on this course

# A kind that stands in neither of these is checked as most are: by the participant whom its rows name, and by their course.
_OWN_CHECKS: Mapping[str, RowCheck] = {
    "participants": _check_participant,
    "declaration_report": _check_report,
    "register": _check_register,
    "declarations": _check_declaration,
    "meetings": _check_meeting,
    "sessions": _check_session,
}
_OWN_JUDGEMENTS: Mapping[str, tuple[tuple[str, ...], CourseCheck]] = {
    "activities": ((BLOCK, "component", "title", "credits"), _judge_activity),
}


def judged_alike(kind: Kind) -> tuple[tuple[str, ...], CourseCheck] | None:
    """How a row is judged where that rests on its participant's course and these columns alone, so that all rows which agree
    in them fare alike; None for a kind whose rows are looked at one by one.
    """
    if kind.name in _OWN_CHECKS or not kind.is_personal:
        return None
    return _OWN_JUDGEMENTS.get(kind.name, ((BLOCK,) if BLOCK in kind.by_name else (), _judge_by_course))


def check_row(kind: Kind, row: Row, known: ImportContext, findings: Findings) -> None:
    """Notes what is wrong or odd about a row by itself."""
    if (own := _OWN_CHECKS.get(kind.name)) is not None:
        own(row, known, findings)
    elif (judged := judged_alike(kind)) is not None:
        person = known.person(row, findings)
        if person is not None:
            judged[1](row, person.course, known, findings)


def lacking(row: Row, kind: Kind) -> list[str]:
    """The required columns that are blank in a row (its key aside)."""
    values = row.values
    return [name for name in kind.required if name in values and values[name] is None]
