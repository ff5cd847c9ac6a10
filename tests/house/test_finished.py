"""Finished answers are known in three files; whoever else imports these is listed here, with what for."""

from __future__ import annotations

from tests.house.test_rooms import HOUSE, imported, modules

FILES = {"core/derived/finished_answers.py", "core/services/finishing_answers.py", "bot/web/quick_answers.py"}
USE = {
    "core/derived/people_index.py": "holds those of each state",
    "core/derived/installation.py": "has the one small question ready",
    "core/services/finishing_answers.py": "makes and finds them",
    "bot/web/quick_answers.py": "has them made, and asks for one",
    "bot/web/answering.py": "asks for one before anything is worked out",
    "bot/app.py": "runs the thread that makes them",
}


def names(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def test_nobody_else_knows_of_finished_answers() -> None:
    theirs = {names(file) for file in FILES}
    found = {
        str(path.relative_to(HOUSE))
        for floor in ("bot", "core", "reference", "benchmarks")
        for path, tree in modules(floor)
        if not theirs.isdisjoint(imported(tree))
    }
    assert found == USE.keys()


def test_they_decide_nothing_of_who_may_see_whom() -> None:
    """They ask what decides it for every question: `actors.recognised` and `enquiries.meant`."""
    deciding = {"core.services.staff.actors.sees", "core.services.staff.actors.require", "core.records.staff.who_is"}
    broken = [
        f"{path.relative_to(HOUSE)} imports {name}"
        for floor in ("bot", "core")
        for path, tree in modules(floor)
        if str(path.relative_to(HOUSE)) in FILES
        for name in imported(tree)
        if name in deciding
    ]
    assert broken == []
