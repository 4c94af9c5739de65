"""A .tflite model with a picture as input: opening it, running it on a frame, and reading its outputs."""

from __future__ import annotations

import os
import re
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
    """Return LiteRT's class Interpreter; raise RuntimeError, with the cure, if LiteRT is not installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise RuntimeError(_MISSING) from error
    return Interpreter


def schema() -> Any:
    """Return the tables of the .tflite format; raise RuntimeError if LiteRT is not installed."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise RuntimeError(_MISSING) from error
    return schema_py_generated


@contextmanager
def _silent() -> Iterator[None]:
    """Keep LiteRT's C++ code from writing to the terminal: our own errors say what matters."""
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


SIZE_CURE = "set vision.objects.size to the size that it was trained with, mostly a multiple of 32"
"""What to do about a model of any size that works with some sizes only."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model: all its names in the file, and its shape."""

    names: tuple[str, ...]
    shape: tuple[int, ...]
    _index: int
    _scale: float
    _zero: int


def _cannot_load(name: str, error: str) -> str:
    """Return the error sentence for a file that LiteRT refuses, with the cure for frequent cases."""
    if "edgetpu" in error:
        return (
            f"{name} is compiled for the Edge TPU, which LiteRT does not drive: take the file of the same "
            "model without _edgetpu in its name."
        )
    if "Flex" in error or "Select TensorFlow op" in error:
        return (
            f"{name} needs TensorFlow's own operators (Select TF ops, or Flex), which LiteRT does not have: "
            "convert the model with TFLITE_BUILTINS only."
        )
    custom = re.search(r"unresolved custom op: ([^\s.]+)", error)
    if custom:
        return f"{name} needs the operator {custom[1]}, which LiteRT lacks: convert the model without it."
    why = error.strip().splitlines()[0] if error.strip() else "no reason given"
    return f"{name} cannot be loaded ({why}): it is cut short or needs another runtime; copy it again."


def _what_instead(data: bytes) -> str:
    """Return the end of the error sentence for a file that is no TF-Lite model, by its first bytes."""
    start = data[:64].lstrip()
    if not data:
        return ", it is empty: copy it again."
    if start.startswith(b"version https://git-lfs"):
        return " but the pointer to one: fetch the file itself (git lfs pull, or the download button)."
    if start.startswith(b"<"):
        return " but a web page: download the file itself, with the page's download button."
    if start.startswith((b"PK", b"\x80\x02", b"\x08", b"\x89HDF", b"\x1f\x8b")):
        return " but an archive or another program's model: unpack it, or export it again as .tflite."
    return ": give a file that ends in .tflite, not its labels or weights."


_OTHER_FORMATS = (".pt", ".pth", ".onnx", ".h5", ".keras", ".pb", ".engine", ".mlmodel", ".bin", ".param")
"""File name endings of other programs' models."""


