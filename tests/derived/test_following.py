"""Each change makes a new state of the facts and decisions; whoever kept one learns who changed since, or that nobody can say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from core.changes import changing
from core.database.database import reading, writing
from core.derived import following
from core.derived.following import NOTHING_SEEN, REMEMBERED, State
from core.derived.installation import Installation
from core.records import participant_rows
from tests.loading import loading, loading_by_hand
from tests.records.made import NOW, enrolled, stored_person


def now(engine: Engine) -> State:
    with reading(engine) as session:
        return following.now(session)


def moved_on(engine: Engine) -> State:
    with writing(engine) as session:
        return following.move_on(session)


def changed(installation: Installation, since: State) -> Sequence[object] | None:
    """Who has changed between then and now."""
    with reading(installation.engine) as session:
        found = following.changed(session, since, following.now(session))
        return found and sorted(person.id for person in participant_rows.people_named(session, found))


@pytest.fixture
def three(installation: Installation) -> Installation:
    """On each kind of database: three people with their records."""
    with loading(installation) as session:
        session.add_all(stored_person(f"p-{number}") for number in range(1, 4))
    return installation


def decide(installation: Installation, *people: str) -> None:
    """Something about these."""
    with changing(installation, now=NOW) as change:
        for who in people:
            change.decided(who, enrolled(who))


def test_states_start_at_nought(engine: Engine) -> None:
    assert now(engine) == (0, 0)


def test_every_change_gives_the_next_number_and_a_new_mark(engine: Engine) -> None:
    states = [now(engine)]
    for _ in range(5):
        made = moved_on(engine)
        assert now(engine) == made, "and it is the one that is seen from then on"
        states.append(made)
    assert [state.number for state in states] == [0, 1, 2, 3, 4, 5]
    assert len({state.mark for state in states}) == 6


def test_what_is_undone_leaves_the_state_as_it_was(three: Installation) -> None:
    before = now(three.engine)

    def half() -> None:
        with changing(three, now=NOW) as change:
            change.decided("p-1", enrolled("p-1"))
            change.begin()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        half()
    assert now(three.engine) == before
    decide(three, "p-1")
    assert now(three.engine).number == before.number + 1
    assert changed(three, before) == ["p-1"]


def test_what_its_writer_takes_back_leaves_everything_as_it_was(three: Installation) -> None:
    before = now(three.engine)
    with changing(three, now=NOW) as change:
        change.session.add(stored_person("p-4"))
        change.session.flush()
        change.facts({enrolled("p-4"): "p-4"})
        change.audit("looked", actor="Sam", actor_id=None, detail={})
        change.begin()
        change.take_back()
    assert now(three.engine) == before
    with reading(three.engine) as session:
        assert participant_rows.person(session, "p-4") == []
        assert session.execute(text("SELECT count(*) FROM audit")).scalar_one() == 0


def test_a_transaction_moves_on_once_whatever_it_changes(three: Installation) -> None:
    before = now(three.engine)
    with changing(three, now=NOW) as change:
        begun = change.begin()
        change.decided("p-2", enrolled("p-2"))
        change.facts({enrolled("p-1"): "p-1"})
        change.imported([enrolled("p-3")], registers=True)
        change.partner("North Star")
        assert change.begin() == begun
    assert now(three.engine) == begun
    assert begun.number == before.number + 1


def test_where_nothing_is_said_to_change_the_state_stays(three: Installation) -> None:
    before = now(three.engine)
    with changing(three, now=NOW) as change:
        change.audit("looked", actor="Sam", actor_id=None, detail={})
    assert now(three.engine) == before


def test_who_has_changed_between_two_states(three: Installation) -> None:
    first = now(three.engine)
    assert changed(three, first) is None, "of one state nothing needs to be asked"
    decide(three, "p-2")
    second = now(three.engine)
    decide(three, "p-3", "p-1")
    assert changed(three, first) == ["p-1", "p-2", "p-3"]
    assert changed(three, second) == ["p-1", "p-3"]
    with changing(three, now=NOW) as change:
        change.partner("North Star")
    assert changed(three, second) == ["p-1", "p-3"], "of others nothing changed with that"


def test_of_another_past_nobody_can_say(three: Installation) -> None:
    """The same numbers, as they come again where an older copy was put back and worked with."""
    first = now(three.engine)
    decide(three, "p-2")
    elsewhere = State(first.number, first.mark ^ 1)
    later = State(first.number + 7, first.mark)
    assert [changed(three, since) for since in (elsewhere, later, NOTHING_SEEN)] == [None, None, None]
    assert changed(three, first) == ["p-2"]


def test_a_copy_that_is_put_back_is_another_past(three: Installation) -> None:
    """Its changes have the numbers that the ones before had; here both are made from the same row."""
    first = now(three.engine)
    decide(three, "p-2")
    ours = now(three.engine)
    with loading_by_hand(three.engine) as session:
        session.execute(text("DELETE FROM revision_mark WHERE revision = :number"), {"number": ours.number})
        session.execute(text("UPDATE caseload_revision SET revision = :number, mark = :mark"), first._asdict())
    decide(three, "p-3")
    theirs = now(three.engine)
    assert theirs.number == ours.number
    assert theirs.mark != ours.mark
    decide(three, "p-1")
    assert changed(three, ours) is None
    assert changed(three, theirs) == ["p-1"]


def test_a_state_older_than_the_marks_that_are_kept(installation: Installation) -> None:
    """At least so many are kept, and not all there ever were."""
    with writing(installation.engine) as session:
        states = [following.move_on(session) for _ in range(2 * REMEMBERED)]
    assert changed(installation, states[0]) is None
    assert changed(installation, states[-REMEMBERED]) == []
    with reading(installation.engine) as session:
        kept = session.execute(text("SELECT count(*) FROM revision_mark")).scalar_one()
    assert REMEMBERED <= kept < len(states)


def test_an_older_program_that_raises_the_number_alone(three: Installation) -> None:
    """Nothing that it left behind can be told from any other state with its number and mark."""
    before = now(three.engine)
    with loading_by_hand(three.engine) as session:
        session.execute(text("UPDATE caseload_revision SET revision = revision + 1"))
    theirs = now(three.engine)
    assert theirs == (before.number + 1, before.mark)
    decide(three, "p-2")
    assert changed(three, theirs) is None
    ours = now(three.engine)
    decide(three, "p-3")
    assert changed(three, ours) == ["p-3"], "and from there on it is known again"


def test_a_state_that_is_held_is_the_one_that_is_seen(three: Installation) -> None:
    with writing(three.engine) as session:
        assert following.held(session) == following.now(session)
