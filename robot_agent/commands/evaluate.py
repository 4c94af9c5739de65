"""`robot-agent evaluate`: how good a policy is, compared with an oracle that knows the dynamics."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from robot_agent.commands import Json, app, console, messages, print_json
from robot_agent.settings.config import Config
from robot_agent.settings.flags import Flags, takes

if TYPE_CHECKING:
    from robot_agent.commands.known import Session
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.learning.evaluation import Evaluation
    from robot_agent.learning.gaussian import GaussianActor


@app.command()
@takes("robot", "task", "backend", "store", "config", "set")
def evaluate(
    flags: Flags,
    policy: Annotated[
        str | None,
        typer.Argument(
            help="A policy file or a run's number (3:last: its last checkpoint); by default the newest run."
        ),
    ] = None,
    episodes: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of episodes; by default 1,000 by geometry, 100 rendered, 10 on a robot."
        ),
    ] = None,
    rendered: Annotated[
        bool, typer.Option("--rendered", help="Use rendered pictures and the real detector.")
    ] = False,
    oracle: Annotated[bool, typer.Option(help="Also let the oracle drive, for comparison.")] = True,
    as_json: Json = False,
) -> None:
    """Drive greedy episodes from held-out starts, and count how they end.

    A robot without any policy is driven by the one that ships; what it has learned of the robot is printed
    at the end.
    """
    from robot_agent.commands.known import keeping
    from robot_agent.commands.policies import open_pilot
    from robot_agent.identification.pilot import KnowingPilot

    net, settings = open_pilot(policy, flags, simulator__rendered=rendered)
    with Progress(console=messages) as bar, keeping(settings, net) as session:
        result = _drive(settings, net, episodes, bar, session)
        outcome: dict[str, Any] = asdict(result)
        outcome["oracle_moves_mean"] = outcome["oracle_success_rate"] = None
        if oracle and settings.robot == "sim" and not settings.task.factory:
            bar.add_task("Planning and driving with the oracle", total=None)
            outcome |= _oracle(settings)
    if isinstance(net, KnowingPilot):
        session.explain(result.success_rate)
        # A fit to a robot that does not obey its commands means nothing.
        known = [] if session.hindered else net.knowledge.estimate.words(only_known=True)
        outcome["known"] = known
        outcome["findings"] = [asdict(finding) for finding in session.findings]
    if as_json:
        print_json(outcome)
    else:
        _print(outcome)


def _drive(
    settings: Config,
    net: "GaussianActor | KnowingPilot",
    episodes: int | None,
    bar: Progress,
    session: "Session",
) -> "Evaluation":
    """Drive the episodes: one after the other if there is one robot, all at once in a simulated fleet."""
    from robot_agent.build.driving import make_driving
    from robot_agent.build.robot import make_robot
    from robot_agent.build.simulation import make_fleet
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.learning.evaluation import HELD_OUT_SEED
    from robot_agent.learning.evaluation import evaluate as play

    if not settings.one_robot and not isinstance(net, KnowingPilot):
        total = episodes or 1000
        return play(make_fleet(settings, total), net.greedy, episodes=total)
    total = episodes or (100 if settings.robot == "sim" else 10)
    driving = bar.add_task("Driving", total=total)
    one = make_robot(settings, HELD_OUT_SEED)
    try:
        environment, act = make_driving(settings, one, net)
        return play(
            environment,
            act,
            episodes=total,
            seed=None,
            progress=lambda ended: bar.update(driving, completed=ended),
            report=lambda sentence: bar.print(sentence, soft_wrap=True),
            ended=session.reached.append,
        )
    finally:
        one.close()


def _print(outcome: dict[str, Any]) -> None:
    """Print how the episodes ended, in sentences."""
    mean = outcome["moves_mean"]
    moves = "" if mean is None else f", in {mean:.2f} moves on average"
    endings = ", ".join(f"{count} {name}" for name, count in outcome["endings"].items())
    console.print(
        f"[bold]{outcome['success_rate']:.1%}[/] of {outcome['episodes']} episodes reach the goal{moves} "
        f"({endings})."
    )
    if outcome["oracle_moves_mean"] is not None:
        console.print(
            f"An oracle that knows the dynamics needs {outcome['oracle_moves_mean']:.2f} moves "
            f"({outcome['oracle_success_rate']:.1%} reach the goal)."
        )
    for sentence in outcome.get("known", ()):
        console.print(sentence, soft_wrap=True)


def _oracle(settings: Config) -> dict[str, Any]:
    """Let the oracle of this robot drive 1,000 held-out starts."""
    from robot_agent.build.simulation import make_approach, make_fleet, make_physics
    from robot_agent.learning.evaluation import evaluate as play
    from robot_agent.learning.oracle import Oracle

    fleet = make_fleet(settings, 1000)
    driver = Oracle(make_approach(settings), make_physics(settings.simulator)).drive(fleet.world)
    result = play(fleet, driver)
    return {"oracle_moves_mean": result.moves_mean, "oracle_success_rate": result.success_rate}
