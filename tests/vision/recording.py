"""Pictures as a person would record and label them, of what is not red: a wooden drum with a white band."""

import csv
from pathlib import Path

import cv2
import numpy as np

from vision.training.photographs import photographs
from vision.training.synthesis import HEIGHT, WIDTH, background, expose, seen
from vision.training.things import cover, surface


def write(folder: Path, count: int, seed: int, *, held_out: bool) -> None:
    """Write so many pictures, in a sixth of which the thing is absent, and their labels.csv."""
    rng = np.random.default_rng(seed)
    behind = list(photographs(held_out=held_out).values())
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="") as lines:
        out = csv.writer(lines)
        out.writerow(["file", "visible", "x_left_px", "x_right_px", "y_top_px", "y_bottom_px"])
        for number in range(count):
            image, _ = background(rng, behind, warm=number % 2 == 0)
            box = None
            if number % 6 != 5:
                box = _put(rng, image)
            file = f"thing_{number:03d}.png"
            cv2.imwrite(str(folder / file), expose(rng, image, strength=0.5))
            out.writerow([file, 0, "", "", "", ""] if box is None else [file, 1, *box])


def _put(rng, image):
    """Draw the thing, a drum of 24 degrees of hue with a white band in its middle; return its box, pixels."""
    while True:
        wide = float(np.exp(rng.uniform(np.log(12), np.log(100))))
        tall, x, y = 1.3 * wide, rng.uniform(-0.2, 0.8) * WIDTH, rng.uniform(0.1, 0.6) * HEIGHT
        shape = np.array([(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)], np.float32)
        mask = cover(shape, WIDTH, HEIGHT)
        if seen(mask) is not None and (mask > 0.5).any(axis=0).sum() > 0.6 * min(wide, WIDTH):
            break
    skin = surface(np.random.default_rng(4), (24.0, 0.5, 0.75), shape, (0, 0), (WIDTH, HEIGHT))
    band = np.abs((np.arange(HEIGHT) - y) / tall - 0.45) < 0.14
    skin[band] = 0.9
    image += mask[..., None] * (skin - image)
    columns, rows = np.flatnonzero((mask > 0.5).any(axis=0)), np.flatnonzero((mask > 0.5).any(axis=1))
    return [int(columns[0]), int(columns[-1]), int(rows[0]), int(rows[-1])]
