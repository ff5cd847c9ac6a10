"""Where a pack contradicts itself (R46, R48-R51): each check says where and what would be right."""

from __future__ import annotations

from collections.abc import Iterator

from reference.checks.cohort_checks import cohort_faults
from reference.checks.course_checks import course_faults
from reference.checks.credit_checks import credit_faults
from reference.checks.criterion_checks import criterion_faults
from reference.checks.date_checks import date_faults
from reference.checks.deferral_checks import deferral_faults
from reference.checks.escalation_checks import escalation_faults
from reference.checks.given_entries import GivenEntries
from reference.checks.measure_checks import measure_faults
from reference.checks.named_item_checks import named_item_faults
from reference.checks.personal_limit_checks import personal_limit_faults
from reference.checks.price_checks import price_faults
from reference.checks.setting_checks import setting_faults
from reference.checks.tree_checks import tree_faults
from reference.problems import Fault


def contradictions(given: GivenEntries) -> Iterator[Fault]:
    """Every contradiction between the entries of one pack, and what in them nothing uses."""
    yield from course_faults(given)
    yield from criterion_faults(given)
    yield from tree_faults(given)
    yield from measure_faults(given)
    yield from named_item_faults(given)
    yield from cohort_faults(given)
    yield from date_faults(given)
    yield from credit_faults(given)
    yield from price_faults(given)
    yield from personal_limit_faults(given)
    yield from setting_faults(given)
    yield from escalation_faults(given)
    yield from deferral_faults(given)
