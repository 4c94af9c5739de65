"""`robot-agent health`: what is wrong with a run, in plain words."""

from dataclasses import asdict
from typing import Annotated

import typer

from robot_agent.commands import Json, app, console, print_json
from robot_agent.commands.findings import find, print_findings
from robot_agent.commands.stores import find_run, open_store
from robot_agent.settings.flags import Flags, takes

MOST_UPDATES, MOST_EPISODES = 5000, 3000
"""Largest number of updates and episodes that are used, spread over the run: more makes nothing surer."""


@app.command()
@takes("store", "config")
def health(
    flags: Flags,
    run: Annotated[int | None, typer.Argument(help="Number of the run; the newest if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with a run: with its learning, its policy, or the robot itself."""
    from robot_agent.commands.policies import find_policy
    from robot_agent.health.history import FEWEST_UPDATES, History
    from robot_agent.pilot import build_policy
    from robot_agent.settings.config import load

    with open_store(flags.load().store) as opened:
        info = find_run(opened, run)
        run = info.id
        tensors, own = find_policy(f"{run}:last", opened)
        history = History(
            opened.updates(run, MOST_UPDATES),
            opened.evaluations(run),
            opened.some_episodes(run, MOST_EPISODES),
        )
    settings = load(flags.config, own)
    found = find(settings, history, build_policy(tensors, settings, f"run {run}"))
    if as_json:
        print_json({"run": run, "findings": [asdict(finding) for finding in found]})
        return
    if found:
        print_findings(found, console)
    elif info.updates < FEWEST_UPDATES:
        console.print(f"Run {run} has only begun ({info.updates} updates); no finding yet.")
    else:
        console.print(f"No finding in {info.moves:,} moves and {info.updates} updates of run {run}.")
