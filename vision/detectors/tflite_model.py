"""A .tflite model that looks at pictures: opening it, feeding it a frame, reading its answers as numbers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.shrink import shrink
from vision.sight import Frame

Values = NDArray[np.float32]

_MISSING = (
    "This detector runs on LiteRT, which is not installed: pip install 'robot-agent[tflite]' "
    "(or ai-edge-litert alone)."
    if sys.maxsize > 2**32
    else "This detector runs on LiteRT, which has no 32-bit packages: use the colour detector."
)


def interpreter() -> Any:
    """Return LiteRT's class Interpreter; RuntimeError, with the cure, when it is not installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise RuntimeError(_MISSING) from error
    return Interpreter


def schema() -> Any:
    """Return the tables of the .tflite format; RuntimeError when LiteRT is not installed."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise RuntimeError(_MISSING) from error
    return schema_py_generated


@contextmanager
def _silent() -> Iterator[None]:
    """Keep LiteRT's C++ from writing to the terminal: what matters is raised."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a service may have no standard error
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@dataclass(frozen=True, slots=True)
class Output:
    """One answer of a model: all names it goes by in the file, and its shape."""

    names: tuple[str, ...]
    shape: tuple[int, ...]
    _index: int
    _scale: float
    _zero: int


class Model:
    """A .tflite file that takes one picture, float or 8 bits, rows or channels first.

    An 8-bit input gets the pixels as they are, unless `input_range` says otherwise: its quantisation
    says which numbers they stand for. Outputs come as real numbers, whatever they are stored as.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        channels: Literal["rgb", "bgr"],
        input_range: tuple[float, float] | None,
        float_range: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Open the file and check its input.

        `channels`: the order it was trained with. `input_range`: what black and white are to it; if
        None, what an 8-bit input spans, or `float_range` for a float one.
        Raises FileNotFoundError for no such file, RuntimeError without LiteRT, ValueError for a file
        that is no whole model or whose input is no picture; each says what to do.
        """
        self.path = Path(path).expanduser()
        name = self.path.name
        make = interpreter()
        if not self.path.is_file():
            raise FileNotFoundError(f"There is no model {str(path)!r}: check the path, or leave it out.")
        data = self.path.read_bytes()
        if data[4:8] != b"TFL3":
            raise ValueError(
                f"{name} is not a TF-Lite model: give a file that ends in .tflite, not its labels or weights."
            )
        try:
            with _silent():
                self._interpreter = make(model_content=data, num_threads=1)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ValueError(
                f"{name} cannot be loaded ({why}): it is cut short or needs another runtime; copy it again."
            ) from error
        inputs = self._interpreter.get_input_details()
        if len(inputs) != 1:
            raise ValueError(f"{name} takes {len(inputs)} inputs; a detector's model takes one picture.")
        self._input = inputs[0]
        shape = tuple(int(n) for n in self._input["shape"])
        self.rows, self.columns, self._channels_first = self._layout(shape)
        self.type = np.dtype(self._input["dtype"])
        if self.type not in (np.dtype(np.float32), np.dtype(np.uint8), np.dtype(np.int8)):
            raise ValueError(
                f"{name} takes {self.type} numbers; convert it with a float32, uint8 or int8 input."
            )
        self._rgb = channels == "rgb"
        self._table = self._pixel_table(input_range, float_range)
        self._low, self._span = (
            (input_range or float_range)[0],
            np.subtract(*(input_range or float_range)[::-1]) / 255,
        )
        self.outputs = self._describe_outputs()

    def _layout(self, shape: tuple[int, ...]) -> tuple[int, int, bool]:
        if len(shape) == 4 and shape[0] == 1 and min(shape) > 0:
            if shape[3] == 3 and min(shape[1:3]) > 1:
                return shape[1], shape[2], False
            if shape[1] == 3 and min(shape[2:]) > 1:
                return shape[2], shape[3], True
        raise ValueError(
            f"{self.path.name} takes an input of shape {shape}; a detector's model takes one picture in "
            "colour, (1, rows, columns, 3) or (1, 3, rows, columns), of a fixed size."
        )

    def _pixel_table(
        self, wanted: tuple[float, float] | None, float_range: tuple[float, float]
    ) -> NDArray[np.uint8] | None:
        """Return what an 8-bit input stores for each of 256 pixel values; None when it is the same."""
        if self.type == np.float32 or wanted is None:
            return None
        scale, zero = self._input["quantization"]
        if not scale:
            return None
        real = np.linspace(*wanted, 256)
        kind = np.iinfo(self.type)
        stored = np.clip(np.round(real / scale + zero), kind.min, kind.max)
        return np.asarray(stored.astype(self.type).view(np.uint8))

    def _describe_outputs(self) -> list[Output]:
        names: dict[int, list[str]] = {}
        for key in self._interpreter.get_signature_list():
            runner = self._interpreter.get_signature_runner(key)
            for name, details in runner.get_output_details().items():
                names.setdefault(int(details["index"]), []).append(name)
        found = []
        for details in self._interpreter.get_output_details():
            index, (scale, zero) = int(details["index"]), details["quantization"]
            found.append(
                Output(
                    (str(details["name"]), *names.get(index, ())),
                    tuple(int(n) for n in details["shape"]),
                    index,
                    float(scale),
                    int(zero),
                )
            )
        return found

    def run(self, frame: Frame) -> list[Values]:
        """Return what the model answers to a frame, in the order of `outputs`, each in its own shape."""
        picture = frame
        if frame.shape[:2] != (self.rows, self.columns):
            picture = shrink(frame, self.columns, self.rows)
        if self._rgb:
            picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        self._interpreter.set_tensor(self._input["index"], self._stored(picture))
        self._interpreter.invoke()
        return [self._read(output) for output in self.outputs]

    def _stored(self, picture: Frame) -> NDArray[Any]:
        if self.type == np.float32:
            stored: NDArray[Any] = picture.astype(np.float32)
            stored *= np.float32(self._span)
            stored += np.float32(self._low)
        elif self._table is not None:
            stored = np.asarray(cv2.LUT(picture, self._table)).view(self.type)
        elif self.type == np.int8:
            stored = (picture ^ np.uint8(0x80)).view(np.int8)
        else:
            stored = picture
        if self._channels_first:
            stored = np.ascontiguousarray(stored.transpose(2, 0, 1))
        return stored[None]

    def _read(self, output: Output) -> Values:
        values = self._interpreter.get_tensor(output._index)
        if output._scale:
            return np.asarray((values.astype(np.float32) - output._zero) * np.float32(output._scale))
        return np.asarray(values, np.float32)
