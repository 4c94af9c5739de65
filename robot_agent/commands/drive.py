"""`robot-agent drive`: let a learned policy drive."""

import json
from pathlib import Path
from typing import Annotated

import cv2
import typer

from robot_agent.commands import (
    Assignments,
    BackendName,
    ConfigFile,
    Json,
    RobotName,
    Seed,
    StoreFile,
    app,
    console,
    messages,
    settings_from_flags,
)

SEARCHES = 3
"""How often in an episode a lost target is looked for."""


@app.command()
def drive(
    policy: Annotated[
        str | None, typer.Option(help="A policy file or a run's number; the newest run if not given.")
    ] = None,
    robot: RobotName = None,
    episodes: Annotated[int, typer.Option(min=0, help="How many; 0 is endlessly, until Ctrl-C.")] = 1,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Folder for the pictures the robot drove by, with the sight drawn on them."),
    ] = None,
    backend: BackendName = None,
    seed: Seed = None,
    store: StoreFile = None,
    config: ConfigFile = None,
    assignments: Assignments = None,
    as_json: Json = False,
) -> None:
    """Drive to the target with a learned policy, telling each move; a lost one is searched for.

    Ctrl-C stops the wheels.
    """
    from robot_agent.build import make_physics, make_robot, make_task
    from robot_agent.commands.policies import open_policy
    from robot_agent.envs.environment import RobotEnvironment, begin_healed
    from robot_agent.envs.task import Ending

    flags = settings_from_flags(assignments, robot=robot, learner__backend=backend, seed=seed, store=store)
    net, settings, _ = open_policy(policy, config, flags)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    environment = RobotEnvironment(
        make_robot(settings, settings.seed),
        task=make_task(settings),
        physics=make_physics(settings.simulator),
    )
    number = reached = 0
    try:
        while episodes == 0 or number < episodes:
            number += 1
            observation, info = begin_healed(environment, lambda words: messages.print(words, soft_wrap=True))
            ending, move, searches = Ending.GOING, 0, 0
            _picture(environment, pictures, number, move)
            if not as_json:
                console.print(f"Episode {number}: the target is in slices {info['x1']} to {info['x2']}.")
            while ending is Ending.GOING:
                observation, _, _, _, info = environment.step(net.greedy(observation[None])[0])
                move, ending = move + 1, Ending(info["ending"])
                if ending is Ending.LOST and searches < SEARCHES:
                    searches += 1
                    messages.print("  The target is lost; turning to look for it.")
                    found = environment.search()
                    if found is not None:
                        observation, ending = found, Ending.GOING
                _picture(environment, pictures, number, move)
                if as_json:
                    line = {key: info[key] for key in ("x1", "x2", "left", "right", "seconds")}
                    console.print_json(
                        json.dumps({"episode": number, "move": move, **line, "ending": ending.name.lower()}),
                        indent=None,
                    )
                else:
                    sight = f"slices {info['x1']} to {info['x2']}" if info["x1"] >= 0 else "nothing seen"
                    console.print(
                        f"  {move:2d}: left {info['left']:.2f}, right {info['right']:.2f} "
                        f"for {info['seconds']:.2f} s, then {sight}"
                    )
            reached += ending is Ending.REACHED
            if not as_json:
                console.print(f"  {ending.name.lower()} after {move} moves")
            if ending is Ending.HALTED:
                break
    finally:
        environment.close()
    messages.print(f"{reached} of {number} episodes reached the goal.")


def _picture(environment: object, folder: Path | None, episode: int, move: int) -> None:
    if folder is not None:
        cv2.imwrite(str(folder / f"{episode:03d}-{move:02d}.png"), environment.robot.picture())  # type: ignore[attr-defined]
