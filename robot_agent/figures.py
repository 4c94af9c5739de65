"""Pictures of a training: learning curve, paths seen from above, and the policy over all sights."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.rollout import Began, Move, Round, play
from robot_agent.envs.task import REACHED, Ending, Task
from robot_agent.errors import SettingsError
from vision.sight import SLICES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from robot_agent.learning.insight import Change
    from robot_agent.learning.policy import Policy

INK, QUIET, BLUE, GREEN, RED = "#1f2933", "#8a94a0", "#2563eb", "#0f9d58", "#d93025"


@dataclass(frozen=True, slots=True)
class Path2D:
    """The way of one robot, seen from above."""

    poses: NDArray[np.float64]
    """x, y, heading before each move and after the last, shape (moves + 1, 3)."""
    ending: Ending


def drive_paths(environment: FleetEnvironment, policy: "Policy") -> list[Path2D]:
    """Drive one greedy episode with each robot of a fleet and return the paths."""
    poses = []
    for event in play(environment, policy.greedy, seed=0):
        match event:
            case Began() | Move():
                poses.append(environment.world.poses())
            case Round():
                endings, lengths = event.endings, event.moves
    steps = np.stack(poses)
    return [Path2D(steps[: n + 1, i], Ending(int(endings[i]))) for i, n in enumerate(lengths)]


def draw(
    file: Path,
    title: str,
    evaluations: Sequence[Mapping[str, Any]],
    updates: Sequence[Mapping[str, Any]],
    paths: Sequence[Path2D],
    policy: "Policy",
    environment: FleetEnvironment,
    oracle_moves: float | None = None,
) -> None:
    """Draw a run on one sheet, PNG or SVG by the file's ending.

    Args:
        file: the picture to write.
        title: title of the sheet.
        evaluations: rows of the store, the earliest first.
        updates: rows of the store, the earliest first.
        paths: greedy episodes, see `drive_paths`.
        policy: the policy, drawn over all sights.
        environment: the environment with the task and the target to draw.
        oracle_moves: mean number of moves of the oracle, for comparison.
    """
    with sheet(file, title, panels=3) as (left, middle, right):
        _curve(left, evaluations, updates, oracle_moves)
        _paths(middle, paths, float(environment.world.physics.target_width))
        _policy(right, policy, environment)


def draw_curves(file: Path, title: str, curves: Mapping[str, tuple[str, Sequence[float]]]) -> None:
    """Draw curves side by side as PNG or SVG; `curves` maps a title to (name of the figure, values)."""
    with sheet(file, title, panels=len(curves)) as panels:
        for axes, (name, (what, values)) in zip(panels, curves.items(), strict=True):
            axes.set_title(name)
            axes.plot(
                np.arange(1, len(values) + 1), values, ".-" if len(values) < 2 else "-", color=BLUE, lw=2
            )
            share = what in ("accuracy", "success")
            axes.set(xlabel="measurement" if share else "step", ylabel=what)
            if share:
                axes.set_ylim(0, 1.02)
            if what == "loss" and min(values) > 0 and max(values) > 100 * min(values):
                axes.set_yscale("log")


def check_picture(file: Path) -> None:
    """Check before the work that a picture can be written after it.

    Raises:
        SettingsError: matplotlib is not installed, the ending is not PNG or SVG, or the folder is missing.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise SettingsError("Drawing needs matplotlib; install it with: pip install 'robot-agent[plot]'")
    if file.suffix.lower() not in (".png", ".svg"):
        raise SettingsError(f"{file} is no picture; end its name in .png or .svg.")
    if not file.parent.is_dir():
        raise SettingsError(f"There is no folder {str(file.parent)!r} for the picture; make it first.")


@contextmanager
def sheet(file: Path, title: str, *, panels: int, rows: int = 1) -> "Iterator[Sequence[Axes]]":
    """Provide axes to draw on, and write the file afterwards, PNG or SVG by its ending.

    Args:
        file: the picture to write.
        title: title of the sheet.
        panels: number of axes side by side.
        rows: number of rows of panels; the axes are yielded row by row.

    Raises:
        SettingsError: as `check_picture`.
    """
    check_picture(file)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    style: dict[Any, Any] = {
        "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": QUIET,
        "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.titleweight": "bold", "axes.titlesize": 11, "axes.titlelocation": "left",
    }  # fmt: skip
    size = (5 * panels, 5 if rows == 1 else 4 * rows)
    with pyplot.rc_context(style):
        figure, axes = pyplot.subplots(rows, panels, figsize=size, layout="constrained", squeeze=False)
        figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
        try:
            yield list(axes.flat)
            figure.savefig(file, dpi=110, facecolor="white")
        finally:
            pyplot.close(figure)


