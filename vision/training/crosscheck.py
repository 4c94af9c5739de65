"""Checks our .tflite writer: converts the shipped weights with litert-torch and ai-edge-quantizer too.

    .venv-converter/bin/python -m vision.training.crosscheck

runs in its own environment (`requirements.txt` beside this file). It compares the outputs of both files,
float and int8, and ends with exit code 1 if they do not agree.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.detectors.slices import SHIPPED, sight_of
from vision.detectors.tflite_model import interpreter
from vision.training.layers import COLUMNS, ROWS
from vision.training.network import SliceNetwork
from vision.training.own import SHIPPED_WEIGHTS, read_weights
from vision.training.quantise import as_float

PICTURES = 200


def main() -> int:
    """Convert, compare and print; return 0 if both ways give the same network."""
    import torch
    from ai_edge_quantizer import quantizer, recipe
    from litert_torch import convert, to_channel_last_io

    class Probabilities(torch.nn.Module):
        """The network with its sigmoid, as the file has it."""

        def __init__(self) -> None:
            super().__init__()
            self.network = SliceNetwork()
            self.network.load(read_weights(SHIPPED_WEIGHTS))

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(self.network(pictures))

    pictures = _pictures()
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder) / "float.tflite"
        example = (torch.zeros(1, ROWS, COLUMNS, 3),)
        convert(to_channel_last_io(Probabilities().eval(), args=[0]), example).export(str(theirs))
        converted = _answers(theirs.read_bytes(), pictures)
        own = _answers(as_float(read_weights(SHIPPED_WEIGHTS)), pictures)
        worst = float(np.abs(converted - own).max())
        print(
            f"float: litert-torch and our writer differ by at most {worst:.1e} in {own.size:,} probabilities"
        )

        whole = quantizer.Quantizer(str(theirs), recipe.static_wi8_ai8())
        calibration = {"serving_default": [{"args_0": picture[None]} for picture in pictures[::2]]}
        quantised = whole.quantize(whole.calibrate(calibration)).quantized_model
        theirs_whole = _answers(bytes(quantised), pictures)
        ours_whole = _answers(SHIPPED.read_bytes(), pictures)
        apart = [float(np.abs(one - own).mean()) for one in (theirs_whole, ours_whole)]
        same = [
            np.mean([_ends(a) == _ends(b) for a, b in zip(one, own, strict=True)])
            for one in (theirs_whole, ours_whole)
        ]
        print(
            f"int8 from float, mean and share of the same slices: ai-edge-quantizer {apart[0]:.4f} and "
            f"{100 * same[0]:.1f} %, ours {apart[1]:.4f} and {100 * same[1]:.1f} %"
        )
    return 0 if worst < 1e-4 and apart[1] < 2 * apart[0] + 0.005 else 1


def _pictures() -> NDArray[np.float32]:
    """Return pictures (N, 64, 84, 3), 0 to 1: noise with a box of some colour in it."""
    rng = np.random.default_rng(0)
    pictures = rng.uniform(0.2, 0.6, (PICTURES, ROWS, COLUMNS, 3)).astype(np.float32)
    for picture in pictures:
        x, y = rng.integers(0, COLUMNS - 12), rng.integers(0, ROWS - 20)
        wide, tall = rng.integers(8, 50), rng.integers(16, 40)
        color = (0.1, 0.08, 0.8) if rng.random() < 0.7 else rng.uniform(0, 1, 3)
        picture[y : y + tall, x : x + wide] = color
    return pictures


def _answers(content: bytes, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the output probabilities of a file, (N, 42), for any number format."""
    model: Any = interpreter()(model_content=content, num_threads=1)
    model.allocate_tensors()
    (entry,), (answer,) = model.get_input_details(), model.get_output_details()
    found = []
    for picture in pictures:
        stored = picture
        if entry["dtype"] == np.int8:
            scale, zero = entry["quantization"]
            stored = np.clip(np.round(picture / scale + zero), -128, 127).astype(np.int8)
        model.set_tensor(entry["index"], stored[None])
        model.invoke()
        values = model.get_tensor(answer["index"]).reshape(-1).astype(np.float32)
        if answer["dtype"] == np.int8:
            scale, zero = answer["quantization"]
            values = (values - zero) * scale
        found.append(values)
    return np.asarray(found, np.float32)


def _ends(probabilities: NDArray[np.float32]) -> tuple[int, int] | None:
    sight = sight_of(probabilities)
    return None if sight is None else (sight.x1, sight.x2)


if __name__ == "__main__":
    sys.exit(main())
