"""Makes the shipped network: pictures, training, quantisation, files, and the table of its quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vision.detectors.color import ColorDetector
from vision.detectors.slices import SliceDetector
from vision.sight import Frame
from vision.training.data import Data, as_arrays
from vision.training.evaluate import measure, table
from vision.training.network import SliceNetwork, Weights, train
from vision.training.photographs import photographs
from vision.training.quantise import as_float, as_int8
from vision.training.synthesis import Example, Rooms, example

NAME = "slices"
"""Beginning of the files' names: slices.tflite, slices-float.tflite, slices.safetensors."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers with which the shipped network was made."""

    seed: int = 1
    pictures: int = 24_000
    """Number of pictures composed on photographs."""
    rendered: int = 2_400
    """Number of pictures of rendered rooms, and again of rooms with other things of the target's colour."""
    epochs: int = 12


def make(
    folder: Path,
    recipe: Recipe,
    *,
    rooms: Rooms | None = None,
    report: Callable[[str], object] = lambda text: None,
) -> None:
    """Train the network and write its files into a folder.

    Raises FileNotFoundError if the photographs are not installed, RuntimeError if LiteRT is not.
    """
    import torch

    torch.set_num_threads(1)
    report(f"composing {recipe.pictures:,} pictures, rendering {2 * recipe.rendered if rooms else 0:,}")
    backgrounds = list(photographs(held_out=False).values())
    data = as_arrays(examples(recipe.seed, recipe.pictures, backgrounds, rooms, recipe.rendered))
    torch.manual_seed(recipe.seed)
    network = SliceNetwork(normalised=True)
    report("training")
    train(
        network,
        data,
        epochs=recipe.epochs,
        seed=recipe.seed,
        report=lambda epoch, loss: report(f"epoch {epoch + 1} of {recipe.epochs}: loss {loss:.4f}"),
    )
    save(folder, NAME, network.weights(), data)
    report(f"written to {folder}")


def save(folder: Path, name: str, weights: Weights, calibration: Data) -> Path:
    """Write a network as int8 and float models and as weights to train on from; return the int8 one."""
    from safetensors.numpy import save as packed

    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{name}.tflite"
    made = {
        folder / f"{name}.safetensors": packed(dict(weights)),
        folder / f"{name}-float.tflite": as_float(weights),
        model: as_int8(weights, calibration),
    }
    new = {file: file.with_name(f".{file.name}.new") for file in made}
    try:
        for file, content in made.items():
            new[file].write_bytes(content)
        for file, whole in new.items():  # all files or none: the old network stays if the disk is full
            whole.replace(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(model)) from error
    finally:
        for whole in new.values():
            whole.unlink(missing_ok=True)
    return model


def held_out(folder: Path, pictures: int, *, rooms: Rooms | None = None, seed: int = 2) -> str:
    """Return a table of the network's quality on photographs and rooms that it has not seen."""
    backgrounds = list(photographs(held_out=True).values())
    whole, exact = SliceDetector(folder / f"{NAME}.tflite"), SliceDetector(folder / f"{NAME}-float.tflite")
    same: list[bool] = []

    pictured = list(examples(seed, pictures, backgrounds, rooms, max(1, pictures // 8)))
    for one in pictured:
        first, second = whole.detect(one.frame), exact.detect(one.frame)
        ends = [None if sight is None else (sight.x1, sight.x2) for sight in (first, second)]
        same.append(ends[0] == ends[1])
    tallies = measure(pictured, {"slices": whole.detect, "color": ColorDetector().detect})
    agreement = f"int8 and float give the same slices on {100 * np.mean(same):.1f} % of the pictures."
    return f"{table(tallies)}\n\n{agreement}"


def examples(
    seed: int, count: int, backgrounds: Sequence[Frame], rooms: Rooms | None, rendered: int
) -> Iterator[Example]:
    """Yield composed pictures, then rendered ones without and with other things of the target's colour."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield example(rng, backgrounds)
    if rooms is not None:
        for kind, offset, distractors in (("room", 1, 0), ("room with rivals", 2, 4)):
            for frame, sight in rooms(seed + 1000 * offset, rendered, distractors=distractors):
                yield Example(frame, sight, kind)
