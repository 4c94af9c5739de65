"""The commands of `robot-agent`, one module each, and the functions that they share."""

import errno
import importlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.signals import listen, loading
from robot_agent.streams import keep_standard_streams

MODULES = {
    "train": "train",
    "evaluate": "evaluate",
    "drive": "drive",
    "adapt": "adapt",
    "look": "look",
    "runs": "runs",
    "export": "runs",
    "plot": "plot",
    "health": "health",
    "insight": "insight",
    "config": "settings",
    "check": "check",
    "motors": "motors",
    "calibrate": "calibrate",
    "teach-goal": "calibrate",
    "target": "target",
    "experiment": "experiment",
    "doctor": "doctor",
    "record": "record",
    "dataset": "dataset",
    "film": "film",
    "reward": "reward",
    "pair": "pair",
    "sweep": "sweep",
}
"""The module of each command, in the order of the help."""

app = typer.Typer(
    name="robot-agent",
    help="Teach a small robot to drive to what it sees, in the simulator or on wheels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _program() -> None:
    """Make typer expect the name of a command, even if only one command is loaded."""


console = Console(highlight=False, emoji=False)
"""Prints results, to standard output."""
messages = Console(stderr=True, highlight=False, emoji=False)
"""Prints progress and errors, to standard error, so that a script can read the results."""

Send = Annotated[
    bool,
    typer.Option("--send", help="Put the policy on the robot at the end, which drives by it from then on."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def main() -> None:
    """Run the command line; print an error as one sentence and exit, with code 2 for settings, else 1."""
    keep_standard_streams()
    # Only the command that is asked for is loaded: loading all of them takes seconds on a Raspberry Pi.
    asked = MODULES.get(sys.argv[1]) if len(sys.argv) > 1 else None
    with loading():
        for name in [asked] if asked else dict.fromkeys(MODULES.values()):
            importlib.import_module(f"robot_agent.commands.{name}")
    listen()
    with in_words():
        app()


@contextmanager
def in_words() -> Iterator[None]:
    """Print an error as one sentence, and leave with its exit code."""
    try:
        yield
    except SettingsError as error:
        _fail(str(error), 2)
    except PermissionError as error:
        name = error.filename or "A file"
        _fail(f"{name} may not be read or written; change its permissions or choose another place.", 1)
    except (RobotAgentError, OSError, sqlite3.Error, ValueError) as error:
        _fail(_in_words(error), 1)
    except KeyboardInterrupt:
        messages.print("Stopped.")
        sys.exit(130)


def _in_words(error: Exception) -> str:
    """Return the text of an error; for one of the operating system, add what to do."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    name = error.filename or "A file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{name} is not written, the disk is full; free some space and try again."
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"{name} is not there, or the folder for it is not; check the path."
    return f"{error}; choose another place."


def report(sentence: str) -> None:
    """Print a sentence to standard error, apart from the results."""
    messages.print(sentence, markup=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a result unchanged, without markup and without breaking long lines."""
    console.print(text, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a result as JSON, for scripts."""
    console.print_json(json.dumps(value))


def _fail(sentence: str, code: int) -> NoReturn:
    messages.print("[bold red]Error:[/]", end=" ")
    report(sentence)
    sys.exit(code)
