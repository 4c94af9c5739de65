"""From 42 probabilities to a sight: where the target begins and ends, and how sure that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.sight import SLICES, Sight


def sight_of(
    probabilities: NDArray[np.float32], *, sure: float = 0.6, edge: float = 0.5, gap: int = 2
) -> Sight | None:
    """Return the most plausible run of filled slices, or None when none is sure enough.

    A run is where the probability is at least `edge`; up to `gap` slices less likely than that do not
    end it, for a thin thing in front. It counts only when its greatest probability is at least `sure`:
    two thresholds, so that noise at one of them neither makes a target nor eats its ends. The run with
    the greatest sum is the sight; its confidence is the mean of its probabilities, times its share of
    all runs' sum. `probabilities`: shape (42,), 0 to 1.
    """
    # Plain floats: of 42 numbers a loop is as quick as arrays are.
    values = probabilities.tolist()
    runs: list[tuple[float, int, int]] = []
    first, last, total, best = -1, -1, 0.0, 0.0
    for i in range(SLICES + gap + 1):
        value = values[i] if i < SLICES else 0.0
        if value >= edge:
            if first < 0:
                first, total, best = i, 0.0, 0.0
            last, total, best = i, total + value, max(best, value)
        elif first >= 0 and i - last > gap:
            if best >= sure:
                runs.append((total, first, last))
            first = -1
    if not runs:
        return None
    total, first, last = max(runs)
    mean = total / (last - first + 1)
    confidence = mean * total / sum(run[0] for run in runs)
    return Sight(first, last, min(1.0, max(0.0, confidence)))
