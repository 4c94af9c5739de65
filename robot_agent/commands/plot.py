"""`robot-agent plot`: draw a run."""

from pathlib import Path
from typing import Annotated

import typer

from robot_agent.commands import app, messages
from robot_agent.commands.stores import find_run, open_store
from robot_agent.settings.flags import Flags, takes

MOST_UPDATES = 2000
"""Largest number of updates in the curve: more than its pixels."""


@app.command()
@takes("store", "config", "set")
def plot(
    flags: Flags,
    run: Annotated[int | None, typer.Argument(help="Number of the run; the newest if not given.")] = None,
    out: Annotated[Path, typer.Option(help="File to write: .png or .svg.")] = Path("run.png"),
) -> None:
    """Draw a run: the learning curve, paths seen from above, and the policy over all sights."""
    from robot_agent.build.simulation import make_approach, make_fleet
    from robot_agent.commands.policies import find_policy
    from robot_agent.figures import check_picture, draw, drive_paths
    from robot_agent.learning.evaluation import evaluate
    from robot_agent.learning.oracle import Oracle
    from robot_agent.pilot import build_policy
    from robot_agent.settings.config import load, merge

    check_picture(out)
    with open_store(flags.load().store) as opened:
        info = find_run(opened, run)
        run = info.id
        tensors, own = find_policy(str(run), opened)
        evaluations, updates = opened.evaluations(run), opened.updates(run, MOST_UPDATES)
    kept = {name: own[name] for name in ("task", "network", "simulator")}
    settings = load(flags.config, merge(kept, flags.values()))
    policy = build_policy(tensors, settings, f"run {run}")
    fleet = make_fleet(settings, 40)
    oracle_moves = None
    if not settings.task.factory:
        yardstick = make_fleet(settings, 1000)
        driver = Oracle(make_approach(settings), fleet.world.physics).drive(yardstick.world)
        oracle_moves = evaluate(yardstick, driver).moves_mean
    success = "" if info.success_rate is None else f", best {info.success_rate:.1%}"
    moves = "" if info.moves_mean is None else f" in {info.moves_mean:.2f} moves"
    title = f"Run {run}: {info.moves:,} moves, {info.seconds:.1f} s of learning{success}{moves}"
    paths = drive_paths(fleet, policy)
    draw(out, title, evaluations, updates, paths, policy, fleet, oracle_moves)
    messages.print(f"Wrote {out}")
