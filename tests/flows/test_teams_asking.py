"""Questions asked in Teams: what comes back, to whom, and in which words."""

from __future__ import annotations

from tests.flows.colleagues import Colleague


def test_help_lists_the_words(colleague: Colleague) -> None:
    answer = colleague.says("help")
    for word in ("status", "at-risk", "reviews", "extend", "defer", "contact", "report"):
        assert word in answer.words
    assert "/npq" not in answer.words
