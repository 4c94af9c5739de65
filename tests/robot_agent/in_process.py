"""Runs a command of robot-agent in this process, which takes a second less than one of its own."""

import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from robot_agent.commands import console, main, messages


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run(folder, *arguments, answers="", columns=250, **variables) -> Done:
    """Run a command in a folder, with lines for its questions and more variables of the environment."""
    code, out, errors = 0, io.StringIO(), io.StringIO()
    loaded = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["robot-agent", *map(str, arguments)])
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(sys, "stdin", io.StringIO(answers))
        patch.setattr(signal, "signal", lambda *_: None)  # the tests' own stay
        for one in (console, messages):
            patch.setattr(one, "width", columns)
        for name, value in variables.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
    for name in set(sys.modules) - loaded:  # a module of one's own, which the next test has too
        if str(getattr(sys.modules[name], "__file__", None)).startswith(os.fspath(folder)):
            del sys.modules[name]
    return Done(code, out.getvalue(), errors.getvalue())
