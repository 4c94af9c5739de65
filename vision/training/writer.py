"""A network's layers as a .tflite file, written byte by byte with the schema that LiteRT ships.

The graph is a fixed row of convolutions, so a page of code can write it without a converter. The usual
converter needs old versions of libraries that everything else here shares, so it cannot be installed together
with them. `vision.training.crosscheck` checks, in an environment of its own, that both give the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.sight import SLICES
from vision.training.layers import COLUMNS, ROWS, Layer, after

DESCRIPTION = "robot-agent slice network: 42 probabilities, one for each vertical slice of the picture"


@dataclass(frozen=True, slots=True)
class Scale:
    """The meaning of 8-bit numbers: real = scale * (number - zero)."""

    scale: float
    zero: int


@dataclass(frozen=True, slots=True)
class Part:
    """A layer's numbers as they are stored, with TF-Lite's order of axes.

    `weights`: (outputs, rows, columns, inputs), or (1, rows, columns, channels) of a depthwise
    layer; float32 or int8. `bias`: float32 or int32. `scales`: scales of the weights, one per output;
    `output`: scale of the layer's output; both None in a float network.
    """

    layer: Layer
    weights: NDArray[Any]
    bias: NDArray[Any]
    scales: NDArray[np.float32] | None = None
    output: Scale | None = None


PIXELS = Scale(1.0 / 255.0, -128)
"""The input of an int8 network: a pixel minus 128."""
PROBABILITIES = Scale(1.0 / 256.0, -128)
"""The output of an int8 network; TF-Lite's int8 LOGISTIC allows no other scale."""


def write(parts: Sequence[Part]) -> bytes:
    """Return the .tflite file of a network: float when its parts have no scales, else int8.

    Raises ModuleNotFoundError, with the cure, if LiteRT is not installed.
    """
    return bytes(_File(parts).pack())


def stored(layer: Layer, weights: NDArray[Any]) -> NDArray[Any]:
    """Return weights, given in PyTorch's order of axes, in TF-Lite's order."""
    return np.ascontiguousarray(weights.transpose((1, 2, 3, 0) if layer.depthwise else (0, 2, 3, 1)))


