"""`./setup` beside Pythons of any kind: scripts that say which they are, and only note what they are told to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
TOOLS = (
    "bash",
    "cat",
    "cksum",
    "dirname",
    "id",
    "realpath",
    "rm",
    "grep",
    "flock",
    "sh",
    "mkdir",
    "cp",
    "touch",
    "env",
)
PYTHON = """\
#!/bin/sh
# Python {version} without {without}; what is installed is a line in the file “told”
case "$1 $2" in
-c*) code=$2 && exec {real} -I -c "
import sys
sys.version_info = ({major}, {minor}, 0, 'final', 0)
sys.version = '{version}'
sys.modules.update(dict.fromkeys('{without}'.split()))
$code" ;;
"-m venv") rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo "made with {version}" >> told ;;
"-m pip") shift 2 && echo "pip $*; user $PIP_USER, target ${{PIP_TARGET:-none}}, path ${{PYTHONPATH:-none}}" >> told
  if [ -e unplugged ]; then echo "ERROR: No matching distribution found"; exit 1; fi
  if [ "$1" = install ]; then touch .venv/bin/npq; fi; if [ -e .venv/bin/npq ]; then chmod +x .venv/bin/npq; fi ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A checkout in a path with blanks, and a PATH on which only the Pythons of the test are."""

    checkout: Path
    programs: Path

    def has(self, name: str, version: str, without: str = "") -> Path:
        """Puts a Python there."""
        major, minor = version.split(".")
        python = self.programs / name
        python.write_text(
            PYTHON.format(version=version, major=major, minor=minor, without=without, real=sys.executable)
        )
        python.chmod(0o755)
        return python

    def sets_up(self, **settings: str) -> tuple[int, str]:
        """The exit code of `./setup`, and what it says to people."""
        env = {"PATH": str(self.programs), **settings}
        ran = subprocess.run(
            [self.checkout / "setup"], env=env, cwd="/", capture_output=True, text=True, timeout=300, check=False
        )
        assert ran.stdout == ""
        return ran.returncode, ran.stderr.removeprefix("Setting up (once; about a minute) …\n")

    def told(self) -> list[str]:
        """What the Pythons have been told since the last time."""
        file = self.checkout / "told"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def made(self) -> list[str]:
        """Which of it made the folder .venv anew."""
        return [line for line in self.told() if line.startswith("made")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    checkout, programs = tmp_path / "a b" / "c d", tmp_path / "bin"
    checkout.mkdir(parents=True)
    programs.mkdir()
    for name in ("setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(HOUSE / name, checkout)
    for tool in (*TOOLS, "chmod"):
        found = shutil.which(tool)
        if found:
            (programs / tool).symlink_to(found)
    return Machine(checkout, programs)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_each_python_that_this_is_tried_with_is_taken(machine: Machine, version: str) -> None:
    machine.has("python3", version)
    assert machine.sets_up() == (0, "")
    assert machine.made() == [f"made with {version}"]
    assert machine.sets_up() == (0, "")
    assert machine.told() == []


INSTALL = "please install Python 3.11 to 3.14"
NAME = "name one with PYTHON=."
REFUSED: dict[str, tuple[Callable[[Machine], object], str]] = {
    "none": (lambda m: None, f"no Python was found: {INSTALL} with its venv module, or {NAME}"),
    "too old": (lambda m: m.has("python3", "3.9"), f"Python 3.9 is too old for this: {INSTALL}, or {NAME}"),
    "too new": (
        lambda m: m.has("python3", "3.15"),
        f"Python 3.15 is newer than this has been tried with: {INSTALL}, or name one with PYTHON=; to go on with this one all "
        "the same, put NEWER_PYTHON=1 before the command.",
    ),
    "no ensurepip": (
        lambda m: m.has("python3", "3.13", "ensurepip"),
        "Python 3.13 is here without its module ensurepip: please install that too (on Debian and Ubuntu: apt install "
        "python3.13-venv), or name another Python with PYTHON=.",
    ),
    "no venv": (
        lambda m: m.has("python3.12", "3.12", "venv") and m.has("python3", "3.9"),
        "Python 3.12 is here without its module venv: please install that too, or name another Python with PYTHON=.",
    ),
}


@pytest.mark.parametrize(("there", "says"), REFUSED.values(), ids=REFUSED)
def test_what_keeps_a_python_from_being_used_is_said(
    machine: Machine, there: Callable[[Machine], object], says: str
) -> None:
    there(machine)
    assert machine.sets_up() == (1, f"setup: {says}\n")
    assert machine.told() == []


def test_a_newer_python_is_taken_by_whoever_says_so(machine: Machine) -> None:
    machine.has("python3", "3.15")
    assert machine.sets_up(NEWER_PYTHON="1") == (0, "")
    assert machine.made() == ["made with 3.15"]
    assert machine.sets_up() == (0, "")


def test_the_one_that_is_named_is_the_one_that_is_used(machine: Machine) -> None:
    machine.has("python3", "3.13")
    named = machine.has("another python", "3.11")
    assert machine.sets_up() == (0, "")
    assert machine.sets_up(PYTHON=str(named)) == (0, "")
    assert machine.made() == ["made with 3.13", "made with 3.11"]
    assert machine.sets_up(PYTHON="/bin/true") == (
        1,
        "setup: “/bin/true”, named with PYTHON=, is no Python that runs here.\n",
    )


def test_what_was_left_half_made_is_made_anew(machine: Machine) -> None:
    machine.has("python3", "3.13")
    (machine.checkout / "unplugged").touch()
    code, said = machine.sets_up()
    assert (code, said) == (
        1,
        "setup: pip can't install the packages; is its package index within reach? "
        "It says: ERROR: No matching distribution found\n",
    )
    (machine.checkout / "unplugged").unlink()
    assert machine.sets_up() == (0, "")
    assert machine.made() == ["made with 3.13"] * 2


def test_a_checkout_that_has_been_moved_is_set_up_anew(machine: Machine) -> None:
    machine.has("python3", "3.13")
    assert machine.sets_up() == (0, "")
    moved = Machine(machine.checkout.rename(machine.checkout.with_name("moved")), machine.programs)
    moved.told()
    assert moved.sets_up() == (0, "")
    assert moved.made() == ["made with 3.13"]


def test_new_versions_go_into_what_is_there(machine: Machine) -> None:
    machine.has("python3", "3.13")
    assert machine.sets_up() == (0, "")
    machine.told()
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    assert machine.sets_up() == (0, "")
    assert [line.split()[1] for line in machine.told()] == ["install", "install", "check;"]


def test_two_at_once_set_up_once(machine: Machine) -> None:
    machine.has("python3", "3.13")
    both = [
        subprocess.Popen([machine.checkout / "setup"], env={"PATH": str(machine.programs)}, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [one.wait(300) for one in both] == [0, 0]
    assert machine.made() == ["made with 3.13"]


def test_what_the_user_has_set_for_pip_and_python_elsewhere_does_not_matter(machine: Machine) -> None:
    machine.has("python3", "3.13")
    theirs = {"PIP_USER": "1", "PIP_TARGET": "/tmp/theirs", "PIP_REQUIRE_HASHES": "1", "PYTHONPATH": "/tmp/theirs"}
    assert machine.sets_up(**theirs) == (0, "")
    assert [line.partition("; ")[2] for line in machine.told() if line.startswith("pip install")] == [
        "user 0, target none, path none"
    ] * 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_checkout_that_cannot_be_written_is_one_sentence(machine: Machine) -> None:
    machine.has("python3", "3.13")
    machine.checkout.chmod(0o555)
    code, said = machine.sets_up()
    machine.checkout.chmod(0o755)
    assert code == 1
    assert said.startswith(f"setup: {machine.checkout} can't be written by ")
