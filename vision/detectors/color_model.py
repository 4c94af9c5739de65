"""What a colour detector has learned of a thing: how likely each colour is the thing's, and how it looks.

The table is a log-likelihood ratio, ln p(colour | thing) / p(colour | everything else), over 32 x 32 x 32
bins of blue, green and red (Jones & Rehg 2002, "Statistical color models with application to skin
detection"). Channels are companded with a square root first, so that dark colours have bins of their own.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

BINS = 32
STEP = 256 // BINS
NEUTRAL, SCALE = 128.0, 14.0
"""A likeness is a byte: 128 where thing and background are equally likely, and 14 more for each nat."""

COMPAND: NDArray[np.uint8] = np.clip(255 * np.sqrt(np.arange(256) / 255.0), 0, 255).astype(np.uint8)
"""A channel's byte as the table's: the square root gives dark colours bins of their own."""

GENERAL = Path(__file__).resolve().parents[1] / "models" / "background_colors.npz"
"""What photographs in general are coloured like; `vision.training.background_colors` makes it."""

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Look:
    """How the thing itself looks to the detector, in the picture that it was learned from.

    `mean`: its mean likeness; `contrast`: how far that is above what is around it; `fill`: its share of
    its box; `tallness`: height / width of the box; `whole`: the box is not cut by the picture's edge;
    `parts`: more than 1 for a thing that stripes leave in parts.
    """

    mean: float
    contrast: float
    fill: float
    tallness: float
    whole: bool
    parts: int = 1

    def settings(self) -> list[float]:
        """Return the six as numbers, in their order."""
        numbers = (self.mean, self.contrast, self.fill, self.tallness, self.whole, self.parts)
        return [float(number) for number in numbers]

    @classmethod
    def from_settings(cls, stored: Any) -> Look:
        """Make a look of what `settings` returned; ValueError for numbers that no thing has."""
        mean, contrast, fill, tallness, whole, parts = _numbers([*stored, 1][:6], 6)
        if not (contrast > 0 and fill > 0 and tallness > 0):
            raise ValueError(f"{stored!r} is not how a thing looks")
        return cls(mean, contrast, fill, tallness, bool(whole), int(parts))


@dataclass(frozen=True, eq=False, slots=True)
class ColorModel:
    """Everything that finds a thing by its colour again.

    `table`, `wide`: likeness of each colour, bytes (32, 32, 32), in the light of the click and in any
    other light. `levels`: three likenesses, rising, at which pieces are looked for; `look`: the thing's own;
    `wide_levels`, `wide_look`: the same for the table of any other light, in which a piece must have a logit
    of at least `wide_least`. `light`: blue, green and
    red of the light in the picture of the click, see `light_of`. `hue_degrees`, `saturation`, `value`:
    the range that the thing's colours are in, for people. `doubt`: why it may not hold in other pictures, as
    its own picture says, and the cure; it is not kept.
    """

    table: NDArray[np.uint8]
    wide: NDArray[np.uint8]
    levels: tuple[float, float, float]
    look: Look
    wide_levels: tuple[float, float, float]
    wide_look: Look
    wide_least: float
    light: tuple[float, float, float]
    hue_degrees: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]
    doubt: str = ""

    def settings(self) -> dict[str, Any]:
        """Return it as plain numbers and text: a section of robot.toml, or a small file of JSON."""
        return {
            "format": _FORMAT,
            "levels": list(self.levels),
            "look": self.look.settings(),
            "wide_levels": list(self.wide_levels),
            "wide_look": self.wide_look.settings(),
            "wide_least": self.wide_least,
            "light": list(self.light),
            "hue_degrees": list(self.hue_degrees),
            "saturation": list(self.saturation),
            "value": list(self.value),
            "table": _to_text(self.table),
            "wide": _to_text(self.wide),
        }

    @classmethod
    def from_settings(cls, stored: Mapping[str, Any]) -> ColorModel:
        """Make a model of what `settings` returned. Raises ValueError, with the cure, for anything else."""
        cure = "Learn the colour again from a click."
        if stored.get("format") != _FORMAT:
            raise ValueError(
                f"The learned colour has the format {stored.get('format')!r}, not {_FORMAT}. {cure}"
            )
        try:
            return cls(
                _from_text(stored["table"]),
                _from_text(stored["wide"]),
                _numbers(stored["levels"], 3),
                Look.from_settings(stored["look"]),
                _numbers(stored["wide_levels"], 3),
                Look.from_settings(stored["wide_look"]),
                float(stored["wide_least"]),
                _numbers(stored["light"], 3),
                _numbers(stored["hue_degrees"], 2),
                _numbers(stored["saturation"], 2),
                _numbers(stored["value"], 2),
            )
        except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
            raise ValueError(f"The learned colour is damaged ({error}). {cure}") from error

    def save(self, file: Path | str) -> None:
        """Write it to a file of JSON, some ten kilobytes."""
        Path(file).write_text(json.dumps(self.settings(), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, file: Path | str) -> ColorModel:
        """Read what `save` wrote. Raises FileNotFoundError or ValueError, with the cure."""
        path = Path(file)
        if not path.is_file():
            raise FileNotFoundError(
                f"There is no learned colour {str(path)!r}: check the path, or learn one from a click."
            )
        try:
            stored = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError as error:
            raise ValueError(
                f"{path.name} holds no learned colour, since it is not JSON: give a file that "
                "`robot-agent target train` wrote."
            ) from error
        if not isinstance(stored, dict):
            raise ValueError(f"{path.name} holds no learned colour: it is not an object of JSON.")
        return cls.from_settings(stored)


def density(pixels: Floats) -> Floats:
    """Return how dense colours (n, 3), 0 to 255, lie in each bin of the table; sums to 1, smoothed."""
    own = COMPAND[np.clip(pixels, 0, 255).astype(np.intp)].astype(np.intp) // STEP
    flat = (own[:, 0] * BINS + own[:, 1]) * BINS + own[:, 2]
    cube = np.bincount(flat, minlength=BINS**3).reshape(BINS, BINS, BINS).astype(np.float64)
    for axis in range(3):
        padding = [(2, 2) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(cube, padding, mode="edge")
        weights = (0.06, 0.24, 0.4, 0.24, 0.06)
        shifted = (w * np.take(padded, range(i, i + BINS), axis=axis) for i, w in enumerate(weights))
        cube = sum(shifted, start=np.zeros_like(cube))
    return np.asarray(cube / max(float(cube.sum()), 1e-12))


@lru_cache(maxsize=1)
def general_density() -> Floats:
    """Return the density of colours in photographs in general, (32, 32, 32); see the training package."""
    with np.load(GENERAL) as stored:
        log = stored["log_density"].astype(np.float64) * float(stored["step"])
    cube = np.exp(-log)
    return np.asarray(cube / cube.sum())


def ratio_table(thing: Floats, background: Floats) -> NDArray[np.uint8]:
    """Return the log-likelihood ratio of two densities as bytes, see SCALE."""
    log = np.log((thing + 1e-9) / (background + 1e-9))
    # In steps of four, a quarter of a nat: what is kept in a file is what was learned.
    cells = np.clip(np.round(NEUTRAL + SCALE * log), 0, 255).astype(np.uint8)
    return np.asarray(cells & np.uint8(0xFC) | np.uint8(2), np.uint8)


def _to_text(table: NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress((table >> 2).tobytes(), 9)).decode("ascii")


def _from_text(text: str) -> NDArray[np.uint8]:
    packed = base64.b64decode(text, validate=True)
    # A bound: a damaged or made-up file may not fill the memory.
    raw = zlib.decompressobj().decompress(packed, BINS**3 + 1)
    if len(raw) != BINS**3:
        raise ValueError(f"a table has {BINS**3} bytes, not {len(raw)}")
    cells = np.frombuffer(raw, np.uint8).reshape(BINS, BINS, BINS)
    return np.asarray(cells << 2 | 2, np.uint8)


def _numbers(values: Any, count: int) -> Any:
    numbers = tuple(float(value) for value in values)
    if len(numbers) != count or not all(np.isfinite(numbers)):
        raise ValueError(f"{count} numbers are needed, not {values!r}")
    return numbers
