"""Chooses the best detector for your own target: the network, the colour, or both together.

The network is better for a target with a special look, the colour for a small one. So both are trained, and
pictures that neither has seen decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vision.detectors.color import ColorDetector
from vision.detectors.slices import SliceDetector
from vision.sight import Frame
from vision.training.evaluate import Detect, Tally, measure
from vision.training.own import variations
from vision.training.recorded import Shot
from vision.training.synthesis import Example

_TRIED = 8


class Choice(NamedTuple):
    """The choice: `network`, `color` or `both`; the reason, in a sentence; and the result of each."""

    name: str
    why: str
    tallies: Mapping[str, Mapping[str, Tally]]


def worth(tally: Tally) -> float:
    """Return the share of right answers: both ends within a slice, or nothing seen without a target."""
    right = sum(error <= 1 for error in tally.errors) + tally.absent - tally.invented
    return right / tally.total if tally.total else 0.0


def learn_color(shots: Sequence[Shot]) -> ColorDetector | None:
    """Return the colour of that labelled box which finds the target in most pictures; None without a box."""
    boxes = [(s, s.label.columns, s.label.rows) for s in shots if s.label.columns and s.label.rows]
    # Of those that differ in size the larger ones show more of the thing.
    boxes.sort(key=lambda box: box[1][0] - box[1][1])
    best: tuple[float, ColorDetector] | None = None
    for shot, columns, rows in boxes[: 3 * _TRIED : 3] or boxes:
        height, width = shot.frame.shape[:2]
        ends = (max(0, columns[0]), max(0, rows[0]), min(width - 1, columns[1]), min(height - 1, rows[1]))
        try:
            detector = ColorDetector.learn(shot.frame, rectangle=ends)
        except ValueError:
            continue  # another box may do
        found = worth(measure([s.example for s in shots], {"color": detector.detect})["color"]["all"])
        if best is None or found > best[0]:
            best = found, detector
    return None if best is None else best[1]


def unseen(held: Sequence[Shot], photographs: Sequence[Frame], seed: int = 7) -> list[Example]:
    """Return the pictures that decide: those held out, each three times, and ten variations of each."""
    made: list[Example] = [shot.example for shot in held] * 3
    if any(shot.label.columns for shot in held):
        made += variations(np.random.default_rng(seed), held, photographs, 10 * len(held))
    return made


def choose(examples: Sequence[Example], model: Path, color: Path | None) -> Choice:
    """Return the detector that is right in most pictures; of two that are about equal, the simpler."""
    detectors: dict[str, Detect] = {"network": SliceDetector(model).detect}
    if color is not None:
        detectors["both"] = SliceDetector(model, color=color).detect
        detectors["color"] = ColorDetector(learned=color).detect
    tallies = measure(examples, detectors)
    if color is None:
        return Choice(
            "network", "the colour of the target cannot be learned from the labelled boxes", tallies
        )
    if not examples:
        return Choice("network", "no picture was held out to compare it with the colour", tallies)
    right = {name: worth(by_kind["all"]) for name, by_kind in tallies.items()}
    margin = {"color": 0.01, "network": 0.01, "both": 0.0}
    name = max(right, key=lambda one: right[one] + margin[one])
    shares = ", ".join(f"{one} {100 * share:.0f} %" for one, share in right.items())
    return Choice(name, f"right in pictures that were held out, and variations of them: {shares}", tallies)
