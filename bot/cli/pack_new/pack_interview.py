"""The questions of `npq pack new`, in their order: each is answered by an option, by whoever is there, or by its default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from bot.cli.pack_new import answer_reading
from bot.cli.pack_new.answer_reading import AnswerRefused
from core.services.refusals import Refusal
from reference.answered import answer_contradictions
from reference.answered.answered_files import answered_files
from reference.answered.pack_answers import MEASURES, CohortAnswer, KindAnswer, PackAnswers, PackBeneath, ReviewPoint
from reference.pack import Pack
from reference.pack_writing import loaded

Value = TypeVar("Value")


class PackQuestion(NamedTuple):
    """One question as people read it."""

    key: str  # the option that answers it: "lead-provider"
    text: str  # with its choices, a line each
    prompt: str
    default: str | None = None  # None: it has to be answered; "": blank is an answer


class QuestionsOpen(Exception):
    """Nobody is there to answer what has no default."""

    def __init__(self, questions: Sequence[PackQuestion]) -> None:
        super().__init__(", ".join(question.key for question in questions))
        self.questions = tuple(questions)


Ask = Callable[[PackQuestion], str]
Say = Callable[[str], None]


class PackInterview:
    """Asks for what was not given. `given`: what options say, by their names; `ask` is None where nobody answers."""

    def __init__(
        self, beneath: PackBeneath, given: Mapping[str, Sequence[str]], said: str, *, ask: Ask | None, say: Say
    ) -> None:
        self._beneath, self._pack, self._given, self._said = beneath, beneath.pack, given, said
        self._ask, self._say = ask, say
        self._open: list[PackQuestion] = []

    def answers(self, folder_name: str, shipped: Sequence[str]) -> PackAnswers:
        """What is said, all of it. Raises `Refusal` for an option that can't be, `QuestionsOpen`."""
        own = folder_name if folder_name not in shipped else None
        taken = f" “{folder_name}” comes with the program, so it needs another name." if own is None else ""
        name = self._answer(
            PackQuestion("name", f"What is the pack called?{taken}", "Name", own),
            lambda text: answer_reading.pack_name(text, shipped),
        )
        provider = self._answer(
            PackQuestion("lead-provider", "Who is the lead provider?", "Lead provider"),
            lambda text: answer_reading.words(text, "the lead provider's name"),
        )
        courses = self._courses()
        cohorts, new_cohorts = self._cohorts(courses)
        first_days = self._first_days(cohorts)
        completion = self._completion(courses)
        totals = self._totals(courses, completion)
        kinds = self._kinds(completion)
        papers = self._papers()
        draft = PackAnswers(
            name=name or "",
            lead_provider=provider or "",
            courses=courses,
            cohorts=cohorts,
            new_cohorts=new_cohorts,
            first_days=first_days,
            completion=completion,
            totals=totals,
            kinds=kinds,
            papers=papers,
        )
        if self._open:
            raise QuestionsOpen(self._open)
        return self._reviewed(draft)

    # --- one question each -------------------------------------------------------------------------------------------

    def _courses(self) -> Sequence[str]:
        groups = {
            group: [code for code, course in self._pack.courses.items() if course.group == group]
            for group in self._pack.outputs
        }
        width = max(map(len, groups))
        listed = "\n".join(f"  {group:<{width}}  {', '.join(codes)}" for group, codes in groups.items())
        text = f"Which courses? Codes with commas between them; the word before a line is all of that line.\n{listed}"
        question = PackQuestion("courses", text, "Courses", answer_reading.ALL)
        return self._answer(question, lambda typed: answer_reading.courses(typed, self._pack)) or ()

    def _cohorts(self, courses: Sequence[str]) -> tuple[Sequence[str], Sequence[CohortAnswer]]:
        listed = "\n".join(f"  {key}  {cohort.name}" for key, cohort in self._pack.cohorts.items())
        text = f"Which cohorts? Keys with commas between them; “new” is for one that is not here.\n{listed}"
        question = PackQuestion("cohorts", text, "Cohorts", list(self._pack.cohorts)[-1])
        given = self._given.get("new-cohort", ())

        def read(typed: str) -> tuple[tuple[str, ...], bool]:
            keys, new = answer_reading.cohorts(typed, self._pack)
            _require(answer_contradictions.nobody_in(self._beneath, courses, keys, new=new or bool(given)))
            return keys, new

        if given and "cohorts" not in self._given:
            return (), self._given_cohorts(given)
        keys, new = self._answer(question, read) or ((), False)
        if given:
            return keys, self._given_cohorts(given)
        return keys, self._new_cohort() if new else ()

    def _first_days(self, cohorts: Sequence[str]) -> Mapping[str, date]:
        """Of the cohorts whose first day the pack beneath does not know."""
        unknown = [key for key in cohorts if self._pack.cohorts[key].starts_on is None]
        if "first-day" in self._given:
            with _of_option("first-day"):
                return answer_reading.first_days(self._given["first-day"], unknown)
        found = {}
        for key in unknown if self._ask is not None else ():
            text = f"When does cohort {key} begin? As 2026-10-05; leave it blank where it is not known yet."
            day = self._asked(PackQuestion("first-day", text, "First day", ""), answer_reading.later_day)
            if day is not None:
                found[key] = day
        return found

    def _given_cohorts(self, given: Sequence[str]) -> Sequence[CohortAnswer]:
        found: list[CohortAnswer] = []
        for text in given:
            with _of_option("new-cohort"):
                cohort = answer_reading.new_cohort(text)
                _require(answer_contradictions.key_taken(self._beneath, cohort.key, found))
                found.append(cohort)
        return found

    def _new_cohort(self) -> Sequence[CohortAnswer]:
        def read(text: str) -> str:
            key = answer_reading.new_key(text)
            _require(answer_contradictions.key_taken(self._beneath, key, ()))
            return key

        asked = "What is the new cohort's key, as files and chat name it? Letters and digits, such as 2027a."
        key = self._answer(PackQuestion("new-cohort", asked, "Key"), read)
        if key is None:
            return ()
        name = self._answer(
            PackQuestion("new-cohort", "What do people call it? Such as: Spring 2027.", "Cohort's name"),
            lambda text: answer_reading.words(text, "the cohort's name"),
        )
        first = "What is its first day? As 2027-02-01; leave it blank where it is not known yet."
        day = self._answer(PackQuestion("new-cohort", first, "First day", ""), answer_reading.later_day)
        return (CohortAnswer(key, name or "", day),)

    def _completion(self, courses: Sequence[str]) -> Mapping[str, Decimal]:
        default = self._beneath.completion
        measured = self._beneath.measured(courses)
        others = [code for code in courses if code not in measured]
        if courses and not measured:
            says = (
                f"How {', '.join(others)} is completed is as the pack {self._pack.name} has it: without a percentage."
            )
            if "completion" in self._given:
                raise Refusal(
                    "answer_refused", f"--completion: {says} Leave it out, or add a course that is completed by one."
                )
            if self._ask is not None:
                self._say(says)
            return {}
        listed = "\n".join(f"  {number}  {one.words}" for number, one in enumerate(MEASURES.values(), 1))
        apart = f" ({', '.join(others)} needs no such share.)" if others else ""
        text = (
            f"How is it measured whether somebody has completed the course?{apart}\n{listed}\n"
            "One number; or several with commas between them, then all of them are needed."
        )
        numbers = [str(number) for number, key in enumerate(MEASURES, 1) if key in default]
        question = PackQuestion("completion", text, "Number", ", ".join(numbers) or None)
        found = self._answer(question, answer_reading.measures) or {}
        return {key: self._amount(key, said, default) for key, said in found.items()}

    def _amount(self, key: str, said: Decimal | None, default: Mapping[str, Decimal]) -> Decimal:
        if said is not None:
            return said
        measure = MEASURES[key]
        usual = next(iter(default.values()), None) if measure.is_share else None
        question = PackQuestion(
            "completion", measure.asked, measure.unit, f"{usual.normalize():f}" if usual is not None else None
        )
        # what the option says was read already: here is asked what it leaves open
        return self._asked(question, lambda text: answer_reading.amount(text, key)) or Decimal()

    def _totals(self, courses: Sequence[str], completion: Mapping[str, Decimal]) -> Mapping[str, int]:
        measured = self._beneath.measured(courses)
        if "credits" not in completion:
            if "totals" in self._given:
                says = "credits are not what completion is measured by: leave it out, or give --completion credits."
                raise Refusal("answer_refused", f"--totals: {says}")
            return {}
        such_as = ", ".join(f"{code}={number}" for code, number in zip(measured[:2], (120, 150), strict=False))
        text = (
            f"How many credits has each course ({', '.join(measured)})?\n"
            f"One number where they are all alike; otherwise each, as in {such_as}."
        )
        question = PackQuestion("totals", text, "Credits")
        return self._answer(question, lambda typed: answer_reading.totals(typed, measured, self._pack)) or {}

    def _kinds(self, completion: Mapping[str, Decimal]) -> Sequence[KindAnswer]:
        if not {"sessions", "hours"} & completion.keys() and "kinds" not in self._given:
            return ()
        listed = "\n".join(f"  {kind.name}" for kind in self._pack.event_kinds.values())
        text = (
            f"Which kinds of session do your registers have? There are these:\n{listed}\n"
            "Or name your own with commas between them, with the hours where they are always the same: "
            "seminar, conference day=5.5."
        )
        question = PackQuestion("kinds", text, "Kinds", answer_reading.THESE)
        return self._answer(question, lambda typed: answer_reading.kinds(typed, self._pack)) or ()

    def _papers(self) -> Mapping[str, str]:
        width = max(map(len, answer_reading.PAPER_WORDS))
        listed = "\n".join(
            f"  {word:<{width}}  its day is in the column {column} of the participants file"
            for word, column in answer_reading.PAPER_WORDS.items()
        )
        text = f"Which signed papers must be back before an output is paid? Both with a comma, or “none”.\n{listed}"
        question = PackQuestion("papers", text, "Papers", answer_reading.NONE)
        found = self._answer(question, answer_reading.papers) or {}
        named = {}
        for column, said in found.items():
            word = column.removesuffix("_returned_on")
            asked = PackQuestion("papers", f"What do people call that paper ({word})?", "Paper", f"signed {word}")
            named[column] = said or self._asked(asked, lambda text: answer_reading.words(text, "a name")) or ""
        return named

    # --- reviews: by what the answers so far make ----------------------------------------------------------------------

    def _reviewed(self, answers: PackAnswers) -> PackAnswers:
        draft = loaded(answered_files(self._beneath, answers, self._said))
        if "reviews" in self._given and "review" in self._given:
            raise Refusal("answer_refused", "Give --reviews, or --review for each date, but not both.")
        if "review" in self._given:
            return replace(answers, reviews=self._given_reviews(draft))
        if "reviews" in self._given:
            question = PackQuestion("reviews", "", "")
            return replace(answers, review_days=self._answer(question, lambda text: _days(draft, text, or_none=True)))
        text = (
            "When is the evidence for an output reviewed?\n"
            "  1  not known yet: “npq pack dates” takes the dates later\n"
            "  2  so many days before DfE's cut-off\n"
            "  3  on days that are typed now"
        )
        choice = self._asked(PackQuestion("reviews", text, "Number", "1"), answer_reading.when_reviewed)
        if choice == answer_reading.DAYS:
            asked = PackQuestion("reviews", "How many days before DfE's cut-off?", "Days")
            return replace(answers, review_days=self._asked(asked, lambda text: _days(draft, text)))
        if choice == answer_reading.TYPED:
            return replace(answers, reviews=self._typed_reviews(draft))
        return answers

    def _typed_reviews(self, draft: Pack) -> Mapping[ReviewPoint, date]:
        self._say("Each as 2026-12-07; leave it blank where it is not known yet.")
        found: dict[ReviewPoint, date] = {}
        for point in answer_contradictions.review_points(draft):
            cut_off = answer_contradictions.cut_off_of(draft, point)
            until = f" (DfE's cut-off is {cut_off})" if cut_off else ""
            start = f", start {point.start}" if point.start else ""
            text = f"{draft.group_name(point.group)} in {point.cohort}{start}, Output {point.output}{until}"
            question = PackQuestion("review", text, "Review date", "")
            day = self._asked(question, partial(_review, draft, found, point))
            if day is not None:
                found[point] = day
        return found

    def _given_reviews(self, draft: Pack) -> Mapping[ReviewPoint, date]:
        points = {point.key.casefold(): point for point in answer_contradictions.review_points(draft)}
        found: dict[ReviewPoint, date] = {}
        with _of_option("review"):
            for key, typed in answer_reading.by_key(self._given["review"]).items():
                point = points.get(key.casefold())
                if point is None:
                    known = ", ".join(each.key for each in points.values())
                    raise AnswerRefused(f"There is nothing to review called {key}: give one of {known}.")
                if point in found:
                    raise AnswerRefused(f"{point.key} is there twice: give one date for it.")
                found[point] = answer_reading.day(typed)
            _require(answer_contradictions.review_amiss(draft, found))
        return found

    # --- how each is answered ------------------------------------------------------------------------------------------

    def _answer(self, question: PackQuestion, read: Callable[[str], Value]) -> Value | None:
        """The option's answer, otherwise that of whoever is there; None where it stays open."""
        if question.key not in self._given:
            return self._asked(question, read)
        with _of_option(question.key):
            return read(self._given[question.key][0])

    def _asked(self, question: PackQuestion, read: Callable[[str], Value]) -> Value | None:
        if self._ask is None:
            if question.default is None:
                self._open.append(question)
                return None
            with _of_option(question.key):
                return read(question.default)
        again = question
        while True:
            typed = self._ask(again).strip() or question.default
            try:
                if typed is not None:
                    return read(typed)
                again = question._replace(text="This one needs an answer.")
            except AnswerRefused as refused:
                again = question._replace(text=str(refused))


@contextmanager
def _of_option(key: str) -> Iterator[None]:
    """What is wrong with an option's answer ends the command, and says which option it is."""
    try:
        yield
    except AnswerRefused as refused:
        raise Refusal("answer_refused", f"--{key}: {refused}") from None


def _require(contradiction: str | None) -> None:
    if contradiction is not None:
        raise AnswerRefused(contradiction)


def _days(draft: Pack, text: str, *, or_none: bool = False) -> int | None:
    days = answer_reading.review_option(text) if or_none else answer_reading.review_days(text)
    if days is not None:
        _require(answer_contradictions.days_too_many(draft, days))
    return days


def _review(draft: Pack, before: Mapping[ReviewPoint, date], point: ReviewPoint, text: str) -> date | None:
    day = answer_reading.later_day(text)
    if day is not None:
        _require(answer_contradictions.review_amiss(draft, {**before, point: day}))
    return day
