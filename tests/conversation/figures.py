"""Reads the figures of a post back out of its words, and compares each with what its own lines show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.conversation.cards.card import Card, Facts, Paragraph, PersonRow, words_of
from bot.conversation.posts.reminder_posts import reminder_cards
from core.reminders.reminder import Reminder
from core.rules.calendar import in_words
from reference.pack import Pack

ABOUT_NOBODY = "it is no longer about anybody named below"
UNCOUNTED = "No longer counted above."
EVIDENCED = re.compile(r"(\d+) of (\d+) evidenced\.")
CONCERNED = re.compile(
    r"(?<!For )(?<!wait )\b(\d+) (?:person|people) (?:(?:is|are) not evidenced|can still meet|(?:has|have) not met"
    r"|(?:has|have) no declaration|(?:is|are) past the deadline|met it|attended more|(?:has|have) not submitted)"
    r"|Removal of (\d+)|For (\d+) (?:person|people) something is missing|return of (\d+)|about (\d+) (?:person|people) may"
)


def number(pattern: str, text: str) -> int:
    """The number that a sentence gives, 0 where it is not said."""
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def of_them(what: str, text: str) -> int:
    """Of how many of a message's people it says that they have something; of one, "They have"."""
    return 1 if f"They have {what}" in text else number(rf"(\d+) of them ha(?:s|ve) {what}", text)


def said_above(card: Card) -> str:
    """The words above the lines."""
    return " ".join(words_of(each) for e in card.elements if isinstance(e, Paragraph) for each in e.lines)


def words(row: PersonRow) -> str:
    """A person's line."""
    return " ".join([words_of(row.beside), *map(words_of, row.lines)])


def complaints(pack: Pack, reminder: Reminder) -> list[str]:
    """Every figure of a message, over all its pages, that its lines do not bear out."""
    cards = reminder_cards(pack, reminder)
    rows = [row for card in cards for row in card.elements if isinstance(row, PersonRow)]
    found = []
    for card in cards:
        found += _of_words(pack, reminder, said_above(card), rows)
        found += _of_words(pack, reminder, card.summary, rows)
        found += _of_facts(card, rows)
        named = sum(isinstance(element, PersonRow) for element in card.elements)
        if len(cards) > 1 and rows and f"Who ({named} of {len(rows)} " not in card.summary:
            found.append(f"the notification names {named} of {len(rows)} and does not say so")
    return [f"{reminder.occasion.key} {reminder.day}: {complaint}" for complaint in found]


def _of_words(pack: Pack, reminder: Reminder, said: str, rows: Sequence[PersonRow]) -> list[str]:
    counted = [row for row in rows if UNCOUNTED not in words(row)]
    found = []

    def same(what: str, stated: int, shown: int) -> None:
        if stated != shown:
            found.append(f"{what}: says {stated}, shows {shown}: {said}")

    if "was a message for the days until" in said:
        return []
    if ABOUT_NOBODY in said:
        same("about nobody", 0, len(counted))
        asked = any("please get in touch" in words(row) or "cohort to rejoin" in words(row) for row in rows)
        if asked and "nothing more is needed" in said:
            found.append(f"nothing more is needed, though a line asks for something: {said}")
        return found
    if not rows:
        return []
    concerned = CONCERNED.search(said)
    if concerned is None:
        return [f"does not say how many: {said}"]
    stated = int(next(filter(None, concerned.groups())))
    same("concerned", stated, len(counted))
    if (evidenced := EVIDENCED.search(said)) is not None:
        waiting = number(r"(\d+) (?:person waits|people wait) for an earlier output", said)
        referred = number(r"For (\d+) (?:person|people) nothing new", said)
        unnamed = number(r"By now (\d+)", said)
        same("n of m", int(evidenced[2]), int(evidenced[1]) + waiting + referred + stated + unnamed)
    withdrawn = "who is withdrawn" in said or number(r"of whom (\d+) (?:is|are) withdrawn", said)
    same("withdrawn", int(withdrawn), sum("Withdrawn." in words(row) for row in counted))
    if stated == 1 and re.search(r"\bof them\b|those whose", said):
        found.append(f"speaks of one person as of several: {said}")
    ends = _window_ends(pack, reminder)
    closing = [row for row in counted if f"in the window until {in_words(reminder.day)}" in words(row)]
    if reminder.occasion.key == "three_week_mark" and (stated := number(r"For (\d+) of them the window", said)):
        same("closing", stated, len(closing))
    if "later agreed deadline" in said and reminder.occasion.key.startswith("window"):
        same(
            "later deadlines",
            of_them("a later agreed deadline", said),
            sum(_later(row, ends) for row in counted),
        )
    if reminder.occasion.key.startswith("window") and all(_later(row, ends) for row in counted):
        same(
            "asked before their deadline",
            len(re.findall(rf"(?:listed|to them|each of them) by {in_words(ends)}", said)),
            0,
        )
    same(
        "deferrals agreed",
        of_them("a deferral agreed", said),
        sum("eferral agreed from" in words(row) for row in counted),
    )
    return found


