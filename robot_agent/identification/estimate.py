"""`Estimate`: what is known of a robot, in numbers and in words."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from robot_agent.identification.parameters import (
    DEVIATION,
    FULL_SPEED,
    HIGH,
    INDEX,
    LOW,
    NAMES,
    WHEEL_BASE,
    Array,
)

VERSION = 1
"""Version of the parameters' meaning; an estimate of another version is refused."""

LABELS = {
    "speed": "Full speed",
    "ratio": "Difference of the wheels",
    "dead_band": "Dead band",
    "dead_time": "Delay of the wheels",
    "wheel_base": "Wheel base",
    "yaw": "Direction of the camera",
    "ahead": "Camera in front of the axle",
    "lens": "Field of view",
    "jitter": "Exactness of the pulses",
    "slip": "Slip of the wheels",
}
"""The name of each parameter for people."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a robot: mean and standard deviation of each parameter, in the order of `NAMES`."""

    mean: Array
    deviation: Array
    wiring: tuple[bool, int, int]
    """Whether the wires are swapped, and which way the left and the right wheel turn, 1 or -1."""
    moves: int
    """Number of moves from which this is known."""
    more: tuple[str, ...] = ()
    """What else its owner should know, sentences."""

    def __getitem__(self, name: str) -> float:
        """Return the mean of one parameter."""
        return float(self.mean[INDEX[name]])

    def sd(self, name: str) -> float:
        """Return the standard deviation of one parameter."""
        return float(self.deviation[INDEX[name]])

    def known(self, name: str) -> bool:
        """Return whether the moves have made a parameter much surer: below 0.6 of the prior's deviation."""
        return self.sd(name) < 0.6 * float(DEVIATION[INDEX[name]])

    def at_border(self) -> list[str]:
        """Return the names of the parameters at a border of their range: the robot is beyond the model."""
        margin = 0.02 * (HIGH - LOW)
        beyond = (self.mean > HIGH - margin) | ((self.mean < LOW + margin) & (LOW < 0))
        return [name for name, out in zip(NAMES, beyond, strict=True) if out]

    def words(self, *, only_known: bool = False) -> list[str]:
        """Return what is known, one sentence for each parameter.

        A parameter that is not known gets the sentence "not known yet", or none with `only_known`.
        """
        names = [name for name in NAMES[:8] if self.known(name) or not only_known]
        said = [*self._wiring_words(), *(_words(name, self) for name in names)]
        if outside := self.at_border():
            beyond = ", ".join(LABELS[name].lower() for name in outside)
            unsaid = [name for name in outside if name in NAMES[:8] and not self.known(name)]
            nearest = " ".join(_words(name, self, known=True) for name in unsaid)
            said.append(
                f"This robot is beyond what the model expects ({beyond}); it is driven as the nearest one. "
                f"{nearest}".strip()
            )
        return [*said, *self.more]

    def _wiring_words(self) -> list[str]:
        swapped, left, right = self.wiring
        said = ["The wires of the two motors are swapped."] if swapped else []
        said += [
            f"The {side} wheel turns backwards." for side, s in (("left", left), ("right", right)) if s < 0
        ]
        return said

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as JSON values."""
        return {
            "version": VERSION,
            "moves": self.moves,
            "wiring": list(self.wiring),
            "more": list(self.more),
            "parameters": {
                name: {"mean": float(m), "deviation": float(d)}
                for name, m, d in zip(NAMES, self.mean, self.deviation, strict=True)
            },
        }

    @staticmethod
    def from_json(value: dict[str, Any]) -> "Estimate":
        """Read the JSON values of `to_json`.

        Raises:
            ValueError: the estimate has another version, is incomplete, or has numbers that are not finite.
        """
        if value.get("version") != VERSION:
            raise ValueError("The estimate is of another version of this program; let the robot drive anew.")
        try:
            pairs = [value["parameters"][name] for name in NAMES]
            mean = np.array([pair["mean"] for pair in pairs], np.float64)
            deviation = np.array([pair["deviation"] for pair in pairs], np.float64)
            swapped, left, right = value["wiring"]
            moves, more = int(value["moves"]), tuple(str(said) for said in value.get("more", ()))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("The estimate is incomplete; let the robot drive anew.") from error
        if not (np.isfinite(mean).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
            raise ValueError("The estimate holds numbers that are not finite; let the robot drive anew.")
        if {left, right} - {1, -1}:
            raise ValueError("The estimate has a wiring that there is not; let the robot drive anew.")
        return Estimate(mean, deviation, (bool(swapped), int(left), int(right)), moves, more)


def _words(name: str, estimate: Estimate, *, known: bool = False) -> str:
    """Return a sentence on one parameter, with one standard deviation as its uncertainty."""
    value, sd = estimate[name], estimate.sd(name)
    if not (known or estimate.known(name)):
        return f"{LABELS[name]}: not known yet."
    match name:
        case "speed":
            full = FULL_SPEED * math.exp(value)
            return f"Full speed: {full:.2f} ± {full * sd:.2f} m/s."
        case "ratio":
            weak = "left" if value < 0 else "right"
            share = math.exp(-abs(value))
            return f"The {weak} wheel is {1 - share:.0%} ± {share * sd:.0%} weaker."
        case "dead_band":
            return f"Dead band: below {value:.0%} ± {sd:.0%} of full power a wheel stands."
        case "dead_time":
            what = "The wheels start late by" if value >= 0 else "The wheels coast for"
            return f"{what} {abs(value):.2f} ± {sd:.2f} s."
        case "wheel_base":
            base = 100 * WHEEL_BASE * math.exp(value)
            return f"Wheel base: {base:.1f} ± {base * sd:.1f} cm."
        case "yaw":
            side = "right" if value > 0 else "left"
            off, sure = math.degrees(abs(value)), math.degrees(sd)
            return f"The camera looks {off:.1f} ± {sure:.1f} degrees to the {side}."
        case "ahead":
            return f"The camera is {100 * value:.0f} ± {100 * sd:.0f} cm in front of the axle."
        case _:
            view = 2 * math.degrees(math.atan(math.tan(math.radians(31.1)) * math.exp(value)))
            sure = math.degrees(math.sin(math.radians(view))) * sd
            return f"Field of view: {view:.0f} ± {sure:.0f} degrees."
