"""Finds gross faults from a robot's first moves: wheels that do not turn, swapped, or backwards.

Each fault is a hypothesis of what the wheels do with their commands. Each hypothesis has its own filter,
which begins with the prior (see `filter`) and gives the probability of the moves. A fault that is nearly sure
is reported. Swapped wires look like a picture that is mirrored or upside down: the target goes to the wrong
side. So they are reported together, with a way to tell them apart.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from robot_agent.health.cures import cure
from robot_agent.health.finding import Finding
from robot_agent.health.turned import TurnedPicture
from robot_agent.identification.filter import FilterBank
from robot_agent.identification.log import Episode, Log
from robot_agent.identification.model import RATIO
from robot_agent.identification.motion import FIRST
from robot_agent.identification.parameters import Array
from robot_agent.identification.wirings import Ends, matrix
from robot_agent.motors.motors import Pulse
from vision.sight import SLICES

REPORTED, KEPT = 0.9, 0.7
"""Probability from which on a fault is reported, and below which a reported fault is withdrawn."""
FEWEST_MOVES = 4
"""Number of moves below which nothing is reported."""
LONG_ENOUGH = 7
"""Moves before which `no-response` is not reported: short moves, or those without a turn, show little."""
TOLD_APART, STANDS = 10, 0.997
"""Moves before which a fault is not reported while it is unsure whether the wheels are swapped as well; and
probability that a robot stands from which on that is reported before this number of moves."""
MOST = 5.0
"""Largest evidence of one move against a hypothesis, nats: a robot may be pushed, a sight may be wrong."""
UNEQUAL = 0.6
"""Largest difference of a sound robot's motors, ln of left / right: one is weak, but not faulty."""
FAULTY = 0.1
"""Prior probability that a robot has any of the faults."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One gross fault, and what the wheels then do with their commands."""

    kind: str
    wires: Array
    seen: str
    means: str
    cure: str
    """What to do; with words of `robot_agent.health.cures.PHRASES` in braces."""


MIRRORED = "if it is upside down, {half_turn}; if it is mirrored, {mirror}"


def _one_backwards(side: str, *, swapped: bool) -> Fault:
    other = "right" if side == "left" else "left"
    exchange = "or exchange the two wires of the motor that turns this wheel; {calibrate}."
    return Fault(
        f"{side}-backwards",
        matrix((swapped, -1 if side == "left" else 1, -1 if side == "right" else 1)),
        f"The {side} wheel turns backwards when it is told to turn forwards"
        + (
            f", and the wheels are swapped; or the picture is mirrored, and it is the {other} wheel."
            if swapped
            else "."
        ),
        "The robot spins where it should drive straight ahead.",
        f"Look at the picture with {{look}}. If it is right, {{swap_and_invert_{side}}}, {exchange} If it is "
        f"not: {MIRRORED}; then {{invert_{other}}}."
        if swapped
        else f"{{invert_{side}}}, {exchange}",
    )


def _one_stands(side: str, *, swapped: bool) -> Fault:
    other = "right" if side == "left" else "left"
    wires = np.diag([float(side != "left"), float(side != "right")])
    also = (
        f" The wheels are swapped too; or the picture is mirrored, and it is the {other} one."
        if swapped
        else ""
    )
    return Fault(
        f"{side}-stands",
        wires[:, ::-1] if swapped else wires,
        f"The {side} wheel does not turn; the other one does.{also}",
        "The robot circles around one wheel whatever it is told.",
        "See that its motor is plugged in and the wheel is not blocked; {test}.",
    )


SOUNDS = 3
SOUND = matrix((False, 1, 1))
FAULTS = (
    Fault(
        "no-response",
        np.zeros((2, 2)),
        "The robot was told to move and what it sees has not changed.",
        "Its wheels turn hardly or not at all; or the camera gives the same picture again and again, or "
        "something that the robot carries is taken for the target.",
        "See whether the wheels turn: {test}. If they do not, see that the motors have power and that "
        "motors.pulse() waits until the pulse is over. If they do, see with {look} that the picture changes "
        "and that only the target is found.",
    ),
    Fault(
        "wheels-swapped",
        matrix((True, 1, 1)),
        "Told to turn left, the robot sees what it would see after a turn to the right.",
        "The wires of the motors are swapped, or the picture is mirrored or upside down.",
        f"Look at the picture with {{look}}. If it is right, {{swap}}; {MIRRORED}.",
    ),
    Fault(
        "both-backwards",
        matrix((False, -1, -1)),
        "The robot goes backwards when it is told to go forwards.",
        "Both motors are connected the wrong way round.",
        "{invert_both}, or exchange the wires of both motors.",
    ),
    Fault(
        "both-backwards-and-swapped",
        matrix((True, -1, -1)),
        "The robot goes backwards when it is told to go forwards, and turns to the right side.",
        "Both motors are connected the wrong way round and to the wrong sides; or the wrong way round alone, "
        "and the picture is mirrored or upside down.",
        f"{{invert_both}}. Then look at the picture with {{look}}. If it is right, {{swap}}; {MIRRORED}.",
    ),
    *(_one_backwards(side, swapped=swapped) for swapped in (False, True) for side in ("left", "right")),
    *(_one_stands(side, swapped=swapped) for swapped in (False, True) for side in ("left", "right")),
    Fault(
        "picture-turned",
        np.full((2, 2), 0.5),
        "The target does not go aside when the robot turns, and its distance changes when it drives.",
        "The picture is turned by a quarter: the slices of it count from top to bottom.",
        "Look at the picture with {look}; {quarter_turn}. What else is wrong is said when it is right.",
    ),
)
"""All gross faults that the first moves can show; faults of the same kind are reported alike.

A mirrored picture, an upside-down picture and swapped wires look alike: they are reported together, with a
way to tell them apart. Two of them at once cancel each other, and nothing is reported. A picture turned by 90
degrees looks the same for both directions of the turn, and when mirrored.
"""
TURNED = SOUNDS + len(FAULTS) - 1
ALIKE, EACH_START, ALL_STARTS = 5.0, 0.5, 1.5
"""ALIKE: in a turned picture the middles of the sights at all starts lie within this number of slices. The
others: the largest evidence of each start, and of all starts together, for such a picture, nats."""
AMID = (7, SLICES - 7)
"""In a turned picture the middle of a target is between these slices."""


