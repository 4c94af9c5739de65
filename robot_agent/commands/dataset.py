"""`robot-agent dataset`: export the kept episodes of runs to the formats of other programs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from robot_agent.commands import app, console, messages
from robot_agent.commands.stores import find_run, open_store
from robot_agent.settings.flags import Flags, takes


@app.command()
@takes("store", "config")
def dataset(
    flags: Flags,
    runs: Annotated[
        list[int] | None, typer.Argument(help="Numbers of the runs; the newest if none is given.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv: a row for each move, for a spreadsheet. lerobot: a LeRobotDataset v3.0. mcap: for "
            "Foxglove, Lichtblick and Rerun. minari: for offline reinforcement learning.",
        ),
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option(help="File or folder to write; by default it is named after the runs.")
    ] = None,
    pictures: Annotated[
        bool | None,
        typer.Option(
            "--pictures/--no-pictures",
            help="Only the episodes whose pictures are kept, with them (lerobot, mcap); by default if "
            "there are any.",
        ),
    ] = None,
) -> None:
    """Export the kept episodes of runs, with their moves, rewards and pictures."""
    from robot_agent.datasets.export import Source, export, find_format
    from robot_agent.runs.pictures import Pictures

    chosen = find_format(kind)
    with open_store(flags.load().store) as opened:
        numbers = list(dict.fromkeys(find_run(opened, run).id for run in runs or (None,)))
        kept = sum(len(Pictures(opened.path).episodes(run)) for run in numbers)
        wanted = chosen.with_pictures and kept > 0 if pictures is None else pictures
        name = "-".join(["run", *map(str, numbers)])
        place = out or Path(f"{name}{chosen.ending}" if chosen.ending else f"{name}-{kind}")
        total = moves = 0
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=messages
        ) as bar:
            task = bar.add_task("Exporting", total=None)

            def count(made: int) -> None:
                nonlocal total, moves
                total, moves = total + 1, moves + made
                bar.update(task, description=f"Exporting: {total:,} episodes, {moves:,} moves")

            export(kind, place, Source(opened, numbers, wanted), count)
        left_out = sum(opened.count_episodes(run) for run in numbers) - total
    with_pictures = ", with their pictures" if wanted else ""
    console.print(f"Wrote {total:,} episodes of {moves:,} moves{with_pictures}: {place}", soft_wrap=True)
    if left_out:
        console.print(
            f"{left_out:,} episodes whose pictures are not kept are left out; --no-pictures writes all, "
            "without.",
            soft_wrap=True,
        )
