"""Training the network on another target from a few labelled pictures.

Each picture is used in many windows, mirrored and in other light. If its box is known, the thing itself is
cut out (GrabCut, Rother et al. 2004) and pasted on other pictures, in other sizes. The training starts from
the shipped weights, which know already what edges, things and distractions are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.sight import SLICES, Frame, Sight
from vision.training.data import as_arrays
from vision.training.network import SliceNetwork, Weights, train
from vision.training.recipe import save
from vision.training.recorded import Shot
from vision.training.synthesis import HEIGHT, WIDTH, Example, Floats, background, clutter, expose, seen

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "models" / "slices.safetensors"

Cutout = tuple[NDArray[np.float32], NDArray[np.float32]]
"""A thing: its pixels (h, w, 3), 0 to 1, and how much of each is the thing (h, w), 0 to 1."""


def teach(
    shots: Sequence[Shot],
    photographs: Sequence[Frame],
    model: Path,
    *,
    weights: Weights | None = None,
    pictures: int = 9_000,
    epochs: int = 12,
    seed: int = 1,
    report: Callable[[str], object] = lambda text: None,
) -> Path:
    """Train on labelled pictures and write `model` (.tflite), with its weights and its float twin beside it.

    `photographs`: backgrounds. `weights`: weights to start from, the shipped ones if not given.
    Raises ValueError if no target is labelled, and the errors of `recipe.save`.
    """
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    report(f"making {pictures:,} pictures of {len(shots)}")
    data = as_arrays(variations(rng, shots, photographs, pictures))
    network = SliceNetwork()
    network.load(weights if weights is not None else read_weights(SHIPPED_WEIGHTS))
    train(
        network,
        data,
        epochs=epochs,
        seed=seed,
        learning_rate=0.002,
        report=lambda epoch, loss: report(f"epoch {epoch + 1} of {epochs}: loss {loss:.4f}"),
    )
    return save(model.parent, model.stem, network.weights(), data)


def read_weights(path: Path) -> Weights:
    """Read weights that `teach` or the recipe wrote; raise FileNotFoundError or ValueError with the cure."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not path.is_file():
        raise FileNotFoundError(f"There are no weights {str(path)!r}: check the path.")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path.name} holds no weights: give a .safetensors file that `target train` wrote."
        ) from error


def variations(
    rng: np.random.Generator, shots: Sequence[Shot], photographs: Sequence[Frame], count: int
) -> Iterator[Example]:
    """Yield pictures: windows of the shots, the cut-out thing on other pictures, and pictures without it."""
    with_target = [shot for shot in shots if shot.label.columns is not None]
    if not with_target:
        raise ValueError("No picture has a labelled target: label some first.")
    things = [thing for shot in with_target if (thing := cut_out(shot)) is not None]
    empty = list(photographs)
    made = 0
    while made < count:
        choice = rng.random()
        one: Example | None
        if choice < (0.35 if things else 0.7):
            one = window(rng, shots[int(rng.integers(len(shots)))])
        elif things and choice < 0.75:
            shot = shots[int(rng.integers(len(shots)))] if rng.random() < 0.4 else None
            one = pasted(rng, things, shot, empty)
        else:
            image, _ = background(rng, empty, warm=rng.random() < 0.3)
            clutter(rng, image)
            one = Example(expose(rng, image), None, "empty")
        if one is not None:
            made += 1
            yield one


