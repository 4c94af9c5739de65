"""Finds and prints what is wrong with a run, for the commands that report it."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from robot_agent.commands import messages
from robot_agent.settings.config import Config

if TYPE_CHECKING:
    from robot_agent.health.finding import Finding
    from robot_agent.health.history import History


def find(settings: Config, history: "History", policy: Any, *, ended: bool = True) -> "list[Finding]":
    """Return the findings on a run made under these settings, the surest first.

    Args:
        settings: settings of the run.
        history: the record of the run.
        policy: the present policy.
        ended: whether the run is over; then a run that reaches the goal in less than half of its episodes
            always gets a finding.
    """
    from robot_agent.build.simulation import make_physics, make_task
    from robot_agent.envs.task import Approach
    from robot_agent.health import possible
    from robot_agent.health.cures import own_robot
    from robot_agent.health.finding import ranked
    from robot_agent.health.report import report

    # With randomisation each episode has another robot, so the robot cannot be examined.
    task, physics = make_task(settings), make_physics(settings.simulator)
    of_robot = None if settings.simulator.randomise else physics
    found = report(history, task, policy=policy, physics=of_robot, own=own_robot(settings.robot))
    if ended and isinstance(task, Approach):
        more = possible.examine(history, task, found, lambda: possible.oracle_success(task, physics))
        found = ranked([*found, more]) if more is not None else found
    return found


def print_findings(found: "list[Finding]", where: Console = messages) -> None:
    """Print findings in plain words."""
    for finding in found:
        where.print(
            f"[bold yellow]{finding.kind}[/] ({finding.sure:.0%} sure): {escape(finding.seen)} "
            f"{escape(finding.means)}\n  [bold]Try:[/] {escape(finding.cure)}",
            soft_wrap=True,
        )
