"""A terminal at which somebody answers a command's questions, each when it is asked."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.cli.conftest import NPQ

CTRL_C, CTRL_D = "\x03", "\x04"
_ASKED = re.compile(r"^[A-Z][\w' ]*(?: \[.*\])?: $")  # the line on which an answer is typed
_IMPATIENT = (
    0.5  # seconds until Ctrl-C is pressed again: what comes between a prompt and its reading is noted, not heard
)


def at_a_terminal(folder: Path, typed: Sequence[str], *arguments: str) -> tuple[int, str]:
    """How `npq …` ended, and everything on the screen. Each answer is typed when a question stands there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [NPQ, *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_hears_ctrl_c
    ) as process:
        os.close(theirs)
        screen, left = "", list(typed)
        try:
            while read := os.read(ours, 65536):
                screen += read.decode().replace("\r\n", "\n")
                if _ASKED.match(screen.rpartition("\n")[2]):
                    if not left:
                        process.kill()
                        raise AssertionError(f"nothing is typed here:\n{screen}")
                    _type(ours, process, left.pop(0))
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
        assert left == [], f"never asked for: {left}\n{screen}"
        return process.wait(timeout=60), screen


def _type(ours: int, process: subprocess.Popen[bytes], answer: str) -> None:
    if answer != CTRL_C:
        os.write(ours, (answer if answer == CTRL_D else f"{answer}\n").encode())
        return
    process.send_signal(signal.SIGINT)
    while not select.select([ours], [], [], _IMPATIENT)[0]:
        process.send_signal(signal.SIGINT)


def _hears_ctrl_c() -> None:
    """Also where whoever runs these tests does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