def window(rng: np.random.Generator, shot: Shot) -> Example | None:
    """Return a part of a shot as a picture; None if too little of the target is in it for a label."""
    height, width = shot.frame.shape[:2]
    wide = width * rng.uniform(0.4, 1.0)
    # Without known rows, a window might cut off the target unnoticed.
    least = 0.9 if shot.label.rows is None else 0.5
    tall = min(height, max(least * height, wide * height / width * rng.uniform(0.85, 1.2)))
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
    columns, rows = shot.label.columns, shot.label.rows
    sight: Sight | None = None
    if columns is not None:
        if rows is not None:
            low, high = max(rows[0], top), min(rows[1] + 1, top + tall)
            if high - low < 0.35 * (rows[1] + 1 - rows[0]):
                return None
        first, last = max(columns[0], left), min(columns[1] + 1, left + wide)
        if last - first >= 2 * wide / SLICES or (
            last - first > 0 and (first, last) == (columns[0], columns[1] + 1)
        ):
            ends = (first - left) / wide, (last - left) / wide
            sight = Sight.from_columns(ends[0] * WIDTH, min(ends[1] * WIDTH, WIDTH) - 1e-3, WIDTH)
        elif last > first:
            return None
    piece = _crop(shot.frame, left, top, wide, tall)
    image = np.asarray(piece, np.float32) / np.float32(255)
    return Example(expose(rng, image, strength=0.6), sight, "window")


def _crop(frame: Frame, left: float, top: float, wide: float, tall: float) -> Frame:
    part = frame[round(top) : max(round(top + tall), 1), round(left) : max(round(left + wide), 1)]
    return np.asarray(cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def cut_out(shot: Shot) -> Cutout | None:
    """Return the thing in a shot's box without its background; None if it has no box."""
    columns, rows = shot.label.columns, shot.label.rows
    if columns is None or rows is None:
        return None
    scale = min(1.0, 240 / shot.frame.shape[1])
    frame = cv2.resize(shot.frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, right = (int(columns[0] * scale), math.ceil((columns[1] + 1) * scale))
    top, bottom = (int(rows[0] * scale), math.ceil((rows[1] + 1) * scale))
    if right - left < 4 or bottom - top < 4:
        return None
    mask = np.zeros(frame.shape[:2], np.uint8)
    state = (np.zeros((1, 65)), np.zeros((1, 65)))
    try:
        cv2.setRNGSeed(0)
        cv2.grabCut(frame, mask, (left, top, right - left, bottom - top), *state, 3, cv2.GC_INIT_WITH_RECT)
        cover = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.float32)[top:bottom, left:right]
    except cv2.error:  # too few pixels on one side to separate the two
        cover = np.zeros((bottom - top, right - left), np.float32)
    if cover.mean() < 0.3 or np.ptp(np.flatnonzero(cover.any(axis=0)), axis=0) < 0.8 * (right - left - 1):
        cover = np.ones_like(cover)  # not separated: the whole box is better than half of the thing
    return np.asarray(frame[top:bottom, left:right], np.float32) / np.float32(255), cover


def pasted(
    rng: np.random.Generator, things: Sequence[Cutout], behind: Shot | None, photographs: Sequence[Frame]
) -> Example | None:
    """Return a thing in front of a photograph, or of a shot without a target, at any size and place."""
    thing, cover = things[int(rng.integers(len(things)))]
    if behind is not None and behind.label.columns is None:
        height, width = behind.frame.shape[:2]
        image: Floats = np.asarray(_crop(behind.frame, 0, 0, width, height), np.float32) / np.float32(255)
    else:
        image, _ = background(rng, photographs, warm=rng.random() < 0.3)
        clutter(rng, image)
    wide = float(np.exp(rng.uniform(math.log(1.6), math.log(40)))) * WIDTH / SLICES
    tall = wide * thing.shape[0] / thing.shape[1] * rng.uniform(0.85, 1.2)
    x, y = rng.uniform(-0.3 * wide, WIDTH - 0.7 * wide), rng.uniform(0.0, 1.0) * HEIGHT - tall / 2
    to = np.array([[wide / thing.shape[1], 0, x], [0, tall / thing.shape[0], y]], np.float32)
    big: Floats = np.asarray(
        cv2.warpAffine(thing, to, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    mask: Floats = np.asarray(cv2.warpAffine(cover, to, (WIDTH, HEIGHT)), np.float32)
    sight = seen(mask)
    if sight is None:
        return None
    light = np.float32(rng.uniform(0.6, 1.2))
    image += mask[..., None] * (big * light - image)
    return Example(expose(rng, image), sight, "pasted")