def _of_facts(card: Card, rows: Sequence[PersonRow]) -> list[str]:
    facts = {label: words_of(value) for e in card.elements if isinstance(e, Facts) for label, value in e.rows}
    said, found = said_above(card), []
    if "Payable" in facts:
        payable, held = (sum(start in words(row) for row in rows) for start in ("Payable", "Held up"))
        later = sum("Payable once declared" in words(row) for row in rows)
        stated = facts["Payable"]
        if number(r"^(\d+)", stated) != payable or int(facts["Held up by papers"]) != held:
            found.append(f"invoice facts {facts} for {payable} payable, {held} held up")
        once = (
            payable
            if stated.endswith(f"{payable}, once declared") and payable
            else number(r", (\d+) of them only", stated)
        )
        if once != later:
            found.append(f"invoice facts {facts} for {later} once declared")
        if ("papers that are not back" in said) != (held > 0) and ABOUT_NOBODY not in said:
            found.append(f"asks for papers of {held}: {said}")
        if ("to declare" in said) != (later > 0) and ABOUT_NOBODY not in said:
            found.append(f"asks for declarations of {later}: {said}")
    if "Participants" in facts:
        everybody = [int(n) for n in re.findall(r"\d+", facts["Participants"])]
        at_one = sum(
            number(r"^Current output of (\d+)", value) for label, value in facts.items() if label != "Participants"
        )
        if everybody and (
            everybody[0] != sum(everybody[1:]) or at_one != number(r"(\d+) at one of", facts["Participants"])
        ):
            found.append(f"participants do not add up: {facts}")
        if number(r"looks at (\d+)", said) != (everybody[0] if everybody else 0):
            found.append(f"{said} {facts['Participants']}")
        for label, value in facts.items():
            found += [f"{label}: {value}"] if label != "Participants" and not adds_up(value) else []
    return found


def adds_up(row: str) -> bool:
    """Whether "n of m evidenced (…); a …, b … and c …" names everybody of m."""
    evidenced = re.search(r"(\d+) of (\d+) (?:evidenced|declared)(?: \([^)]*\))?(?:; ([^;.]*))?", row)
    if evidenced is None:
        return False
    others = evidenced[3] or ""
    if others.startswith(("not counted", "interventions")):
        others = ""
    return int(evidenced[2]) == int(evidenced[1]) + sum(map(int, re.findall(r"(?:^|, | and )(\d+) ", others)))


def _window_ends(pack: Pack, reminder: Reminder) -> date:
    return reminder.occasion.about + timedelta(days=pack.settings.window_days)


def _later(row: PersonRow, ends: date) -> bool:
    extended = re.search(r"extended to (\d+ \w+ \d{4})", words(row))
    return extended is not None and datetime.strptime(extended[1], "%d %B %Y").date() > ends
