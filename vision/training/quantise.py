"""Static quantisation to int8: one scale per channel of the weights; measured ranges of the activations.

This follows TF-Lite's specification: symmetric weights, asymmetric activations, biases in the product's
scale. It is done in NumPy before the file is written, for the shipped network and for your own. Jacob et
al. 2018.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from vision.training.data import Data
from vision.training.layers import LAYERS
from vision.training.network import SliceNetwork, Weights, weights_of
from vision.training.writer import PIXELS, Part, Scale, stored, write

CALIBRATION = 512
"""Number of pictures from which the range of the numbers between layers is measured."""


def as_float(weights: Weights) -> bytes:
    """Return a network as a .tflite file of float32."""
    return write(
        [
            Part(layer, stored(layer, weight), bias)
            for layer in LAYERS
            for weight, bias in [weights_of(weights, layer)]
        ]
    )


def as_int8(weights: Weights, calibration: Data) -> bytes:
    """Return a network as a .tflite file of int8; `calibration` gives the ranges of its activations."""
    ranges = activation_ranges(weights, calibration)
    before, parts = PIXELS, []
    for layer in LAYERS:
        weight, bias = weights_of(weights, layer)
        scales = np.maximum(np.abs(weight).reshape(layer.outputs, -1).max(axis=1) / 127, 1e-8).astype(
            np.float32
        )
        whole = np.clip(np.round(weight / scales[:, None, None, None]), -127, 127).astype(np.int8)
        products = scales.astype(np.float64) * before.scale
        limit = 2.0**30
        shift = np.clip(np.round(bias / products), -limit, limit).astype(np.int32)
        after = _scale(*ranges[layer.name])
        parts.append(Part(layer, stored(layer, whole), shift, scales, after))
        before = after
    return write(parts)


def activation_ranges(weights: Weights, calibration: Data) -> Mapping[str, tuple[float, float]]:
    """Return the range of each layer's output, without the outermost 1 in 10,000 at either side.

    The last layer's logits are clipped to [-12, 12]: beyond, a probability hardly changes.
    """
    network = SliceNetwork()
    network.load(weights)
    chosen = calibration.pictures[:: max(1, len(calibration) // CALIBRATION)][:CALIBRATION]
    seen: dict[str, list[NDArray[np.float32]]] = {layer.name: [] for layer in LAYERS}
    with torch.inference_mode():
        for i in range(0, len(chosen), 64):
            x = torch.from_numpy(chosen[i : i + 64].astype(np.float32) / 255).permute(0, 3, 1, 2)
            for layer, numbers in network.steps(x):
                seen[layer.name].append(numbers.numpy().reshape(len(numbers), -1))
    ranges = {}
    for layer in LAYERS:
        every = np.concatenate([part.ravel() for part in seen[layer.name]])
        low, high = (float(q) for q in np.quantile(every, (1e-4, 1 - 1e-4)))
        ranges[layer.name] = (0.0, high) if layer.relu else (max(low, -12.0), min(high, 12.0))
    return ranges


def _scale(low: float, high: float) -> Scale:
    """Return the scale whose 256 numbers go from low to high, with 0 among them exactly."""
    low, high = min(low, 0.0), max(high, 0.0, low + 1e-6)
    scale = (high - low) / 255
    return Scale(scale, int(np.clip(round(-128 - low / scale), -128, 127)))
