"""Milliseconds of each detector for a picture of each size, beside those of an older version and of a copy.

    git worktree add --detach ../older 33a0270
    python -m tests.benchmarks.detectors --older ../older [--photographs FOLDER ...] [--series 8]

The pictures are those of `color_scenes`: a thing before photographs, and photographs without it, made larger
or smaller. The colour is learned from a click in the middle of the thing. All are timed in alternation, one
core; of each picture the least of some rounds counts, since other programs only add to it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import vision
from tests.benchmarks.color_scenes import Series, make, read_photographs
from tests.benchmarks.colors import middle_click
from tests.benchmarks.older import Older, color_detector
from tests.benchmarks.table import table
from vision import Frame
from vision.training.photographs import photographs

SIZES = ((320, 240), (640, 480), (1024, 768), (1640, 1232))
KINDS = ("color, learned", "color, a range", "marker", "slices")
Work = Callable[[Frame], object]


def detector(package: Any, kind: str, frame: Frame, at: tuple[int, int]) -> Work:
    """Return the `detect` of a kind of detector, of a version."""
    if kind == "color, learned":
        made = color_detector().learn(frame, at=at)
    else:
        made = package.open_detector(kind.partition(",")[0])
    detect: Work = made.detect
    return detect


def least(works: Sequence[Work], frame: Frame, rounds: int) -> list[float]:
    """Return the seconds that each takes for a picture, the least of some rounds in alternation."""
    seconds = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work(frame)
            seconds[number] = min(seconds[number], time.perf_counter() - start)
    return seconds


def measure(kind: str, sets: Sequence[Series], older: Older | None, rounds: int) -> list[list[str]]:
    """Return a row for each size: the mean and the median of ours, the mean of the older, and a copy's."""
    rows = []
    for width, height in SIZES:
        seconds = []
        for series in sets:
            click = middle_click(series)
            if click is None:
                continue
            works = [detector(vision, kind, *click)]
            if older is not None:
                with older.vision() as package:
                    works.append(detector(package, kind, *click))
            for shot in (*series.shots[1:4], *series.empty[:1]):
                frame = np.asarray(cv2.resize(shot.frame, (width, height), interpolation=cv2.INTER_AREA))
                copy = np.empty_like(frame)
                together = [*works, lambda frame, copy=copy: np.copyto(copy, frame)]
                seconds.append(least(together, frame, rounds))
        means = 1e3 * np.mean(seconds, axis=0)
        middle = 1e3 * float(np.median(seconds, axis=0)[0])
        before = f"{means[1]:.2f}" if older is not None else ""
        rows.append(
            [f"{kind}, {width}x{height}", f"{means[0]:.2f}", f"{middle:.2f}", before, f"{means[-1]:.3f}"]
        )
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--older", type=Path, help="A checkout of another version.")
    parser.add_argument("--photographs", type=Path, nargs="*", default=[])
    parser.add_argument("--series", type=int, default=8)
    parser.add_argument("--seed", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS)
    asked = parser.parse_args(argv)
    cv2.setNumThreads(1)
    behind = read_photographs(asked.photographs) if asked.photographs else photographs(held_out=True)
    sets = [make(seed, behind) for seed in range(asked.seed, asked.seed + asked.series)]
    older = None if asked.older is None else Older(asked.older)
    rows = [row for kind in asked.only for row in measure(kind, sets, older, asked.rounds)]
    print(table(["ms a picture, one core", "mean", "median", "older, mean", "`np.copyto`"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
