"""What a later participants row means, as a table."""

from __future__ import annotations

import pytest

from core.imports.checks.enrolling import HeldEnrolment, ListedEnrolment, Meaning, meanings

LIVE = HeldEnrolment(1, "NPQH", "2026a", recorded=True)
DECLARED = LIVE._replace(declared=True)
EMPTY = HeldEnrolment(1, "NPQH", "2026a")
OVER = DECLARED._replace(over=True)
BACK = DECLARED._replace(resumed_into="2026b")
REMOVED = OVER._replace(removed=True)
ELSEWHERE = EMPTY._replace(elsewhere=True)
COACHING = HeldEnrolment(2, "EHCO", "2026a", recorded=True)
NEW = Meaning()

TABLE = [
    # what they have, the file's rows about them, which enrolment each is (None: a new one), a part of what is said or refused
    ([], ["NPQH 2026a"], [None], [""]),
    ([], ["NPQH 2026a", "EHCO 2026a"], [None, None], ["", ""]),
    ([LIVE], ["NPQH 2026a"], [1], [""]),
    ([EMPTY], ["NPQH 2026b"], [1], [""]),
    ([LIVE], ["NPQH 2026b"], [1], [""]),
    ([DECLARED], ["NPQH 2026b"], ["wrong"], ["npq resume"]),
    ([BACK], ["NPQH 2026b"], [1], [""]),
    ([BACK._replace(declared=False)], ["NPQH 2027a"], [1], ["stays in cohort 2026b"]),
    ([OVER], ["NPQH 2026b"], [1], ["returns to NPQH"]),
    ([REMOVED], ["NPQH 2026b"], ["wrong"], ["was removed from NPQH by both sides"]),
    ([OVER], ["EHCO 2026b"], [None], [""]),
    ([ELSEWHERE], ["EHCO 2026a"], ["wrong"], ["with another Delivery Partner"]),
    ([EMPTY], ["EHCO 2026a", "NPQSL 2026a"], ["wrong", "wrong"], ["give a row for each course", "use npq move"]),
    ([LIVE], ["NPQH 2026a", "EHCO 2026a"], [1, None], ["", ""]),
    ([EMPTY], ["EHCO 2026a"], [1], ["no longer on NPQH"]),
    ([LIVE], ["EHCO 2026a"], ["wrong"], ["a row for each course"]),
    ([LIVE, COACHING], ["NPQH 2026a"], [1], [""]),
    ([LIVE, COACHING], ["NPQH 2026a", "NPQSL 2026a"], [1, "wrong"], ["", "is on EHCO"]),
    ([OVER, COACHING], ["EHCO 2026a", "NPQSL 2026a"], [2, None], ["", ""]),
]


@pytest.mark.parametrize(("held", "rows", "enrolments", "said"), TABLE)
def test_what_each_row_means(
    held: list[HeldEnrolment], rows: list[str], enrolments: list[int | str | None], said: list[str]
) -> None:
    found = meanings("p-1", [ListedEnrolment(*row.split()) for row in rows], held)
    assert ["wrong" if one.wrong else one.enrolment for one in found] == enrolments
    assert all(part in (one.wrong or one.told) for part, one in zip(said, found, strict=True))
    assert [bool(one.wrong or one.told) for one in found] == [bool(part) for part in said]


def test_the_cohort_that_they_came_back_into_is_agreed_and_that_of_a_return_is_recorded() -> None:
    row = ListedEnrolment("NPQH", "2026b")
    assert [(one.keeps_cohort, one.returns) for one in meanings("p-1", [row], [BACK])] == [(True, False)]
    assert [(one.keeps_cohort, one.returns) for one in meanings("p-1", [row], [OVER])] == [(True, True)]
    [wrong] = meanings("p-1", [row._replace(withdrawn=True)], [OVER])
    assert "is withdrawn, from cohort 2026a" in wrong.wrong


def test_a_course_that_another_file_or_a_wrong_row_names_counts_as_listed() -> None:
    row = ListedEnrolment("EHCO", "2026a")
    assert meanings("p-1", [row], [LIVE], {"NPQH"}) == [NEW]
    [two_new] = meanings("p-1", [row], [EMPTY], {"NPQSL"})
    assert "give a row for each course" in two_new.wrong
