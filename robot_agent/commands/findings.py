"""Find and print what is wrong with a run, for the commands that report it."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from robot_agent.commands import messages
from robot_agent.settings.config import Config

if TYPE_CHECKING:
    from robot_agent.health.finding import Finding
    from robot_agent.health.training import History


def find(settings: Config, history: "History", policy: Any) -> "list[Finding]":
    """Return the findings on a run made under these settings, the surest first."""
    from robot_agent.build import make_physics, make_task
    from robot_agent.health.report import report

    # With randomisation each episode has another robot: there is no one robot to look at.
    physics = None if settings.simulator.randomise else make_physics(settings.simulator)
    return report(history, make_task(settings), policy=policy, physics=physics)


def print_findings(found: "list[Finding]", where: Console = messages) -> None:
    """Print findings in plain words."""
    for finding in found:
        where.print(
            f"[bold yellow]{finding.kind}[/] ({finding.sure:.0%} sure): {escape(finding.seen)} "
            f"{escape(finding.means)}\n  [bold]Try:[/] {escape(finding.cure)}",
            soft_wrap=True,
        )