def diagnose(episodes: Iterable[Episode], own: str = "") -> Finding | None:
    """Return the gross fault of a robot, if it has one.

    Args:
        episodes: from the robot's first moves, the earliest first; some 10 moves are enough.
        own: MODULE:FACTORY of the user's own robot, which has no settings of a motor board; else empty.

    Returns:
        The fault, or None when the robot is sound as far as can be told.
    """
    doctor = Diagnosis(own)
    Log(list(episodes)).replay(doctor)
    return doctor.finding


def is_coped_with(kind: str) -> bool:
    """Return whether a pilot that uses its robot's estimate can drive with a fault of this kind."""
    return kind.endswith(("swapped", "backwards"))


class Diagnosis:
    """Does the same as `diagnose`, move by move."""

    def __init__(self, own: str = "") -> None:
        """Start without knowledge of the robot; `own` is as for `diagnose`."""
        self.own = own
        wires = [*[SOUND] * SOUNDS, *(fault.wires for fault in FAULTS[:-1])]
        self.bank = FilterBank(wires, slip=0.06, jitter=0.025)
        self.bank.x[1, FIRST + RATIO], self.bank.x[2, FIRST + RATIO] = UNEQUAL, -UNEQUAL
        self.moves = 0
        self._named = ""
        self.turned = TurnedPicture()
        self._starts: list[float] = []
        self._upright = 0.0
        """Evidence of the starts for a turned picture, nats."""
        sound = [math.log(1 - FAULTY), *[math.log(FAULTY)] * (SOUNDS - 1)]
        self.likely = np.array([*sound, *[math.log(FAULTY / len(FAULTS))] * len(FAULTS)])
        """Log-probability of each hypothesis, up to a constant; the first `SOUNDS` are sound robots."""

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""
        self.bank.begin(ends)
        self.turned.begin(ends)
        if ends is not None:
            self._starts.append((ends[0] + ends[1]) / 2)
            alike = np.ptp(self._starts) <= ALIKE and AMID[0] < self._starts[0] < AMID[1]
            count = len(self._starts) - 1
            self._upright = min(count * EACH_START, ALL_STARTS) if alike else -ALL_STARTS

    def observe(self, pulse: Pulse, ends: Ends) -> None:
        """Learn from a move."""
        known = not self.bank.lost
        of_wires = self.bank.move((pulse.left, pulse.right), pulse.seconds, ends)
        likely = np.append(of_wires, known * self.turned.observe(pulse, ends))
        self.likely = self.likely + np.maximum(likely, likely.max() - MOST)
        self.moves += pulse.seconds > 0
        finding = self.finding
        self._named = finding.kind if finding else ""

    @property
    def probabilities(self) -> Array:
        """Probability of each hypothesis: `SOUNDS` sound robots, then each of the `FAULTS`."""
        likely = self.likely.copy()
        likely[TURNED] += self._upright
        weights = np.exp(likely - likely.max())
        shares: Array = weights / weights.sum()
        return shares

    @property
    def hindered(self) -> float:
        """Probability that the robot has a fault with which no pilot can drive."""
        shares = zip(self.probabilities[SOUNDS:], FAULTS, strict=True)
        return float(sum(share for share, fault in shares if not is_coped_with(fault.kind)))

    @property
    def finding(self) -> Finding | None:
        """The fault that is nearly sure; None if there is none."""
        if self.moves < FEWEST_MOVES:
            return None
        probability = self.probabilities
        kinds = [fault.kind for fault in FAULTS]
        best = int(np.argmax(probability[SOUNDS:]))
        sure = float(
            sum(p for p, kind in zip(probability[SOUNDS:], kinds, strict=True) if kind == kinds[best])
        )
        if sure < (KEPT if self._named == kinds[best] else REPORTED):
            return None
        fault = FAULTS[best]
        if fault.kind == "no-response" and self._may_be_turned(sure):
            return None
        if self.moves < TOLD_APART and probability[SOUNDS + best] < REPORTED * sure:
            return None  # its kind is sure, but not yet what else is wrong, which the cure depends on
        remedy = cure(fault.cure, self.own)
        return Finding(fault.kind, f"{fault.seen} ({self.moves} moves)", fault.means, remedy, sure)

    def _may_be_turned(self, sure: float) -> bool:
        """Return whether a robot that seems to stand may only have a turned picture.

        While the robot turns to and fro, that changes as little. `sure`: probability that it stands.
        """
        if self.moves < LONG_ENOUGH:
            return True
        return self._named != "no-response" and self.moves < TOLD_APART and sure < STANDS
