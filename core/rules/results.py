"""What the rules say: plain frozen answers with their reasons, read by services, cards and the CLI alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.rules.calendar import latest
from core.rules.enrolment import RequestEnded
from reference.criteria import CriteriaGroup

Verdict = Literal["met", "not_met", "unknown", "not_defined", "exempt"]
Stage = Literal[
    "withdrawn",
    "declared",
    "not_defined",
    "deferred",
    "rescheduling_needed",
    "ready",
    "not_scheduled",
    "removal_pending",
    "refer_to_lead_provider",
    "not_due",
    "pre_review",
    "extended",
    "window",
    "removal_review",
    "contact",
]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion's verdict, said so that a coordinator understands it."""

    criterion: str  # the pack's key
    label: str
    verdict: Literal["met", "not_met", "unknown"]
    reason: str
    rule: str
    strength: Literal["strong", "contingency", "weak"] = "strong"  # of the evidence, when met (R14, R18)
    owner: str = "participant"
    code: str = ""  # of the reason: what kind it is, for those who choose words by it
    path: str = ""  # in the tree: "all.1.any.0"
    done: str | None = None  # exactly how much, of what is counted
    offered: str | None = None  # and out of how much, where that is known
    is_open: bool = True  # neither met, nor within a group of the tree that is met


@dataclass(frozen=True, slots=True)
class Credits:
    """Whole credits. `percent` is floored to one decimal, never rounded up (R28). None: unknown, TBC or not applicable."""

    earned: int | None
    at_baseline: int | None
    total: int | None
    needed: int | None
    percent: str | None
    asked: bool = True  # whether credits say anything of the course: the pack has some, or a criterion asks for them


@dataclass(frozen=True, slots=True)
class GateStanding:
    """Whether the assessment may be sat (reading 38); no part of any verdict."""

    title: str  # the pack's: "May sit the assessment"
    verdict: Literal["met", "not_met", "unknown"]
    reasons: tuple[str, ...]  # of what is met once all is well, of what is open until then
    still_needed: tuple[str, ...]  # a sentence each; none where nothing that they do can meet it
    passed: bool = False  # the assessment itself, so that nobody need ask any more


@dataclass(frozen=True, slots=True)
class OutputStanding:
    """One output of one participant on one day: four facts kept apart (verdict, payable, declared, stage) and their why."""

    output: int
    title: str
    kind: str
    declaration_type: str
    cohort: str  # whose dates apply (reading 14)
    review_date: date | None
    window_ends: date | None
    deadline: date | None
    invoice_date: date | None
    cut_off: date | None  # DfE's; it moves no stage
    in_time: bool | None  # for DfE's cut-off; None: not known, or still open
    verdict: Verdict
    met_on: date | None
    payable: bool
    papers_missing: tuple[str, ...]
    declared: bool
    declared_on: date | None
    stage: Stage
    baseline: date | None
    blocked_by: int | None  # the output that comes first, when this one waits for it (R54)
    criteria: tuple[CriterionResult, ...]  # the leaves of the pack's tree, in its order
    credits: Credits
    warnings: tuple[str, ...]
    next_steps: tuple[str, ...]
    extensions: int
    latest_extension: date | None
    unanswered_contacts: int
    tree: CriteriaGroup | None = None  # the pack's; None where it defines nothing (R3)
    warning_codes: tuple[str, ...] = ()  # of each warning what kind it is
    data_warnings: tuple[str, ...] = ()  # those of the warnings that other outputs give as well, in the same words
    staff_steps: tuple[str, ...] = ()  # those of the next steps that are for staff, not for the participant
    paper_steps: tuple[
        str, ...
    ] = ()  # those that are about papers: they stand apart, no evidence takes their place (R6)
    reached_on: date | None = None  # the last contact, where it was answered
    review_computed: bool = False  # from DfE's cut-off, as the pack says: nobody gave it
    deferral_ahead: tuple[date, date] | None = None  # agreed, from a later day on, until a day; while undeclared
    deferral_asked: tuple[date, date] | None = None  # asked for, and not confirmed yet (reading 37); while undeclared
    worth: Decimal | None = None  # pounds; None: the pack gives no price or no share of it
    gate: GateStanding | None = None  # beside completion, where the pack has one

    @property
    def in_time_until(self) -> date | None:
        """The deadline; where that lacks, or comes before it, the review date (reading 34)."""
        return latest((self.deadline, self.review_date))

    @property
    def open_criteria(self) -> tuple[CriterionResult, ...]:
        """Those that are not met, nor within a group of the tree that is."""
        return tuple(criterion for criterion in self.criteria if criterion.is_open)

    @property
    def left_to_lead_provider(self) -> bool:
        """R27: all that is still open is the lead provider's own evidence, so nobody is to be nudged for it."""
        still_open = self.open_criteria
        waits = self.blocked_by is None and self.verdict in ("not_met", "unknown")
        return waits and bool(still_open) and all(c.owner != "participant" for c in still_open)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the rules say about one participant as of the end of one London day."""

    as_of: date
    pack: str  # "edt-v18 18.0 (hash)": what it rests on
    participant_id: str
    enrolment_id: int
    name: str
    course: str
    course_identifier: str
    course_group: str
    cohort: str  # on that day
    delivery_partner: str
    training_status: str  # on that day
    rescheduling_needed: bool  # back from deferral, and no cohort named yet (reading 29)
    deferred_until: date | None  # the agreed return, while on deferral
    removal_proposed_on: date | None  # while a proposal is open
    removal_sides_approved: tuple[str, ...]
    outputs: tuple[OutputStanding, ...]
    current_output: int | None
    began_on: date | None = None  # the first day of their cohort on that day, or of their start in it
    may_return_from: date | None = None  # while on a recorded deferral
    back_since: date | None = None  # while a cohort to rejoin is still to be named (reading 29)
    deferral_asked: tuple[date, date] | None = None  # the one that waits for the lead provider's word (reading 37)
    request_ended: RequestEnded | None = None  # what became of the last that was asked for, unless it waits
    deferrals: int = 0  # recorded by then, the one that waits included

    @property
    def is_live(self) -> bool:
        """Whether the enrolment is under way: they are not withdrawn, and its last output is not declared."""
        return self.training_status != "withdrawn" and not self.outputs[-1].declared

    @property
    def current(self) -> OutputStanding | None:
        """The first output not declared, None when all are."""
        return next((o for o in self.outputs if o.output == self.current_output), None)
