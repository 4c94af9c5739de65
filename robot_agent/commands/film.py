"""`robot-agent film`: an episode as an MP4 file."""

from pathlib import Path
from typing import Annotated

import typer

from robot_agent.commands import app, console
from robot_agent.commands.stores import find_run, open_store
from robot_agent.settings.flags import Flags, takes


@app.command()
@takes("store", "config")
def film(
    flags: Flags,
    run: Annotated[int | None, typer.Argument(help="Number of the run; the newest if not given.")] = None,
    episode: Annotated[
        int | None, typer.Option(min=1, help="Number of the episode; the last one if not given.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; by default it is named after the episode.")
    ] = None,
) -> None:
    """Film an episode: what the robot saw, and beside it its way from above, reckoned from its pulses."""
    from robot_agent.datasets.export import film_episode, require

    require(("av",), "A film")
    with open_store(flags.load().store) as opened:
        number = find_run(opened, run).id
        chosen, place = film_episode(opened, number, episode, out)
    console.print(f"Wrote episode {chosen} of run {number}: {place}", soft_wrap=True)
