"""The slice network as a list of layers, which PyTorch trains, NumPy quantises and TF-Lite runs.

A picture of 64 rows and 84 columns, two columns per slice, is halved in both directions once and
then only in height, so that its 42 columns are the 42 slices. When one row is left, wide depthwise
filters along the row let every slice see the others: they decide which of two red things is the
target. There are only convolutions, so the network runs fast everywhere and quantises well.
"""

from __future__ import annotations

from dataclasses import dataclass

from vision.sight import SLICES

ROWS, COLUMNS = 64, 2 * SLICES
"""Height and width of the network's input, pixels."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution, with bias, zero padding as TF-Lite's SAME has it, and a ReLU."""

    name: str
    inputs: int
    outputs: int
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    depthwise: bool = False
    """Whether each channel has its own filter; then `outputs` equals `inputs`."""
    relu: bool = True

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the weights in PyTorch's order: (outputs, inputs a group, rows, columns)."""
        return (self.outputs, 1 if self.depthwise else self.inputs, *self.kernel)


def _network() -> tuple[Layer, ...]:
    widths = (16, 24, 32, 48)
    layers = [Layer("stem", 3, widths[0], (3, 3), (2, 2))]
    for number, (before, after) in enumerate(zip(widths, widths[1:], strict=False), 1):
        layers.append(Layer(f"down{number}.depth", before, before, (3, 3), (2, 1), depthwise=True))
        layers.append(Layer(f"down{number}.point", before, after, (1, 1)))
    # Four rows are left: one filter over all of them makes them one.
    layers.append(Layer("collapse.depth", widths[3], widths[3], (4, 1), (4, 1), depthwise=True))
    layers.append(Layer("collapse.point", widths[3], widths[3], (1, 1)))
    for number in (1, 2, 3):
        layers.append(Layer(f"along{number}.depth", widths[3], widths[3], (1, 9), depthwise=True))
        layers.append(Layer(f"along{number}.point", widths[3], widths[3], (1, 1)))
    layers.append(Layer("slices", widths[3], 1, (1, 1), relu=False))
    return tuple(layers)


LAYERS: tuple[Layer, ...] = _network()
"""From a picture (ROWS, COLUMNS, 3), blue first, 0 to 1, to 42 logits."""


def after(size: tuple[int, int], layer: Layer) -> tuple[int, int]:
    """Return rows and columns of a layer's output for an input of this size."""
    return -(-size[0] // layer.stride[0]), -(-size[1] // layer.stride[1])


def padding(size: tuple[int, int], layer: Layer) -> tuple[int, int, int, int]:
    """Return the rows and columns of zeros that SAME adds: left, right, above, below.

    An odd number puts the extra zero to the right and below, as in TF-Lite and unlike PyTorch.
    """
    sides = []
    for axis in (1, 0):
        out = -(-size[axis] // layer.stride[axis])
        total = max(0, (out - 1) * layer.stride[axis] + layer.kernel[axis] - size[axis])
        sides += [total // 2, total - total // 2]
    return sides[0], sides[1], sides[2], sides[3]