class Model:
    """A .tflite file that takes one picture, float or 8 bits, rows or channels first.

    An 8-bit input gets the pixels unchanged, unless `input_range` says otherwise: its quantisation gives
    their meaning. Outputs are returned as real numbers, for any number format.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        channels: Literal["rgb", "bgr"],
        input_range: tuple[float, float] | None,
        size: int = 0,
    ) -> None:
        """Open the file and check its input.

        `channels`: the order of colours in the training. `input_range`: the numbers for black and white; if
        None, the whole range of an 8-bit input, and 0 to 1 for a float one, see `set_float_range`. `size`:
        rows and columns of the input if the model takes any size; with 0, such a model is refused.
        Raises FileNotFoundError for a missing file, RuntimeError without LiteRT, ValueError for a file
        that is no whole model or whose input is no picture; each says what to do.
        """
        self.path = Path(path).expanduser()
        name = self.path.name
        make = interpreter()
        if not self.path.is_file():
            raise FileNotFoundError(f"There is no model {str(path)!r}: check the path, or leave it out.")
        data = self.path.read_bytes()
        if data[4:8] != b"TFL3":
            if self.path.suffix.lower() in _OTHER_FORMATS:
                raise ValueError(
                    f"{name} is not a TF-Lite model but of another format: convert it to .tflite first, "
                    "as the program that made it describes under export (Ultralytics: format=tflite)."
                )
            raise ValueError(f"{name} is not a TF-Lite model{_what_instead(data)}")
        self.any_size = False
        try:
            with _silent():
                self._interpreter = make(model_content=data, num_threads=1)
                dynamic = self.any_size = self._fix_size(size)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            if self.any_size:
                raise ValueError(f"{name} does not take pictures of {size} pixels: {SIZE_CURE}.") from error
            raise ValueError(_cannot_load(name, str(error))) from error
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
        self._grey = shape[1 if self._channels_first else 3] == 1
        self._table = self._pixel_table(input_range)
        self._given_range = input_range
        self._low, self._span = 0.0, 1.0 / 255.0
        self.set_float_range(input_range or (0.0, 1.0))
        if dynamic:  # the outputs' shapes are known only after a picture
            self._invoke(np.zeros((self.rows, self.columns, 3), np.uint8))
        self.outputs = self._describe_outputs(dynamic)

    def set_float_range(self, usual: tuple[float, float]) -> None:
        """Set the numbers for black and white of a float input, unless `input_range` was given."""
        black, white = self._given_range or usual
        self._low, self._span = black, (white - black) / 255.0

    def _fix_size(self, size: int) -> bool:
        """Give an input whose size is open a fixed one; return whether it was open."""
        inputs = self._interpreter.get_input_details()
        signature = [int(n) for n in inputs[0].get("shape_signature", ())] if inputs else []
        if not size or len(inputs) != 1 or len(signature) != 4 or -1 not in signature:
            return False
        shape = [int(n) for n in inputs[0]["shape"]]
        sides = (2, 3) if signature[1] in (1, 3) else (1, 2)
        fixed = [
            1 if i == 0 else size if i in sides and n == -1 else s
            for i, (n, s) in enumerate(zip(signature, shape, strict=True))
        ]
        self._interpreter.resize_tensor_input(inputs[0]["index"], fixed)
        return True

    def _layout(self, shape: tuple[int, ...]) -> tuple[int, int, bool]:
        if len(shape) == 4 and shape[0] == 1 and min(shape) > 0:
            if shape[3] in (1, 3) and min(shape[1:3]) > 1:
                return shape[1], shape[2], False
            if shape[1] in (1, 3) and min(shape[2:]) > 4:
                return shape[2], shape[3], True
        raise ValueError(
            f"{self.path.name} takes an input of shape {shape}; a detector's model takes one picture, "
            "(1, rows, columns, 3) or (1, 3, rows, columns), or with 1 for grey, of a fixed size."
        )

    def _pixel_table(self, wanted: tuple[float, float] | None) -> NDArray[np.uint8] | None:
        """Return what an 8-bit input stores for each pixel value, shape (256,); None if it is the same."""
        if self.type == np.float32 or wanted is None:
            return None
        scale, zero = self._input["quantization"]
        if not scale:
            return None
        real = np.linspace(*wanted, 256)
        kind = np.iinfo(self.type)
        stored = np.clip(np.round(real / scale + zero), kind.min, kind.max)
        return np.asarray(stored.astype(self.type).view(np.uint8))

    def _describe_outputs(self, dynamic: bool) -> list[Output]:
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
                    tuple(self._interpreter.get_tensor(index).shape)
                    if dynamic
                    else tuple(int(n) for n in details["shape"]),
                    index,
                    float(scale),
                    int(zero),
                )
            )
        return found

    def run(self, frame: Frame) -> list[Values]:
        """Run the model on a frame; return its outputs in the order of `outputs`, each in its own shape."""
        picture = frame
        if frame.shape[:2] != (self.rows, self.columns):
            picture = shrink(frame, self.columns, self.rows)
        self._invoke(picture)
        return [self._read(output) for output in self.outputs]

    def _invoke(self, picture: Frame) -> None:
        if self._grey:
            picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)[..., None]
        elif self._rgb:
            picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        self._interpreter.set_tensor(self._input["index"], self._stored(picture))
        self._interpreter.invoke()

    def _stored(self, picture: Frame) -> NDArray[Any]:
        if self.type == np.float32:
            stored: NDArray[Any] = picture.astype(np.float32)
            stored *= np.float32(self._span)
            stored += np.float32(self._low)
        elif self._table is not None:
            stored = np.asarray(cv2.LUT(picture, self._table)).reshape(picture.shape).view(self.type)
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
