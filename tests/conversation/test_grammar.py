"""What may be typed after /npq, and what is understood by it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.conversation.cards.help_cards import COMMANDS
from bot.conversation.grammar import ABOUT_SOMEBODY, LONGEST, WORDS, Courtesy, NotUnderstood, TypedCommand, parse
from reference.pack import Pack

UNDERSTOOD = [
    # what is typed, the word, whom it is about, which output
    ("help", "help", "", None),
    ("", "help", "", None),
    ("   ", "help", "", None),
    ("/npq", "help", "", None),
    ("HELP", "help", "", None),
    ("help me please", "help", "", None),
    ("status Jane Smith", "status", "Jane Smith", None),
    ("Status jane SMITH", "status", "jane SMITH", None),
    ("/npq status Jane Smith", "status", "Jane Smith", None),
    ("/NPQ Status Jane Smith", "status", "Jane Smith", None),
    ("npq status Jane Smith", "status", "Jane Smith", None),
    ("  status \t Jane\n Smith  ", "status", "Jane Smith", None),
    ("status\u00a0Jane\u2003Smith", "status", "Jane Smith", None),
    ('status "Jane Smith"', "status", "Jane Smith", None),
    ("status 'Jane Smith'", "status", "Jane Smith", None),
    ("status “Jane Smith”", "status", "Jane Smith", None),
    ("status ‘Jane Smith’", "status", "Jane Smith", None),
    ("status O'Neill", "status", "O'Neill", None),
    ("status Siân Llwyd-Ŵyn", "status", "Siân Llwyd-Ŵyn", None),
    ("status محمد عبد الله", "status", "محمد عبد الله", None),
    ("\u200bstatus Jane\u200e Sm\u00adith", "status", "Jane Smith", None),
    ("status SiobhÃ¡n Oâ€™Brien", "status", "Siobhán O’Brien", None),
    ("status 3100037", "status", "3100037", None),
    ("status p-001", "status", "p-001", None),
    ("status jane@example.org", "status", "jane@example.org", None),
    ("status Jane Smith output 2", "status", "Jane Smith", 2),
    ("status Jane Smith OUTPUT 2", "status", "Jane Smith", 2),
    ("status Jane Smith o2", "status", "Jane Smith", 2),
    ('extend "Jane Smith" output 3', "extend", "Jane Smith", 3),
    ("status 3100037 output 1", "status", "3100037", 1),
    ("status Jane Smith output 99", "status", "Jane Smith", 99),
    ("status", "status", "", None),
    ("extend Jane", "extend", "Jane", None),
    ("defer Jane", "defer", "Jane", None),
    ("contact Jane", "contact", "Jane", None),
    ("resume Jane", "resume", "Jane", None),
    ("remove Jane", "remove", "Jane", None),
    ("reviews", "reviews", "", None),
    ("report", "report", "", None),
    ("at-risk", "at-risk", "", None),
    ("at risk", "at-risk", "", None),
    ("At Risk", "at-risk", "", None),
    ("at_risk", "at-risk", "", None),
    ("atrisk", "at-risk", "", None),
    ("/npq at risk", "at-risk", "", None),
]


@pytest.mark.parametrize(("typed", "word", "who", "output"), UNDERSTOOD)
def test_what_is_understood(pack: Pack, typed: str, word: str, who: str, output: int | None) -> None:
    assert parse(pack, typed) == TypedCommand(word, who, output)


@pytest.mark.parametrize(
    ("typed", "word", "words"),
    [
        ("at-risk NPQSL cohort 2", "at-risk", "NPQSL cohort 2"),
        ("at risk NPQSL", "at-risk", "NPQSL"),
        ("reviews North Star", "reviews", "North Star"),
        ('report "North Star"', "report", '"North Star"'),
        ("outbox failed", "outbox", "failed"),
    ],
)
def test_the_words_that_narrow_a_list_are_kept_for_whoever_knows_the_names(
    pack: Pack, typed: str, word: str, words: str
) -> None:
    assert parse(pack, typed) == TypedCommand(word, narrowed_by=words)


COURTESIES = ["hello", "Hello!", "hi there", "Good morning", "hey", "thanks", "Thank you very much!", "cheers", "thx"]


@pytest.mark.parametrize("typed", COURTESIES)
def test_a_greeting_is_a_greeting(pack: Pack, typed: str) -> None:
    assert parse(pack, typed) == Courtesy(is_thanks=typed.casefold()[:2] in ("th", "ch"))


def test_what_is_asked_after_a_greeting_is_answered(pack: Pack) -> None:
    assert parse(pack, "Hi, status Jane Smith") == TypedCommand("status", "Jane Smith")


NEARLY = [
    ("statsu jane", "status jane"),
    ("staus Jane Smith output 2", "status Jane Smith output 2"),
    ("STAUS jane", "status jane"),
    ("stats jane", "status jane"),
    ("status: jane", "status jane"),
    ("exted jane", "extend jane"),
    ("extension jane", "extend jane"),
    ("deferral jane", "defer jane"),
    ("contcat jane", "contact jane"),
    ("rewiews", "reviews"),
    ("review", "reviews"),
    ("reports", "report"),
    ("hlep", "help"),
    ("risk NPQSL", "at-risk NPQSL"),
    ("at-rsik NPQSL", "at-risk NPQSL"),
    ("resum jane", "resume jane"),
    ("removal jane", "remove jane"),
    ("/npq statsu jane", "status jane"),
    ("who is at risk this week?", "at-risk"),
    ("who's at risk in NPQSL cohort 2?", "at-risk NPQSL cohort 2"),
    ("what is the status of Jane Smith?", "status Jane Smith"),
    ("can you extend Jane", "extend Jane"),
    ("please help", "help"),
    ("show me the report", "report"),
]


@pytest.mark.parametrize(("typed", "suggestion"), NEARLY)
def test_a_word_that_is_nearly_right_gets_the_whole_command_as_a_suggestion(
    pack: Pack, typed: str, suggestion: str
) -> None:
    found = parse(pack, typed)
    assert isinstance(found, NotUnderstood)
    assert found.suggestion == suggestion


@pytest.mark.parametrize(
    "typed", ["xyzzy", "jane smith", "42", "<!everyone>", "🙂", "who is late", "move jane", "declare jane"]
)
def test_a_word_that_is_like_none_of_ours_gets_no_suggestion(pack: Pack, typed: str) -> None:
    found = parse(pack, typed)
    assert isinstance(found, NotUnderstood)
    assert found.suggestion is None
    assert found.word == typed.split()[0]


def test_a_suggestion_is_itself_understood(pack: Pack) -> None:
    for typed, _ in NEARLY:
        found = parse(pack, typed)
        assert isinstance(found, NotUnderstood)
        assert isinstance(parse(pack, found.suggestion or ""), TypedCommand)


def test_nothing_is_done_on_a_guess(pack: Pack) -> None:
    """A word that is one letter off is asked back about, never taken for the word."""
    for word in WORDS:
        assert isinstance(parse(pack, f"{word}x Jane"), NotUnderstood)


def test_every_word_is_understood_in_capitals_and_after_npq(pack: Pack) -> None:
    for word in WORDS:
        for typed in (word, word.upper(), word.capitalize(), f"/npq {word}", f"npq {word.upper()}"):
            found = parse(pack, typed)
            assert isinstance(found, TypedCommand), typed
            assert found.word == word


def test_the_contracts_words_and_helps_examples_are_all_understood(pack: Pack) -> None:
    for word in ("help", "status", "at-risk", "reviews", "extend", "defer", "contact", "report"):
        assert word in WORDS
    assert {example.split()[0] for example, _ in COMMANDS} == set(WORDS)
    for typed, _ in COMMANDS:
        found = parse(pack, typed)
        assert isinstance(found, TypedCommand)
        if found.word in ABOUT_SOMEBODY:
            assert found.who == "Jane Example"


@pytest.mark.parametrize(
    "typed", ["x" * 5000, "status " + "x" * 5000, "status " + "Jane " * 1000, "at-risk " + "2 " * 2500]
)
def test_five_thousand_characters_are_answered_and_read_only_as_far_as_is_sensible(pack: Pack, typed: str) -> None:
    found = parse(pack, typed)
    assert not isinstance(found, Courtesy)
    said = found.who if isinstance(found, TypedCommand) else found.word
    assert len(said) <= LONGEST
    if isinstance(found, TypedCommand):
        assert found.word == typed.split()[0]


ALPHABET = st.characters(codec="utf-8")
likely = st.lists(
    st.sampled_from([*WORDS, "/npq", "at", "risk", "output", "cohort", "o2", "c3", "2", "NPQSL", '"', "'", "Jane", ":", "\n"]),
    max_size=8,
).map(" ".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(ALPHABET, max_size=60), likely, st.text(max_size=30)))
@example("output 99999999999999999999")
@example("status output ²")
@example("at-risk cohort ٣")
@example("at-risk output ٣")
@example("\ud800 \udfff")
def test_whatever_is_typed_is_answered(pack: Pack, typed: str) -> None:
    found = parse(pack, typed)
    if isinstance(found, NotUnderstood):
        assert found.word
        return
    if isinstance(found, Courtesy):
        return
    assert found.word in WORDS
    assert found.output is None or 0 <= found.output <= 99


@pytest.mark.parametrize("typed", ["status of jane", "status for jane", "status jane"])
def test_small_words_before_a_name_are_no_part_of_it(pack: Pack, typed: str) -> None:
    assert parse(pack, typed) == TypedCommand("status", "jane")