def draw_changes(file: Path, title: str, change: "Change", task: Task) -> None:
    """Draw the change of the policy by a training, over all sights; PNG or SVG by the file's ending."""
    asked = (
        ("Turns further to the right now", change.turn, change.most_turned, "of full speed"),
        ("Drives longer now", change.seconds, change.most_seconds, "seconds"),
    )
    with sheet(file, title, panels=2) as both:
        for axes, (name, values, most, unit) in zip(both, asked, strict=True):
            axes.set_title(name)
            x1, x2 = change.sights
            image = np.full((SLICES, SLICES), np.nan)
            image[x2, x1] = values
            limit = max(float(np.abs(values).max()), 1e-6)
            shown = axes.imshow(
                image, origin="lower", cmap="RdBu_r", vmin=-limit, vmax=limit, extent=(-0.5, 41.5, -0.5, 41.5)
            )
            axes.figure.colorbar(shown, ax=axes, shrink=0.75, label=unit)
            axes.plot(x1[most], x2[most], "o", ms=9, mfc="none", mec=INK, mew=1.5)
            axes.text(41, 2, f"most at ({x1[most]}, {x2[most]}): {values[most]:+.2f}", ha="right", fontsize=9)
            axes.plot(task.goal.x1, task.goal.x2, "s", ms=9, mfc="none", mec=GREEN, mew=2)
            axes.set(xlabel="first slice x1 of the target", ylabel="last slice x2")


def _curve(
    axes: "Axes",
    evaluations: Sequence[Mapping[str, Any]],
    updates: Sequence[Mapping[str, Any]],
    oracle_moves: float | None,
) -> None:
    axes.set_title("Learning")
    # Success: from evaluations (greedy, held-out starts) where there are any, else while exploring.
    rows = evaluations if len(evaluations) > 1 else updates
    moves = np.array([max(row["moves"], 1) for row in rows], float)
    success = np.array([row["success_rate"] for row in rows], float)
    axes.plot(moves, 100 * success, color=BLUE, lw=2)
    axes.set(xscale="log", xlabel="moves made", ylim=(-3, 103))
    if len(moves):
        axes.set_xlim(max(moves.min(), 1000 if moves.max() > 10_000 else 1), moves.max() * 1.02)
    axes.set_ylabel("reach the goal, %", color=BLUE)
    axes.axhline(95, color=QUIET, lw=0.8, ls=":")
    twin = axes.twinx()
    name = "moves_mean" if rows is evaluations else "episode_moves"
    needed = np.array([np.nan if row[name] is None else row[name] for row in rows], float)
    twin.plot(moves, needed, color=RED, lw=1.5)
    twin.set_ylim(0, 20)
    twin.set_ylabel("moves to the goal", color=RED)
    if oracle_moves is not None:
        twin.axhline(oracle_moves, color=RED, lw=0.8, ls="--")
        twin.text(moves.max(), oracle_moves - 0.15, "oracle ", color=RED, ha="right", va="top", fontsize=9)


def _paths(axes: "Axes", paths: Sequence[Path2D], target_width: float) -> None:
    axes.set_title("Paths from above, metres")
    from matplotlib.patches import Circle

    for path in paths:
        color = GREEN if path.ending is Ending.REACHED else RED
        x, y, heading = path.poses.T
        axes.plot(x, y, "-", color=color, lw=1, alpha=0.7)
        axes.plot(x, y, ".", color=color, ms=4, alpha=0.7)
        axes.quiver(
            x[0], y[0], np.cos(heading[0]), np.sin(heading[0]), color=INK, width=0.006, scale=22, zorder=3
        )
    axes.add_patch(Circle((0, 0), target_width / 2, color=RED, zorder=4))
    axes.set_aspect("equal", adjustable="datalim")
    reached = sum(path.ending is Ending.REACHED for path in paths)
    axes.set_xlabel(f"{reached} of {len(paths)} reach the goal; a dot is a move's end")


def _policy(axes: "Axes", policy: "Policy", environment: FleetEnvironment) -> None:
    axes.set_title("The policy: what it does for every sight")
    task = environment.task
    x1, x2 = sights = np.array(np.triu_indices(SLICES))
    pulses = task.pulses(policy.greedy(task.observe(sights)).astype(np.float32))
    turn = pulses.wheels[1] - pulses.wheels[0]  # positive turns left
    image = np.full((SLICES, SLICES), np.nan)
    image[x2, x1] = turn
    shown = axes.imshow(image, origin="lower", cmap="RdBu", vmin=-1, vmax=1, extent=(-0.5, 41.5, -0.5, 41.5))
    axes.figure.colorbar(
        shown, ax=axes, shrink=0.75, label="turns right            straight            turns left"
    )
    thin = (x1 % 3 == 0) & (x2 % 3 == 0)
    share = pulses.seconds / pulses.seconds.max()
    axes.scatter(x1[thin], x2[thin], s=1 + 30 * share[thin], color=INK, alpha=0.55, lw=0)
    _, endings = task.judge(sights, sights, np.ones(len(x1), np.bool_), np.ones(len(x1), np.int64))
    reached = sights[:, endings == REACHED]
    if reached.size:
        from matplotlib.patches import Rectangle

        low, high = reached.min(axis=1) - 0.5, reached.max(axis=1) + 0.5
        axes.add_patch(Rectangle(tuple(low), *(high - low), fill=False, ec=GREEN, lw=2))
        middle = float(low[0] + high[0]) / 2
        place, words = (middle, float(high[1])), (middle, float(high[1]) + 2.5)
        axes.annotate("goal", place, words, color=GREEN, ha="center", weight="bold")
    axes.set(
        xlabel="first slice x1 of the target", ylabel="last slice x2", xlim=(-0.5, 41.5), ylim=(-0.5, 41.5)
    )
    axes.text(41, 1, "dots: how long it drives", ha="right", fontsize=9, color=INK)