class _File:
    """The tables of one .tflite file while it is put together."""

    def __init__(self, parts: Sequence[Part]) -> None:
        from vision.detectors.tflite_model import schema

        self.s = schema()
        self.whole = parts[0].scales is not None
        self.tensors: list[Any] = []
        self.buffers: list[Any] = [self.s.BufferT()]
        self.codes: list[tuple[int, int]] = []
        self.operators: list[Any] = []
        self.parts = parts

    def pack(self) -> bytearray:
        import flatbuffers

        s = self.s
        size, scale = (ROWS, COLUMNS), PIXELS
        first = flow = self.flow("picture", (1, *size, 3), scale)
        for part in self.parts:
            flow, size, scale = self.convolution(part, flow, size, scale)
        flat = self.flow("logits", (1, SLICES), scale)
        shape = self.constant("shape", np.array([1, SLICES], np.int32))
        options = s.ReshapeOptionsT()
        options.newShape = [1, SLICES]
        self.operator(
            s.BuiltinOperator.RESHAPE, 1, [flow, shape], flat, s.BuiltinOptions.ReshapeOptions, options
        )
        last = self.flow("probabilities", (1, SLICES), PROBABILITIES)
        self.operator(s.BuiltinOperator.LOGISTIC, 2 if self.whole else 1, [flat], last)

        graph = s.SubGraphT()
        graph.name, graph.tensors, graph.operators = "main", self.tensors, self.operators
        graph.inputs, graph.outputs = [first], [last]
        model = s.ModelT()
        model.version, model.description = 3, DESCRIPTION
        model.subgraphs, model.buffers = [graph], self.buffers
        model.operatorCodes = [self.code(*pair) for pair in self.codes]
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytearray(builder.Output())

    def convolution(
        self, part: Part, flow: int, size: tuple[int, int], scale: Scale
    ) -> tuple[int, tuple[int, int], Scale]:
        """Add a convolution; return its output tensor and that tensor's rows, columns and scale."""
        s, layer = self.s, part.layer
        zeros = None if part.scales is None else np.zeros(len(part.scales), np.int64)
        weights = self.constant(
            f"{layer.name}.weight", part.weights, part.scales, zeros, 3 if layer.depthwise else 0
        )
        bias_scales = None if part.scales is None else (part.scales * scale.scale).astype(np.float32)
        bias = self.constant(f"{layer.name}.bias", part.bias, bias_scales, zeros, 0)
        size = after(size, layer)
        scale = part.output or scale
        out = self.flow(layer.name, (1, *size, layer.outputs), scale)
        options = s.DepthwiseConv2DOptionsT() if layer.depthwise else s.Conv2DOptionsT()
        options.padding = s.Padding.SAME
        options.strideH, options.strideW = layer.stride
        options.dilationHFactor = options.dilationWFactor = 1
        relu = s.ActivationFunctionType
        options.fusedActivationFunction = relu.RELU if layer.relu else relu.NONE
        if layer.depthwise:
            options.depthMultiplier = 1
            kind, table = s.BuiltinOperator.DEPTHWISE_CONV_2D, s.BuiltinOptions.DepthwiseConv2DOptions
        else:
            kind, table = s.BuiltinOperator.CONV_2D, s.BuiltinOptions.Conv2DOptions
        self.operator(kind, 3 if self.whole else 1, [flow, weights, bias], out, table, options)
        return out, size, scale

    def operator(
        self, kind: int, version: int, inputs: list[int], output: int, table: int = 0, options: Any = None
    ) -> None:
        one = self.s.OperatorT()
        if (kind, version) not in self.codes:
            self.codes.append((kind, version))
        one.opcodeIndex = self.codes.index((kind, version))
        one.inputs, one.outputs = inputs, [output]
        one.builtinOptionsType, one.builtinOptions = table, options
        self.operators.append(one)

    def code(self, kind: int, version: int) -> Any:
        one = self.s.OperatorCodeT()
        one.builtinCode, one.deprecatedBuiltinCode, one.version = kind, min(kind, 127), version
        return one

    def flow(self, name: str, shape: tuple[int, ...], scale: Scale) -> int:
        """Add a tensor that is computed; return its number."""
        kind = self.s.TensorType.INT8 if self.whole else self.s.TensorType.FLOAT32
        tensor = self.tensor(name, shape, kind, 0)
        if self.whole:
            tensor.quantization.scale = np.array([scale.scale], np.float32)
            tensor.quantization.zeroPoint = np.array([scale.zero], np.int64)
        return len(self.tensors) - 1

    def constant(
        self,
        name: str,
        values: NDArray[Any],
        scales: NDArray[np.float32] | None = None,
        zeros: NDArray[np.int64] | None = None,
        axis: int = 0,
    ) -> int:
        """Add a tensor that is stored; return its number."""
        types = self.s.TensorType
        kind = {"float32": types.FLOAT32, "int8": types.INT8, "int32": types.INT32}[values.dtype.name]
        buffer = self.s.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.buffers.append(buffer)
        tensor = self.tensor(name, values.shape, kind, len(self.buffers) - 1)
        if scales is not None:
            tensor.quantization.scale, tensor.quantization.zeroPoint = scales, zeros
            tensor.quantization.quantizedDimension = axis
        return len(self.tensors) - 1

    def tensor(self, name: str, shape: tuple[int, ...], kind: int, buffer: int) -> Any:
        one = self.s.TensorT()
        one.name, one.shape, one.type, one.buffer = name, list(shape), kind, buffer
        one.quantization = self.s.QuantizationParametersT()
        self.tensors.append(one)
        return one
