"""`robot-agent drive`: let a learned policy drive."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robot_agent.commands import Json, app, console, messages
from robot_agent.settings.flags import Flags, takes
from robot_agent.signals import obey_signals
from vision.cameras.decoding import write_picture

if TYPE_CHECKING:
    from robot_agent.envs.rollout import Event
    from vision.sight import Sight


@app.command()
@takes("robot", "task", "backend", "seed", "store", "config", "set")
def drive(
    flags: Flags,
    policy: Annotated[
        str | None, typer.Option(help="A policy file or a run's number; the newest run if not given.")
    ] = None,
    episodes: Annotated[int, typer.Option(min=0, help="Number of episodes; 0 drives until Ctrl-C.")] = 1,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for the robot's pictures, with the sight drawn on each.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Drive to the target with a learned policy and print each move. Ctrl-C stops the wheels.

    Type t and press Enter to take the wheel for a while. When the target is lost, the robot turns to look for
    it. A robot without any policy is driven by the one that ships, which learns what the robot is while it
    drives.
    """
    from robot_agent.build.driving import make_driving
    from robot_agent.commands.known import keeping
    from robot_agent.commands.policies import open_pilot
    from robot_agent.commands.wheel import KeyboardWheel
    from robot_agent.envs.rollout import SEARCHES, Began, Found, Move, Round, play
    from robot_agent.envs.task import Ending

    net, settings = open_pilot(policy, flags)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    one = KeyboardWheel(settings, settings.seed).robot
    number = reached = move = 0
    ending, before = Ending.GOING, one.sight
    try:
        with keeping(settings, net) as session:
            environment, act = make_driving(settings, one, net)
            while (episodes == 0 or number < episodes) and ending is not Ending.HALTED:
                number += 1
                with closing(play(environment, act, searches=SEARCHES)) as events:
                    for event in events:
                        obey_signals()
                        match event:
                            case Began():
                                move, ending = 0, Ending.GOING
                            case Move():
                                move = event.number
                            case Round():
                                ending = event.ending
                                reached += ending is Ending.REACHED
                                session.reached.append(ending is Ending.REACHED)
                        if pictures is not None and isinstance(event, Began | Move | Found):
                            write_picture(pictures / f"{number:03d}-{move:02d}.png", one.picture())
                        _print(event, number, before, as_json=as_json)
                        if isinstance(event, Began | Move | Found):
                            before = one.sight
    except KeyboardInterrupt:
        messages.print("Stopped.")
        number -= ending is Ending.GOING  # the one under way is not over
        raise
    finally:
        one.close()
        messages.print(f"{reached} of {number} episodes reached the goal.")


def _print(event: "Event", episode: int, before: "Sight | None", *, as_json: bool) -> None:
    """Print an event of an episode, as a sentence or, if it is a move, as a line of JSON."""
    from robot_agent.envs.rollout import Began, Found, Move, Paused, Resumed, Round, Searching
    from robot_agent.envs.task import Ending

    match event:
        case Searching():
            messages.print("  The target is lost; turning to look for it.")
        case Found():
            messages.print("  The target is in view again.")
        case Paused(reason):
            messages.print(reason, soft_wrap=True)
        case Resumed():
            messages.print("The camera gives good pictures again.")
        case Move(number) if as_json:
            did = event.of()
            line: dict[str, Any] = {"before": None if before is None else [before.x1, before.x2]}
            line |= {name: did[name] for name in ("x1", "x2", "left", "right", "seconds")}
            line |= {"by": "person" if did["by_hand"] else "policy"}
            ending = Ending(did["ending"]).name.lower()
            console.print_json(
                json.dumps({"episode": episode, "move": number, **line, "ending": ending}), indent=None
            )
        case Move(number):
            did = event.of()
            sight = f"slices {did['x1']} to {did['x2']}" if did["x1"] >= 0 else "nothing seen"
            console.print(
                f"  {number:2d}: left {did['left']:.2f}, right {did['right']:.2f} "
                f"for {did['seconds']:.2f} s, then {sight}{' (by hand)' if did['by_hand'] else ''}"
            )
        case Began(start) if not as_json:
            x1, x2 = start["x1"][0], start["x2"][0]
            console.print(f"Episode {episode}: the target is in slices {x1} to {x2}.")
        case Round() if not as_json:
            console.print(f"  {event.ending.name.lower()} after {len(event.rewards)} moves")
