"""The table of colours that are usual in photographs, from which a learned colour is distinguished.

    python -m vision.training.background_colors FOLDER ...

Half of the table is the mean of the photographs' colours in varied light; half is a smooth guess of colours
that they do not show: pale colours are more common, and warm pale ones (skin, wood, clay) most. All
photographs have the same weight. The model card names the folders from which the shipped table was made.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from vision.detectors.color_light import in_other_light, reduce
from vision.detectors.color_model import BINS, GENERAL, STEP, Floats, density
from vision.sight import Frame

_STEP = 0.1


def measured(photographs: Iterable[Frame]) -> Floats:
    """Return the mean density of the colours of photographs, (32, 32, 32), in varied light."""
    rng = np.random.default_rng(0)
    cubes = []
    for photograph in photographs:
        pixels = reduce(photograph, 160)[0].reshape(-1, 3).astype(np.float32)
        lit = in_other_light(
            rng, np.repeat(pixels, 3, 0), gain=0.3, pale=0.08, shade=0.3, deep=0.45, balance=0.06
        )
        cubes.append(density(lit))
    if not cubes:
        raise ValueError("There are no photographs: give the folders that have some.")
    return np.asarray(np.mean(cubes, axis=0))


def guessed() -> Floats:
    """Return a smooth density of colours, for those that no photograph showed."""
    middle = 255 * ((np.arange(BINS) + 0.5) * STEP / 255) ** 2  # a bin's middle before companding
    blue, green, red = np.meshgrid(middle, middle, middle, indexing="ij")
    colors = np.stack([blue, green, red], -1).astype(np.float32)
    chroma = colors.max(-1) - colors.min(-1)
    hue = cv2.cvtColor(colors.reshape(1, -1, 3) / 255, cv2.COLOR_BGR2HSV)[0, :, 0].reshape(chroma.shape)
    warm = np.exp(-(((hue - 25 + 180) % 360 - 180) ** 2) / (2 * 18.0**2))
    cube = np.exp(-chroma / 28) + 0.35 * warm * np.exp(-chroma / 60)
    wide = np.gradient(middle)  # bins are not equally wide
    cube = cube * wide[:, None, None] * wide[None, :, None] * wide[None, None, :]
    return np.asarray(cube / cube.sum())


def write(cube: Floats, file: Path) -> None:
    """Write a density as steps of a tenth of a nat below its maximum."""
    log = np.log(cube.max() / np.maximum(cube, 1e-30)) / _STEP
    np.savez_compressed(
        file, log_density=np.clip(np.round(log), 0, 255).astype(np.uint8), step=np.float64(_STEP)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table of the photographs in some folders."""
    parser = argparse.ArgumentParser(description="Make the table of background colours.")
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, default=GENERAL)
    asked = parser.parse_args(argv)
    files = sorted(file for folder in asked.folder for file in folder.rglob("*"))
    frames = [cv2.imread(str(file)) for file in files if file.suffix.lower() in (".jpg", ".jpeg", ".png")]
    kept = [np.asarray(frame, np.uint8) for frame in frames if frame is not None]
    write(0.5 * measured(kept) + 0.5 * guessed(), asked.to)
    print(f"{asked.to.name}: {len(kept)} photographs, {asked.to.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
