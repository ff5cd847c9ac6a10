"""What docs/developing.md says of adding an act, a message kind and a file kind is so: each is done once, in a copy, and used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
ADDED = HOUSE / "tests" / "house" / "added"
DOCS = (HOUSE / "docs" / "developing.md").read_text(encoding="utf-8")
MOST = {"act": 4, "message": 2, "file": 3}
NOT_COUNTED = ("migrations/", "docs/", "README.md", "reference/packs/")
THE_RULE_THAT_READS_IT = {"file": ("core/rules/folding.py", "core/rules/progress.py", "core/reminders/messages.py")}
COPIED = ("bot", "core", "reference", "migrations", "tests", "docs", "pyproject.toml", "README.md")


def changed(kind: str) -> list[str]:
    """The files that the patch touches."""
    patch = (ADDED / f"{kind}.patch").read_text(encoding="utf-8")
    return re.findall(r"^diff --git a/(\S+) b/\1$", patch, re.MULTILINE)


def documented(kind: str) -> list[str]:
    """The files that the how-to lists, as patterns: a name in capitals stands for the new thing's own."""
    section = DOCS.split(f"<!-- how-to: {kind} -->", 1)[1].split("<!-- end -->", 1)[0]
    return re.findall(r"^\d\. `([^`]+)`", section, re.MULTILINE)


@pytest.mark.parametrize("kind", MOST)
def test_the_files_are_those_that_the_docs_list(kind: str) -> None:
    apart = (*NOT_COUNTED, *THE_RULE_THAT_READS_IT.get(kind, ()))
    counted = [file for file in changed(kind) if not file.startswith(apart)]
    patterns = [re.sub(r"[A-Z]+", r"\\w+", re.escape(each)) for each in documented(kind)]
    assert len(counted) <= MOST[kind]
    assert [file for file in counted if not any(re.fullmatch(each, file) for each in patterns)] == []
    assert [each for each in patterns if not any(re.fullmatch(each, file) for file in counted)] == []


@pytest.mark.parametrize("kind", MOST)
def test_it_works_from_command_to_post(kind: str, tmp_path: Path) -> None:
    copy = tmp_path / "house"
    copy.mkdir()
    for name in COPIED:
        source = HOUSE / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "images"))
        else:
            shutil.copy(source, copy)
    head = newest(copy)
    said = (
        "what was added no longer fits into the program: add it to a copy again, and keep the difference in its place\n"
    )
    run("git", "apply", "-C1", str(ADDED / f"{kind}.patch"), within=copy, otherwise=said)
    for file in changed(kind):
        if file.startswith("migrations/"):  # comes after whatever is newest by now
            migration = copy / file
            migration.write_text(migration.read_text(encoding="utf-8").replace('"HEAD"', f'"{head}"'), encoding="utf-8")
    story = f"tests/house/added/{kind}_story.py"
    run(sys.executable, "-m", "pytest", story, "-q", "-p", "no:cacheprovider", "-p", "no:randomly", within=copy)


def newest(house: Path) -> str:
    """The newest migration's number."""
    return max(path.name for path in (house / "migrations" / "versions").glob("[0-9]*.py")).partition("_")[0]


def run(*command: str, within: Path, otherwise: str = "") -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTEST_"))}
    done = subprocess.run(
        command,
        cwd=within,
        env={**outside, "PYTHONPATH": str(within), "GIT_CEILING_DIRECTORIES": str(within.parent)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{otherwise}{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
