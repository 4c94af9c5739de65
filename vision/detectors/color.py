"""Finding the target by its colour: one learned from a click, or ranges of hue chosen by hand.

It costs a fraction of a millisecond, so it suits the smallest board. What is learned from a click is more
than a hue: which colours are the thing's rather than the room's, and how the thing stands out and is
shaped; see `color_learning`, `color_pieces` and `color_finding`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_finding import Found, look_for, may_show, smallness
from vision.detectors.color_learning import MOST, learn
from vision.detectors.color_light import brighter, light_gains, light_of, reduce
from vision.detectors.color_model import COMPAND, ColorModel
from vision.detectors.color_pieces import likeness, packed, table_of
from vision.detectors.color_ranges import ColorRanges
from vision.sight import Frame, Sight, check_frame

# Nothing that is plausible by more than this logit is looked for in other light.
_SURE = 1.0
# The natural logarithm of a channel's change from which the light counts as another.
_OTHER_LIGHT = 0.12
# What is found in the light of the click alone has to be plausible by more than what is found at once.
_LEAST_MATCHED = 0.7


class ColorDetector:
    """Find the thing of one colour; without anything learned, the largest of a saturated red."""

    def __init__(
        self,
        hue_degrees: Sequence[float] = (345.0, 15.0),
        saturation: Sequence[float] = (0.55, 1.0),
        value: Sequence[float] = (0.1, 1.0),
        min_area: float = 0.001,
        min_fill: float = 0.3,
        tallness: Sequence[float] = (0.3, 8.0),
        join: float = 0.3,
        working_width: int = 160,
        learned: Mapping[str, Any] | Path | str | None = None,
    ) -> None:
        """Set the colour and what counts as a target. Raises ValueError for a range amiss.

        `hue_degrees`: first and last hue of the colour wheel, 0..360; a first greater than the
        last goes round through red. `saturation`, `value`: lowest and highest, in [0, 1].
        `min_area`: smallest target, as a share of the frame. `min_fill`: the share of its
        box that a target fills at least (a disc 0.79, a cone 0.5, a cable 0.1). `tallness`:
        lowest and highest height / width; lower things are strips of floor or wall. `join`:
        the widest gap within one target, as a share of its extent, that a stripe or a thin
        thing in front may leave; 0 joins nothing. `working_width`: frames are halved to at least
        this many columns; 160 is four a slice. `learned`: what `learn` learned, as `settings()["learned"]`
        or a file that `ColorModel.save` wrote; with it the ranges are not used.
        """
        own = ColorRanges(hue_degrees, saturation, value, min_area, min_fill, tallness, join, working_width)
        self.ranges = own
        self.hue_degrees, self.saturation, self.value = own.hue_degrees, own.saturation, own.value
        self.min_area, self.min_fill, self.tallness = own.min_area, own.min_fill, own.tallness
        self.join, self.working_width = own.join, own.working_width
        self.model: ColorModel | None = None
        if isinstance(learned, Mapping):
            self._use(ColorModel.from_settings(learned))
        elif learned is not None:
            self._use(ColorModel.load(learned))

    def _use(self, model: ColorModel) -> None:
        self.model = model
        self._table, self._wide = table_of(model.table), table_of(model.wide)

    @classmethod
    def learn(
        cls,
        frame: Frame,
        at: Sequence[float] | None = None,
        rectangle: Sequence[float] | None = None,
        **options: Any,
    ) -> ColorDetector:
        """Learn the colour from one picture, at one point `(x, y)` or in `(x1, y1, x2, y2)`.

        Pixels, both ends inclusive. `options` are those of the class other than the colour.
        Raises ValueError when not exactly one place is given, when it is outside of the picture, when it
        is too grey, white or black to have a colour, and when it is the background's. `doubt` then says
        whether it may not hold.
        """
        model = learn(frame, at, rectangle, int(options.get("working_width", 160)))
        detector = cls(model.hue_degrees, model.saturation, model.value, **options)
        detector._use(model)
        return detector

    def settings(self) -> dict[str, Any]:
        """Return the options that make this detector again: `open_detector("color", **it)`."""
        settings: dict[str, Any] = {
            "hue_degrees": list(self.hue_degrees),
            "saturation": list(self.saturation),
            "value": list(self.value),
            "min_area": self.min_area,
            "min_fill": self.min_fill,
            "tallness": list(self.tallness),
            "join": self.join,
            "working_width": self.working_width,
        }
        if self.model is not None:
            settings["learned"] = self.model.settings()
        return settings

    @property
    def doubt(self) -> str:
        """Why what was just learned may not hold in other pictures, and the cure; "" if nothing says so."""
        return "" if self.model is None else self.model.doubt

    def detect(self, frame: Frame) -> Sight | None:
        """Return the sight of the most plausible piece of the colour, or None.

        The confidence is how plausible it is times its share of all that is plausible (0.5: another thing
        is as large). Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        check_frame(frame)
        if self.model is None:
            seen = self.ranges.find(frame)
            return None if seen is None else Sight.from_columns(seen[0], seen[1], frame.shape[1], seen[2])
        return self._find(frame, self.model)

    def _find(self, frame: Frame, model: ColorModel) -> Sight | None:
        work, scale = reduce(frame, self.working_width)
        colors = packed(work)
        best = look_for(colors, self._table, model.levels, model.look)
        if best is None or best.logit < _SURE:
            best = self._look_again(work, colors, model, best)
        if best is None:
            return None
        width = frame.shape[1]
        first = min(best.left * scale, width - 1.0)
        last = max(first, min(best.right * scale, float(width)) - 1e-3)
        confidence = best.share / (1 + math.exp(-best.logit))
        return Sight.from_columns(first, last, width, confidence)

    def _look_again(
        self, work: Frame, colors: NDArray[np.uint16], model: ColorModel, best: Found | None
    ) -> Found | None:
        """Look in the light of the click, and for any other light; what a first look saw is given.

        Most pictures without the thing have no pixel that could be it: a quarter of them tells, at once.
        """
        height, width = work.shape[:2]
        half = (width // 2, max(1, height // 2))
        sample = np.asarray(cv2.resize(work, half, interpolation=cv2.INTER_NEAREST), np.uint8)
        gains = light_gains(model.light, light_of(sample))
        other_light = max(abs(math.log(gain)) for gain in gains) > _OTHER_LIGHT
        if best is not None and best.logit < smallness(best.piece, width, height):
            best = None
        if best is not None and not other_light:
            return best
        if other_light:
            channels = COMPAND[brighter(gains)]
            few = packed(sample, channels)
        else:
            few = np.asarray(cv2.resize(colors, half, interpolation=cv2.INTER_NEAREST), np.uint16)
        narrow = other_light and may_show(few, self._table, model.look, _LEAST_MATCHED)
        wide = best is None and may_show(few, self._wide, model.wide_look, model.wide_least)
        if other_light and (narrow or wide):
            colors = packed(work, channels)
        if narrow:
            other = look_for(colors, self._table, model.levels, model.look, _LEAST_MATCHED, near=False)
            if other is not None and (best is None or other.logit > best.logit):
                best = other
        if best is None and wide:
            best = look_for(
                colors, self._wide, model.wide_levels, model.wide_look, model.wide_least, strict=True
            )
        return best

    def hint(self, frame: Frame) -> str | None:
        """Return that the learned colour covers too much of a frame, and the cure; None where it does not.

        `vision.hints` tells what is amiss with a picture for any colour.
        """
        check_frame(frame)
        if self.model is None:
            return None
        work, _ = reduce(frame, self.working_width)
        share = float((likeness(work, self._table) > 150).mean())
        if share <= MOST:
            return None
        return (
            f"The learned colour covers {share:.0%} of the picture, as a background does: unless the target "
            "is that near, learn the colour again from a click on the target."
        )
