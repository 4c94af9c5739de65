"""Runs a command of robot-agent in this process, which takes a second less than one of its own."""

import io
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from robot_agent.commands import console, main, messages


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run(monkeypatch, folder, *arguments, **variables) -> Done:
    """Run a command in a folder, with more variables of the environment."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["robot-agent", *arguments])
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the tests' own stay
    for one in (console, messages):
        monkeypatch.setattr(one, "width", 250)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code, out, errors = 0, io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
    return Done(code, out.getvalue(), errors.getvalue())
