"""A terminal at which somebody answers a command's questions, each when it is asked."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.cli.conftest import NPQ

CTRL_C, CTRL_D = "\x03", "\x04"
_ASKED = re.compile(r"^[A-Z][\w' ]*(?: \[.*\])?: $")  # the line on which an answer is typed


def at_a_terminal(folder: Path, typed: Sequence[str], *arguments: str) -> tuple[int, str]:
    """How `npq …` ended, and everything on the screen. Each answer is typed when a question stands there."""
    ours, theirs = pty.openpty()
    command = [NPQ, *arguments]
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        screen, left = "", list(typed)
        try:
            while read := os.read(ours, 65536):
                screen += read.decode().replace("\r\n", "\n")
                if _ASKED.match(screen.rpartition("\n")[2]):
                    if not left:
                        process.kill()
                        raise AssertionError(f"nothing is typed here:\n{screen}")
                    answer = left.pop(0)
                    if answer == CTRL_C:
                        process.send_signal(signal.SIGINT)
                    else:
                        os.write(ours, (answer if answer == CTRL_D else f"{answer}\n").encode())
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert left == [], f"never asked for: {left}\n{screen}"
        return process.wait(timeout=60), screen
