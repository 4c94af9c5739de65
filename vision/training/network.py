"""The slice network in PyTorch: training it, and taking its weights out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vision.training.data import Data
from vision.training.layers import COLUMNS, LAYERS, ROWS, Layer, after, padding

Weights: TypeAlias = Mapping[str, NDArray[np.float32]]
"""`NAME.weight` (outputs, inputs a group, rows, columns) and `NAME.bias` (outputs,) of each layer."""


class SliceNetwork(nn.Module):
    """The network from pictures to the logits of their slices.

    With `normalised`, for training from random weights, batch normalisation follows each layer;
    `weights` folds it into that layer, so the stored network has none.
    """

    def __init__(self, *, normalised: bool = False) -> None:
        """Build the network with PyTorch's random weights."""
        super().__init__()
        self.convolutions = nn.ModuleList()
        self.norms = nn.ModuleList()
        self._padding: list[tuple[int, int, int, int]] = []
        size = (ROWS, COLUMNS)
        for layer in LAYERS:
            groups = layer.inputs if layer.depthwise else 1
            self.convolutions.append(
                nn.Conv2d(layer.inputs, layer.outputs, layer.kernel, layer.stride, groups=groups)
            )
            self.norms.append(nn.BatchNorm2d(layer.outputs) if normalised and layer.relu else nn.Identity())
            self._padding.append(padding(size, layer))
            size = after(size, layer)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits (N, 42) of pictures (N, 3, 64, 84), 0 to 1, blue first."""
        x = pictures
        for _, made in self.steps(pictures):
            x = made
        return x.flatten(1)

    def steps(self, pictures: Tensor) -> Iterator[tuple[Layer, Tensor]]:
        """Yield each layer with its output for the pictures."""
        x = pictures
        for layer, convolution, norm, sides in zip(
            LAYERS, self.convolutions, self.norms, self._padding, strict=True
        ):
            if any(sides):
                x = functional.pad(x, sides)
            x = norm(convolution(x))
            if layer.relu:
                x = torch.relu(x)
            yield layer, x

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by name, with the batch normalisation folded into them."""
        taken: dict[str, NDArray[np.float32]] = {}
        for layer, convolution, norm in zip(LAYERS, self.convolutions, self.norms, strict=True):
            assert isinstance(convolution, nn.Conv2d) and convolution.bias is not None
            weight, bias = convolution.weight.detach(), convolution.bias.detach()
            if isinstance(norm, nn.BatchNorm2d):
                assert norm.running_var is not None and norm.running_mean is not None
                gain = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
                weight = weight * gain[:, None, None, None]
                bias = (bias - norm.running_mean) * gain + norm.bias.detach()
            taken[f"{layer.name}.weight"] = np.ascontiguousarray(weight.numpy(), np.float32)
            taken[f"{layer.name}.bias"] = np.ascontiguousarray(bias.numpy(), np.float32)
        return taken

    def load(self, weights: Weights) -> None:
        """Load weights that `weights` returned; raise ValueError if they are of another network."""
        for layer, convolution in zip(LAYERS, self.convolutions, strict=True):
            assert isinstance(convolution, nn.Conv2d) and convolution.bias is not None
            weight, bias = weights_of(weights, layer)
            convolution.weight.data.copy_(torch.from_numpy(weight))
            convolution.bias.data.copy_(torch.from_numpy(bias))


def weights_of(weights: Weights, layer: Layer) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a layer's weights and bias; raise ValueError if they are missing or of another shape."""
    try:
        weight, bias = weights[f"{layer.name}.weight"], weights[f"{layer.name}.bias"]
    except KeyError as error:
        raise ValueError(
            f"These are not the weights of a slice network: {error} is missing. Use a file that "
            "`robot-agent target train` or `python -m vision.training` wrote."
        ) from None
    if weight.shape != layer.shape or bias.shape != (layer.outputs,):
        raise ValueError(
            f"The weights of {layer.name} have the shape {weight.shape} instead of {layer.shape}: "
            "they are of another version of the slice network; train anew."
        )
    return weight, bias


def train(
    network: SliceNetwork,
    data: Data,
    *,
    epochs: int,
    seed: int,
    learning_rate: float = 0.004,
    batch: int = 64,
    report: Callable[[int, float], object] = lambda epoch, loss: None,
) -> None:
    """Train in place with Adam; the learning rate rises briefly, then falls as a cosine.

    Each time a picture is used, it is mirrored or not, and made brighter or darker. The loss is the cross
    entropy of the slices (double weight within two slices of an end), plus that of whether there is a target.
    `report` is called with each epoch and its mean loss.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    filled = data.filled
    emphasis = _emphasis(data)
    steps = epochs * math.ceil(len(data) / batch)
    optimiser = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=1e-4)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda k: (
            min(1.0, (k + 1) / (0.03 * steps + 1)) * 0.5 * (1 + math.cos(math.pi * min(1.0, k / steps)))
        ),
    )
    network.train()
    for epoch in range(epochs):
        order, losses = rng.permutation(len(data)), []
        for i in range(0, len(data), batch):
            index = order[i : i + batch]
            if len(index) == 1 and len(data) > 1:
                continue  # batch normalisation needs two pictures
            mirror = rng.random(len(index)) < 0.5
            pictures = data.pictures[index].astype(np.float32) / 255
            pictures[mirror] = pictures[mirror, :, ::-1]
            target, weight = filled[index], emphasis[index]
            target[mirror], weight[mirror] = target[mirror, ::-1], weight[mirror, ::-1]
            gain = np.exp(rng.normal(0, 0.08, (len(index), 1, 1, 3))).astype(np.float32)
            pictures = np.minimum(pictures * gain, 1)
            x = torch.from_numpy(pictures).permute(0, 3, 1, 2)  # channels last in memory, as they came
            logits = network(x)
            loss = _loss(logits, torch.from_numpy(target), torch.from_numpy(weight))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            rate.step()
            losses.append(float(loss.detach()))
        report(epoch, float(np.mean(losses)))
    network.eval()


def _loss(logits: Tensor, filled: Tensor, weight: Tensor) -> Tensor:
    slices = functional.binary_cross_entropy_with_logits(logits, filled, weight)
    # The three largest logits decide whether there is a target.
    most = logits.topk(3, dim=1).values.mean(dim=1)
    whole = functional.binary_cross_entropy_with_logits(most, filled.amax(dim=1))
    return slices + 0.25 * whole


def _emphasis(data: Data) -> NDArray[np.float32]:
    """Return the weight of each slice in the loss, (N, 42): 2 near the target's ends, 1 elsewhere."""
    slices = np.arange(data.filled.shape[1])
    near = np.zeros(data.filled.shape, bool)
    for end in (data.ends[:, :1], data.ends[:, 1:]):
        near |= (np.abs(slices - end) <= 2) & (end >= 0)
    return np.where(near, 2.0, 1.0).astype(np.float32)


def probabilities(network: SliceNetwork, data: Data, batch: int = 256) -> NDArray[np.float32]:
    """Return the probabilities of all slices of all pictures, (N, 42)."""
    network.eval()
    found = []
    with torch.inference_mode():
        for i in range(0, len(data), batch):
            x = torch.from_numpy(data.pictures[i : i + batch].astype(np.float32) / 255).permute(0, 3, 1, 2)
            found.append(torch.sigmoid(network(x)).numpy())
    return np.concatenate(found)
