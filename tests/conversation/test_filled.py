"""What is filled into a form, by the kind of its field: what it means, and what is said where it is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from bot.conversation.cards.card import Choice, ChoiceField, CohortField, DateField, Field, TextField
from bot.conversation.form_values import Filled

DAY = DateField("until", "New deadline")
OPEN_DAY = DateField("until", "Seen again on", required=False)
WAY = ChoiceField("way", "How", (Choice("phone", "Phone"), Choice("email", "E-mail")))
OPEN_WAY = ChoiceField("way", "How", (Choice("phone", "Phone"),), required=False)
COHORT = CohortField("cohort", "Cohort to rejoin")
WORDS = TextField("plan", "What is planned", longest=20)
OPEN_WORDS = TextField("plan", "Anything else", required=False, longest=20)

READ: list[tuple[Field, str | None, object]] = [
    (DAY, "2022-01-14", date(2022, 1, 14)),
    (DAY, " 14/01/2022 ", date(2022, 1, 14)),
    (OPEN_DAY, "", None),
    (OPEN_DAY, "14/01/2022", date(2022, 1, 14)),
    (WAY, "phone", "phone"),
    (OPEN_WAY, None, None),
    (COHORT, "2", "2"),
    (COHORT, " 2026 B ", "2026 B"),  # which it is, the pack says
    (COHORT, "", None),
    (WORDS, "  A call on Friday\n", "A call on Friday"),
    (WORDS, "x" * 20, "x" * 20),
    (WORDS, "a call\r\n on\tFriday", "a call on Friday"),
    (WORDS, "a\0b \ud800c\x1b", "a b c"),
    (WORDS, "tea & <cake> 🙂", "tea & <cake> 🙂"),
    (OPEN_WORDS, "   ", None),
]
WRONG: list[tuple[Field, str | None, str]] = [
    (DAY, "", "Please choose a day."),
    (DAY, None, "Please choose a day."),
    (DAY, "soon", "I can't read “soon” as a day. Please give a day such as 14/01/2022."),
    (OPEN_DAY, "31/02/2022", "I can't read “31/02/2022” as a day. Please give a day such as 14/01/2022."),
    (WAY, " ", "Please choose one."),
    (COHORT, "x" * 41, "Please choose one of the list."),
    (WORDS, "", "Please say it in a few words."),
    (WORDS, " \n ", "Please say it in a few words."),
    (WORDS, "\u200b\u200b\0", "Please say it in a few words."),
    (WORDS, "x" * 21, "That is 21 characters: please use 20 at most."),
    (OPEN_WORDS, "x" * 21, "That is 21 characters: please use 20 at most."),
]


@pytest.mark.parametrize(("field", "given", "means"), READ)
def test_what_a_value_means(field: Field, given: str | None, means: object) -> None:
    filled = Filled({field.name: given})
    assert filled.of(field) == means
    assert filled.wrong == {}


@pytest.mark.parametrize(("field", "given", "said"), WRONG)
def test_a_wrong_value_gets_its_sentence(field: Field, given: str | None, said: str) -> None:
    filled = Filled({field.name: given} if given is not None else {})
    filled.of(field)
    assert filled.wrong == {field.name: said}
