"""`robot-agent check`: look for frequent faults of a new robot, and print the cure of each."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from robot_agent.commands import Json, app, console, print_json, say
from robot_agent.network.address import is_address
from robot_agent.settings.config import Config
from robot_agent.settings.flags import Flags, takes

if TYPE_CHECKING:
    from robot_agent.health.machine import Checked

STYLES = {"good": "green", "warning": "yellow", "fault": "bold red", "skipped": "dim"}


@app.command()
@takes("robot", "store", "config", "set")
def check(
    flags: Flags,
    as_json: Json = False,
) -> None:
    """Check camera, pins, target, policy, disk, clock, power and packages; the exit code is 1 on a fault."""
    settings = flags.load()
    findings = []
    for finding in _findings(settings):
        findings.append(finding)
        if not as_json:
            style = STYLES[finding.level]
            console.print(f"[{style}]{finding.level:>8}[/]  [bold]{finding.name}[/]", end=": ")
            say(finding.seen)
            if finding.cure:
                say(f"          {finding.cure}.")
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(1)


def _findings(settings: Config) -> "Iterator[Checked]":
    from robot_agent.build.robot import make_robot
    from robot_agent.health.machine import check_all, check_camera

    camera = check_camera(lambda: make_robot(settings, wheels=False))
    return check_all(settings.learner.backend, settings.store, check_board(settings), camera)


def check_board(settings: Config) -> "Iterator[Checked]":
    """Open the motor board for a moment: all its pins are driven low, nothing turns."""
    from robot_agent.build.robot import make_motors
    from robot_agent.errors import RobotAgentError
    from robot_agent.health.machine import Checked, parted

    if settings.robot != "pi":
        why = "the simulated robot has none" if settings.robot == "sim" else "your own robot has its own"
        if is_address(settings.robot):
            why = "they are at the robot; run robot-agent check there"
        yield Checked("motors", "skipped", why)
        return
    try:
        make_motors(settings).close()
    except (RobotAgentError, OSError, ValueError) as error:
        yield Checked("motors", "fault", *parted(str(error), "see [motors] in robot.toml"))
    else:
        yield Checked("motors", "good", f"the board {settings.motors.board} answers and its pins are low")
