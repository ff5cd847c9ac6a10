"""`npq` where an answer can't be written, or a word not be read: in a shell, as the one process that it is."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import NPQ, Npq

POSIX = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
FULL = "This was done, but its answer could not be written: No space left on device.\n"
CLOSED = "This was done, but its answer could not be written: standard output is closed.\n"
NOBODY = "I can't find a participant “nobody”. Please check the spelling.\n"
NOT_UTF_8 = "“Ma?gorzata” can't be read: it is not in UTF-8."


@dataclass(frozen=True)
class Shell:
    """A shell with `npq` in it and a caseload of its own."""

    folder: Path

    def does(self, line: str | bytes, **settings: str) -> tuple[int, str, str]:
        """The exit code of a line, and what it wrote."""
        ran = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env={**os.environ, "PATH": f"{NPQ.parent}:{os.environ['PATH']}", **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
        )
        return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


@pytest.fixture
def shell(surroundings: Path, caseload_file: Path) -> Shell:
    (surroundings / "npq.db").write_bytes(caseload_file.read_bytes())
    return Shell(surroundings)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("npq status p-001 >/dev/full", 1, FULL),
        ("npq status p-001 --json >&-", 1, CLOSED),
        ("npq status nobody --json >/dev/full", 1, NOBODY),
        ("npq status nobody >&- 2>/dev/full", 1, ""),
        ("npq status p-001 <&- >/dev/null 2>&-", 0, ""),
        ("npq nonsense 2>/dev/full", 2, ""),
        ("npq --help >/dev/full", 1, "The answer could not be written: No space left on device.\n"),
        ("set -o pipefail; npq status p-001 | true", 1, ""),
    ],
)
def test_an_answer_that_cannot_be_written_is_an_exit_code_and_at_most_a_sentence(
    shell: Shell, line: str, code: int, says: str
) -> None:
    assert shell.does(line) == (code, "", says)


@pytest.mark.parametrize(("where", "says"), [(">/dev/full", FULL), (">&-", CLOSED), (">&- 2>&-", "")])
def test_a_decision_whose_answer_is_lost_is_recorded_and_said_to_be(
    shell: Shell, npq: Npq, where: str, says: str
) -> None:
    done = shell.does(f"npq contact p-001 --channel phone --outcome no-answer {where}")
    assert done == (1, "", says)
    assert npq("status", "p-001", "--output", "2", "--json").json["outputs"][0]["unanswered_contacts"] == 1


def test_the_demo_plays_without_standard_input(shell: Shell) -> None:
    code, out, err = shell.does("npq demo <&-")
    assert (code, err) == (0, "")
    assert "That was the demo" in out


def test_a_name_is_understood_in_a_locale_that_is_not_set_to_utf_8(shell: Shell) -> None:
    code, out, err = shell.does("npq status 'Łukasz Żółkiewski' --json", **POSIX)
    assert (code, err) == (0, "")
    assert '"p-003"' in out


@pytest.mark.parametrize("settings", [{}, POSIX], ids=["UTF-8", "POSIX"])
@pytest.mark.parametrize(
    "line", [b"npq status 'Ma\xb3gorzata'", b"npq resume p-001 --cohort 1 --by 'Ma\xb3gorzata' --json"]
)
def test_a_word_in_another_code_is_wrong_usage(shell: Shell, line: bytes, settings: dict[str, str]) -> None:
    code, out, err = shell.does(line, **settings)
    assert (code, out) == (2, "")
    assert NOT_UTF_8 in err


def test_a_file_is_found_whatever_its_name_is_written_in(shell: Shell) -> None:
    line = b"printf 'delivery_partner,meeting_on\\nNorthern Hub,2022-06-24\\n' > '\xb3.csv' && npq import '\xb3.csv'"
    assert shell.does(line, **POSIX) == (0, "?.csv: meetings, 1 row: 0 new, 0 changed, 1 unchanged\n", "")
