"""`robot-agent sweep`: search for the best settings of a training."""

import importlib.util
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robot_agent.commands import Json, app, print_json, report, say
from robot_agent.commands.many import Place, ProcessCount, progress_line
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.signals import obey_signals

if TYPE_CHECKING:
    from robot_agent.sweep.trials import Trials

WRITE_SECONDS = 0.5
"""Least time between two reports of a running sweep, s."""


@app.command()
def sweep(
    space: Annotated[
        Path,
        typer.Argument(
            metavar="SPACE.toml", help="Settings as in robot.toml, and what is tried, below space."
        ),
    ],
    processes: ProcessCount = None,
    place: Place = None,
    plot: Annotated[
        Path | None, typer.Option(help="Picture to draw, .png or .svg; SPACE.sweep.png if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search for the best settings of a training. Ctrl-C stops it, and the same command goes on.

    Beside SPACE.toml it writes the best settings, SPACE.best.toml ('robot-agent train --config
    SPACE.best.toml' trains with them), a report, SPACE.sweep.json, a picture, SPACE.sweep.png, and all that
    was tried, SPACE.sweep.db. The guide, deploy/README.md, has a space file to begin with.
    """
    from robot_agent.figures import check_picture
    from robot_agent.runs.hold import hold
    from robot_agent.sweep.files import HELD, best_file, database_of, report_file
    from robot_agent.sweep.report import in_words, make_report, write_best, write_report
    from robot_agent.sweep.space import read_space
    from robot_agent.sweep.trials import Trials, storage_errors

    read = read_space(space)
    picture = plot or space.with_suffix(".sweep.png")
    if plot is not None:
        check_picture(plot)
    for written_at_the_end in (best_file(space), report_file(space), picture):
        if written_at_the_end.is_dir():
            raise SettingsError(
                f"{written_at_the_end} is a folder, where a sweep writes a file; move it away."
            )
    file = report_file(space)
    with hold(database_of(space), HELD, f"The sweep {space}"):
        trials = Trials(read)
        try:
            _search(trials, file, place, processes or read.sweep.processes)
        except KeyboardInterrupt:
            report(f"Stopped; what was tried is kept. Go on with: robot-agent sweep {space}")
            raise
        with storage_errors(trials.path):
            made = make_report(trials, "finished", importance=True)
        write_report(made, file)
    if made["best"] is None:
        whys = sorted({row["why"] for row in made["trials"] if row["why"]})
        raise RobotAgentError(f"No trial could be trained. {' '.join(whys[:3])}")
    write_best(trials, made)
    written = [str(best_file(space)), str(file)]
    if plot is not None or importlib.util.find_spec("matplotlib") is not None:
        from robot_agent.sweep.pictures import draw_sweep

        draw_sweep(picture, _title(made), made)
        written.append(str(picture))
    report(f"Wrote {', '.join(written)}")
    if as_json:
        print_json(made)
    else:
        for line in in_words(made):
            say(line)


def _search(trials: "Trials", file: Path, place: str | None, processes: int | None) -> None:
    """Run the sweep to its end; if it ends early, the report for other programs says so."""
    from robot_agent.sweep.report import make_report, write_report
    from robot_agent.sweep.trials import storage_errors

    finished = False
    try:
        with storage_errors(trials.path):
            _try_all(trials, file, place, processes)
        finished = True
    finally:
        if not finished:  # the cause of the end may prevent writing too
            with suppress(OSError, RobotAgentError), storage_errors(trials.path):
                write_report(make_report(trials, "stopped"), file)


def _try_all(trials: "Trials", file: Path, place: str | None, processes: int | None) -> None:
    """Run the trials that are left, with a line of progress and a report for other programs."""
    from robot_agent.sweep.figure import shown
    from robot_agent.sweep.place import open_workers
    from robot_agent.sweep.report import make_report, write_report
    from robot_agent.sweep.search import Search

    search = Search(trials)
    figure, wanted = trials.space.sweep.figure, trials.space.sweep.trials
    written = -WRITE_SECONDS
    with closing(open_workers(place, processes)) as workers, progress_line("Sweep", "trials") as bar:
        task = bar.add_task("", total=wanted, words="")
        for changed in search.run(workers):
            obey_signals()
            if not changed or time.monotonic() - written < WRITE_SECONDS:
                continue
            report: dict[str, Any] = make_report(trials, "running")
            write_report(report, file)
            done = report["complete"] + report["pruned"] + report["failed"]
            best = report["best"]
            words = (
                ""
                if best is None
                else f"best [bold]{shown(figure, best['value'])}[/] (trial {best['number']})"
            )
            bar.update(task, completed=done, words=words + (", comparing" if done >= wanted else ""))
            written = time.monotonic()
        bar.update(task, completed=wanted)


def _title(report: dict[str, Any]) -> str:
    tried = report["complete"] + report["pruned"] + report["failed"]
    return f"{report['sweep']}: {tried} trials, {report['figure_words']}"
