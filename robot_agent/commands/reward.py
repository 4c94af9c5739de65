"""`robot-agent reward`: compute another task's reward for episodes that are kept."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from robot_agent.commands import Json, app, console, print_json
from robot_agent.commands.stores import find_run, open_store
from robot_agent.settings.flags import Flags, takes

SHOWN = 8
"""Number of episodes that are shown."""


@app.command()
@takes("store", "config", "set")
def reward(
    flags: Flags,
    task: Annotated[
        str | None,
        typer.Argument(
            help="The other task as MODULE:FACTORY; this package's own, with what --set says, if not given."
        ),
    ] = None,
    run: Annotated[
        int | None, typer.Option("--on", metavar="RUN", help="Number of the run; the newest if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try another task's reward on the kept episodes of a run, without driving.

    For example: robot-agent reward --on 3 --set task.reward=log_width
    """
    from robot_agent.build.simulation import make_task
    from robot_agent.datasets.moves import kept_episodes
    from robot_agent.datasets.reward import compare
    from robot_agent.settings.config import load, merge

    with open_store(flags.load().store) as opened:
        info = find_run(opened, run)
        own = dict(info.settings["task"])
        own.pop("factory", None)
        other = make_task(load(None, merge({"task": own}, flags.values(task__factory=task))))
        comparison = compare(other, kept_episodes(opened, info.id))
    if as_json:
        print_json(
            {
                "run": info.id,
                "rank_correlation": comparison.rank_correlation,
                "episodes": [asdict(one) for one in comparison.episodes],
            }
        )
        return
    apart = comparison.most_different(SHOWN)
    table = Table("episode", "moves", "ending", "its return", "other return", "other ending")
    for one in apart:
        ending = (
            one.other_ending if one.other_moves == one.moves else f"{one.other_ending} at {one.other_moves}"
        )
        table.add_row(
            *(str(one.number), str(one.moves), one.ending),
            *(f"{one.given:+.2f}", f"{one.other:+.2f}", ending),
        )
    count = len(comparison.episodes)
    if comparison.rank_correlation is None:
        console.print(f"{count:,} episodes; one of the two rewards gives all of them the same.")
    else:
        console.print(
            f"{count:,} episodes; rank correlation of the two returns: {comparison.rank_correlation:+.2f} "
            "(1: the same order, 0: nothing in common, -1: the opposite).",
            soft_wrap=True,
        )
    if apart:
        console.print("Where they disagree most:")
        console.print(table)
    else:
        console.print("Both put the episodes in the same order.")
