"""`robot-agent record`: a person drives, and the sights and moves are kept as a run."""

import secrets
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from robot_agent.commands import app, console, report
from robot_agent.errors import StoreError
from robot_agent.settings.flags import Flags, takes

if TYPE_CHECKING:
    from robot_agent.commands.wheel import RecordedWheel
    from robot_agent.envs.single import SingleFleet
    from robot_agent.learning.events import Episode
    from robot_agent.runs.store import Store


@app.command()
@takes("robot", "task", "seed", "store", "config", "set")
def record(
    flags: Flags,
    episodes: Annotated[int, typer.Option(min=0, help="Number of episodes; 0 records until Enter.")] = 0,
) -> None:
    """Drive the robot yourself, by keys, and keep what it saw and did as a run; export it with dataset.

    An episode ends as one of a policy does: at the goal, when the target is lost, or after task.max_moves.
    """
    from robot_agent.build.driving import keep_pictures, make_single
    from robot_agent.commands.wheel import RecordedWheel
    from robot_agent.envs.task import Ending
    from robot_agent.runs.store import Store

    settings = flags.load(simulator__rendered=True)
    if settings.seed is None:
        settings = settings.model_copy(update={"seed": secrets.randbelow(2**31)})
    wheel = RecordedWheel(settings, settings.seed)
    environment = make_single(settings, wheel.robot)
    number = moves = 0
    try:
        with Store(settings.store) as opened:
            run = opened.create_run(settings.model_dump(mode="json"))
            pictures = keep_pictures(settings, environment, opened, run, report)
            report(f"Run {run}, seed {settings.seed}, kept in {opened.path}")
            try:
                with (
                    closing(pictures) if pictures is not None else nullcontext(),
                    opened.hold(run),
                    wheel.held(),
                ):
                    ended = False
                    while not ended and (episodes == 0 or number < episodes):
                        episode = _drive(environment, number + 1)
                        ended = episode.ending is Ending.HALTED
                        if not episode.moves:
                            break
                        number, moves = number + 1, moves + episode.moves
                        _keep(opened, run, episode, wheel)
                        if pictures is not None:
                            pictures.end(number, episode.moves)
                        console.print(
                            f"Episode {number}: {episode.ending.name.lower()}, {episode.moves} moves"
                        )
            finally:
                opened.set_status(run, "finished")
    finally:
        environment.close()
    report(
        f"{number} episodes of {moves} moves are kept. Export them with: robot-agent dataset {run} "
        f"--format lerobot --store {settings.store}"
    )


def _keep(store: "Store", run: int, episode: "Episode", wheel: "RecordedWheel") -> None:
    """Write an episode; if that fails, let the person remove the cause and try again, so nothing is lost."""
    from robot_agent.runs.recorder import event_rows

    while True:
        try:
            return store.keep_rows(run, event_rows(episode))
        except StoreError as error:
            if not wheel.ask_again(f"Episode {episode.number} is not kept yet. {error}"):
                raise


def _drive(environment: "SingleFleet", number: int) -> "Episode":
    """Let a person drive an episode, and return the episode."""
    from robot_agent.envs.rollout import Began, Move, Round, play
    from robot_agent.envs.task import Ending
    from robot_agent.learning.events import Episode, steps_of
    from robot_agent.learning.trainer import rollout_of

    still = np.zeros((1, len(environment.environment.task.action_names)), np.float32)
    with closing(play(environment, lambda observations: still)) as events:
        for event in events:
            match event:
                case Began(start):
                    x1, x2 = start["x1"][0], start["x2"][0]
                    console.print(f"Episode {number}: the target is in slices {x1} to {x2}.")
                case Move():
                    did = event.of()
                    seen = "nothing" if did["x1"] < 0 else f"slices {did['x1']} to {did['x2']}"
                    console.print(f"  {event.number:2d}: {seen} seen")
                case Round():
                    played = event
    rollout = rollout_of(played)
    steps = steps_of(0, played, rollout, rollout.rewards, rollout.rewards)
    for unknown in ("log_prob", "advantage"):  # there is no policy
        del steps[unknown]
    length = len(played.rewards)
    if played.ending is Ending.HALTED:  # that move was not made
        steps = {name: values[:-1] if len(values) == length > 1 else values for name, values in steps.items()}
        length -= 1
    return Episode(number, length, played.ending, played.total_reward, steps)
