"""Measure colours learned from a click on pictures with known targets, see `color_scenes`.

    python -m tests.benchmarks.colors [--photographs FOLDER ...] [--cutouts FOLDER ...] [--series 30]

Without folders, the backgrounds are photographs that scikit-image, scikit-learn and matplotlib ship. For more
variety, unpack Debian's opencv-doc, mate-backgrounds, lomiri-wallpapers-16.04 and palapeli-data. With
`--cutouts` the things are photographs as well, see `color_cutouts`.
For each series, the colour is learned from a click in the middle of the thing, in the first picture that
shows it well; then the thing is searched for in all pictures, and in other light. As people do not click
exactly in the middle, the same is done for a grid of clicks. `--older` takes the checkout of another version,
which learns from the same clicks. A row gives the shares of pictures with both
ends within one slice and within two slices, with nothing seen, and of pictures without the thing that show
one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks import color_cutouts
from tests.benchmarks.color_scenes import CONDITIONS, Series, Shot, clicks, make, read_photographs
from tests.benchmarks.older import Older, color_detector
from tests.benchmarks.table import table
from vision import Frame, Sight
from vision.detectors.color import ColorDetector
from vision.training.photographs import photographs

Detect = Callable[[Frame], Sight | None]
Learn = Callable[[Frame, tuple[int, int]], Detect]


def ours(frame: Frame, at: tuple[int, int]) -> Detect:
    """Learn what a click shows."""
    return ColorDetector.learn(frame, at=at).detect


def by_range(frame: Frame, at: tuple[int, int]) -> Detect:
    """Use only the range of hues that was learned, as a range by hand is used."""
    learned = ColorDetector.learn(frame, at=at)
    return ColorDetector(learned.hue_degrees, learned.saturation, learned.value).detect


def plain(frame: Frame, at: tuple[int, int]) -> Detect:
    """Do as OpenCV's tutorials do: a range of HSV around the click, opening, the largest piece."""
    x, y = at
    hsv = cv2.cvtColor(frame, cv2.COLOR_BGR2HSV)[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4]
    middle = np.median(hsv.reshape(-1, 3).astype(int), axis=0)

    def detect(seen: Frame) -> Sight | None:
        away = cv2.cvtColor(seen, cv2.COLOR_BGR2HSV).astype(int) - middle
        away[..., 0] = (away[..., 0] + 90) % 180 - 90
        mask = (np.abs(away) <= (10, 70, 90)).all(axis=-1).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))  # type: ignore[assignment]
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        if len(stats) < 2 or stats[1:, 4].max() < 0.001 * mask.size:
            return None
        left, _, width, _, _ = stats[1 + stats[1:, 4].argmax()].tolist()
        return Sight.from_columns(left, left + width - 1, seen.shape[1])

    return detect


LEARNERS: dict[str, Learn] = {"click": ours, "its range of hues": by_range, "plain OpenCV": plain}


def of_older(folder: Path) -> Learn:
    """Return how another version learns from a click."""
    older = Older(folder)

    def learn(frame: Frame, at: tuple[int, int]) -> Detect:
        with older.vision():
            detect: Detect = color_detector().learn(frame, at=at).detect
        return detect

    return learn


def learned(learn: Learn, frame: Frame, at: tuple[int, int]) -> Detect:
    """Learn from a click; where that is refused, see nothing."""
    try:
        return learn(frame, at)
    except ValueError:
        return lambda frame: None


def middle_click(series: Series) -> tuple[Frame, tuple[int, int]] | None:
    """Return the first picture with the thing at least six slices wide, and the middle of the thing."""
    for shot in series.shots:
        if shot.sight is not None and shot.mask is not None and shot.sight.x2 - shot.sight.x1 >= 5:
            ys, xs = np.nonzero(shot.mask)
            k = int(np.argmin((xs - xs.mean()) ** 2 + (ys - ys.mean()) ** 2))
            return shot.frame, (int(xs[k]), int(ys[k]))
    return None


def error(seen: Sight | None, shot: Shot) -> int:
    """Return how far the worse end is off, in slices; 99 when nothing is seen."""
    assert shot.sight is not None
    return 99 if seen is None else max(abs(seen.x1 - shot.sight.x1), abs(seen.x2 - shot.sight.x2))


def in_light(name: str, sets: Sequence[Series], conditions: Sequence[str]) -> list[list[str]]:
    """Return a row for each condition, of a learner."""
    known = [
        (series, learned(LEARNERS[name], *click))
        for series in sets
        if (click := middle_click(series)) is not None
    ]
    rows = []
    for condition in conditions:
        change = CONDITIONS[condition]
        errors = np.array([error(d(change(s.frame)), s) for series, d in known for s in series.shots])
        false = [d(change(shot.frame)) is not None for series, d in known for shot in series.empty]
        rows.append(
            [
                f"{name}, {condition}",
                str(len(errors)),
                *(f"{100 * (errors <= n).mean():.1f} %" for n in (1, 2)),
                str(int((errors == 99).sum())),
                f"{sum(false)} of {len(false)}",
            ]
        )
    return rows


def over_clicks(name: str, sets: Sequence[Series], across: int, every: int) -> list[str]:
    """Return the row of a learner over a grid of clicks in every so many-th picture."""
    shares, false, empty = [], 0, 0
    for series in sets:
        for shot in series.shots[::every]:
            for at in clicks(shot, across):
                detect = learned(LEARNERS[name], shot.frame, at)
                shares.append(float(np.mean([error(detect(s.frame), s) <= 1 for s in series.shots])))
                false += sum(detect(s.frame) is not None for s in series.empty)
                empty += len(series.empty)
    numbers = np.array(shares)
    percentiles = [
        f"{100 * p:.0f} %" for p in (numbers.mean(), *np.percentile(numbers, (10, 5)), numbers.min())
    ]
    return [
        name,
        str(len(numbers)),
        *percentiles,
        f"{(numbers < 0.8).mean():.1%}",
        f"{false / max(1, empty):.1%}",
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure colours learned from a click.")
    parser.add_argument("--photographs", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--cutouts", type=Path, nargs="*", default=[], help="Photographed things, see color_cutouts."
    )
    parser.add_argument("--older", type=Path, help="A checkout of another version, to compare with.")
    parser.add_argument("--series", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--across", type=int, default=3, help="Clicks across a thing, each way.")
    parser.add_argument("--every", type=int, default=2, help="Clicks in every so many-th picture.")
    asked = parser.parse_args(argv)
    if asked.older is not None:
        LEARNERS["older"] = of_older(asked.older)
    behind = read_photographs(asked.photographs) if asked.photographs else photographs(held_out=True)
    seeds = range(asked.seed, asked.seed + asked.series)
    if asked.cutouts:
        things = color_cutouts.read_cutouts(asked.cutouts)
        sets = [color_cutouts.make(seed, things, behind) for seed in seeds]
    else:
        sets = [make(seed, behind) for seed in seeds]
    rows = [row for name in LEARNERS for row in in_light(name, sets, list(CONDITIONS))]
    print(table(["learned from", "n", "within 1", "within 2", "missed", "false"], rows))
    rows = [over_clicks(name, sets, asked.across, asked.every) for name in LEARNERS]
    header = ["over clicks", "n", "mean", "worst tenth", "worst 1/20", "worst", "below 80 %", "false"]
    print(f"\n{table(header, rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
