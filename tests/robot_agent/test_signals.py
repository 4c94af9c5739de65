"""Ctrl-C ends a program quietly, also while its modules are still being loaded."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STRUCK = """
import signal, sys

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == {struck!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder)
from {program}.__main__ import main
sys.argv = {arguments!r}
main()
"""


@pytest.mark.parametrize(
    ("program", "struck", "arguments"),
    [
        ("robot_agent", "typer", ["train", "--moves", "100"]),
        ("robot_agent", "robot_agent.commands.train", ["train", "--moves", "100"]),
        ("robot_agent", "robot_agent.doctor.command", ["doctor", "mine.py"]),
        ("robot_agent", "mine", ["drive", "--robot", "mine:build"]),
        ("server", "uvicorn", ["--port", "0"]),
    ],
)
def test_ctrl_c_while_modules_are_loaded_shows_no_traceback(tmp_path, program, struck, arguments):
    (tmp_path / "mine.py").touch()
    code = STRUCK.format(struck=struck, program=program, arguments=[program, *arguments])
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        # Where the tests run in the background of a shell, Ctrl-C is ignored, and so by all they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert ended.returncode in (-signal.SIGINT, 128 + signal.SIGINT)
    assert ended.stdout == "" and "Traceback" not in ended.stderr and len(ended.stderr.splitlines()) <= 2
