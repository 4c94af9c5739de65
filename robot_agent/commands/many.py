"""Functions for commands that make many trainings: flags, a line of progress, and `train --seeds`."""

from collections.abc import Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from robot_agent.commands import messages, obey_signals, print_json, report, say
from robot_agent.errors import RobotAgentError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from robot_agent.settings.config import Config

Place = Annotated[
    str | None,
    typer.Option("--on", metavar="ray[:ADDRESS]", help="Train with Ray: on this machine, or on a cluster."),
]
ProcessCount = Annotated[
    int | None,
    typer.Option("--processes", min=1, help="Number of trainings at the same time; default: one per core."),
]


@contextmanager
def progress_line(what: str, unit: str) -> "Iterator[Progress]":
    """Show one line of progress: the part that is done, a few words, and the remaining time."""
    with Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
        console=messages,
        refresh_per_second=4,
    ) as bar:
        yield bar


def train_seeds(
    settings: "Config",
    seeds: Sequence[int],
    *,
    place: str | None = None,
    processes: int | None = None,
    keep: bool = False,
    plot: Path | None = None,
    as_json: bool = False,
) -> None:
    """Train with every seed and the same settings, and print a summary.

    Args:
        settings: settings of every training.
        seeds: the seeds, one for each training.
        place: where to train, see `open_workers`.
        processes: number of trainings at once.
        keep: whether each training is kept as a run of the store.
        plot: the picture to draw.
        as_json: whether JSON is printed instead of a table.
    """
    from robot_agent.sweep.distribution import in_words, summarise
    from robot_agent.sweep.job import check_simulated

    check_simulated(settings.robot)
    if settings.train.log:
        raise SettingsError("A log follows one training; leave out --log, or give --set 'train.log=[]'.")
    if keep and place is not None:
        raise SettingsError("--keep writes to this machine's store; leave out --on, or --keep.")
    if plot is not None:
        from robot_agent.figures import check_picture

        check_picture(plot)
    outcomes, failed = _train_all(settings, seeds, place, processes, keep)
    for seed, why in failed.items():
        report(f"Seed {seed} is missing: {why}")
    if not outcomes:
        raise RobotAgentError("No seed could be trained; the sentences above say why.")
    summary = summarise(outcomes)
    if plot is not None:
        from robot_agent.sweep.pictures import draw_seeds

        draw_seeds(plot, _title(settings, len(outcomes)), outcomes)
        messages.print(f"Wrote {plot}", soft_wrap=True)
    if as_json:
        missing = [{"seed": seed, "why": why} for seed, why in failed.items()]
        result = {"summary": summary, "failed": missing, "trainings": outcomes}
        print_json(result | {"settings": settings.model_dump(mode="json")})
    else:
        for line in in_words(summary, outcomes):
            say(line)
    if failed:
        raise typer.Exit(1)


def _train_all(
    settings: "Config", seeds: Sequence[int], place: str | None, processes: int | None, keep: bool
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Return the outcomes in the order of the seeds, and the reasons of failure by seed."""
    from robot_agent.sweep.distribution import worst
    from robot_agent.sweep.job import Job
    from robot_agent.sweep.place import open_workers
    from robot_agent.sweep.workers import REFUSED_AT_FIRST, work_off

    store = str(settings.store.resolve()) if keep else None
    if keep:
        from robot_agent.runs.store import Store

        Store(settings.store).close()  # so that an error of the store is reported once, now
    values = settings.model_dump(mode="json")
    jobs = iter([Job(str(seed), values, seed, store=store) for seed in seeds])
    found: dict[int, dict[str, Any]] = {}
    failed: dict[int, str] = {}
    refused: list[str] = []
    with (
        closing(open_workers(place, processes)) as workers,
        progress_line("Training", "seeds") as bar,
    ):
        task = bar.add_task("", total=len(seeds), words="")
        for ended in work_off(workers, lambda: next(jobs, None)):
            obey_signals()
            for one in ended:
                seed = one.job.seed
                if one.result is None:
                    failed[seed] = f"its process died twice ({one.why})."
                elif "refused" in one.result:
                    failed[seed] = one.result["refused"]
                    refused.append(failed[seed])
                else:
                    found[seed] = one.result["outcome"]
            if len(refused) >= min(REFUSED_AT_FIRST, len(seeds)) and not found and len(set(refused)) == 1:
                raise SettingsError(refused[0])  # all trainings would be refused
            words = ""
            if found:
                bad = worst(list(found.values()))
                words = f"worst so far [bold]{bad['success_rate']:.1%}[/] (seed {bad['seed']})"
            bar.update(task, completed=len(found) + len(failed), words=words)
    return [found[seed] for seed in seeds if seed in found], {s: failed[s] for s in seeds if s in failed}


def _title(settings: "Config", trainings: int) -> str:
    preset = f", preset {settings.preset}" if settings.preset else ""
    return f"{trainings} seeds of one setting{preset}, {settings.train.moves:,} moves each"
