"""The report of a sweep: one JSON file beside the space file, written while it runs and at the end.

The dashboard reads this file, so no other program needs to know how the trials are stored.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tomlkit

from robot_agent.sweep.comparison import held_out, winner
from robot_agent.sweep.figure import FIGURES, is_better, shown
from robot_agent.sweep.files import best_file
from robot_agent.sweep.trials import Trials

State = Literal["running", "stopped", "finished"]


def make_report(trials: Trials, state: State, *, importance: bool = False) -> dict[str, Any]:
    """Return the report of a sweep, as JSON values.

    Args:
        trials: the storage.
        state: the state of the sweep to report.
        importance: also compute the importance of each setting, which takes a second or two.
    """
    rows, space = trials.rows(), trials.space
    figure = space.sweep.figure
    states = [row["state"] for row in rows]
    return {
        "sweep": space.file.name,
        "state": state,
        "changed": time.time(),
        "figure": figure,
        "figure_words": FIGURES[figure].title,
        "more_is_better": FIGURES[figure].more_is_better,
        "wanted": space.sweep.trials,
        "complete": states.count("complete"),
        "pruned": states.count("pruned"),
        "failed": states.count("fail"),
        "seeds": list(space.sweep.seeds),
        "best": winner(trials, rows),
        "curve": _curve(rows, figure),
        "space": {one.name: one.to_json() for one in space.ranges},
        "importance": trials.importance() if importance else {},
        "held_out": held_out(trials, rows),
        "trials": rows,
    }


def _curve(rows: Sequence[Mapping[str, Any]], figure: str) -> list[list[Any]]:
    """Return [trial, its value, the best value so far] of each ended trial; None for no value."""
    curve: list[list[Any]] = []
    best: float | None = None
    for row in rows:
        if row["state"] == "running":
            continue
        value = row["value"]
        if value is not None and (best is None or is_better(figure, value, best)):
            best = value
        curve.append([row["number"], value, best])
    return curve


def write_report(report: Mapping[str, Any], file: Path) -> None:
    """Write a report in one step, so that a reader never finds half a file."""
    _replace(file, json.dumps(report))


def write_best(trials: Trials, report: Mapping[str, Any]) -> None:
    """Write the best settings as a robot.toml that `robot-agent train --config` takes."""
    best, space = report["best"], trials.space
    document = tomlkit.document()
    title = FIGURES[space.sweep.figure].title
    document.add(
        tomlkit.comment(f"The best of {space.file.name}: trial {best['number']} of {report['wanted']}.")
    )
    document.add(
        tomlkit.comment(f"{title[0].upper()}{title[1:]}: {shown(space.sweep.figure, best['value'])}.")
    )
    for name, value in space.settings_of(best["settings"]).items():
        if not isinstance(value, Mapping):
            document.add(name, tomlkit.item(value))
    for name, value in space.settings_of(best["settings"]).items():
        if isinstance(value, Mapping):
            document.add(name, tomlkit.item(dict(value)))
    _replace(best_file(space.file), tomlkit.dumps(document))


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def in_words(report: Mapping[str, Any]) -> list[str]:
    """Return the summary that is printed at the end, line by line."""
    figure, best = report["figure"], report["best"]
    lines = [
        f"{report['complete']} trials complete, {report['pruned']} ended early, {report['failed']} failed."
        f" The figure is: {report['figure_words']}."
    ]
    if best is None:
        return lines
    final = f", {shown(figure, best['final'])} on new seeds" if "final" in best else ""
    lines.append(f"The best is trial {best['number']}, {shown(figure, best['value'])}{final}:")
    width = max(len(name) for name in best["settings"])
    for name, value in best["settings"].items():
        weight = report["importance"].get(name)
        text = f"{value:.6g}" if isinstance(value, float) else json.dumps(value)
        lines.append(
            f"  {name.ljust(width)}  {text}" + ("" if weight is None else f"  (importance {weight:.0%})")
        )
    if (last := report["held_out"]) is not None:
        mine, usual = last["best"], last["without_sweep"]
        verdict = (
            "as good as"
            if mine == usual
            else "better than"
            if is_better(figure, mine, usual)
            else "worse than"
        )
        lines.append(
            f"On {last['seeds']} seeds that no trial has seen: {shown(figure, mine)}, {verdict} the settings "
            f"without a sweep, {shown(figure, usual)}."
        )
    return lines
