"""Looks for a gross fault while a robot drives: in its first 40 moves, and when an episode goes wrong."""

from robot_agent.health.diagnosis import Diagnosis, is_coped_with
from robot_agent.health.finding import Finding
from robot_agent.identification.wirings import Ends
from robot_agent.motors.motors import Pulse

LOOKS = (5, 7, 10, 14, 20, 30, 40)
"""Numbers of moves after which the robot is examined; then the count begins anew."""
LATER_FEWEST, LATER_SURE = 14, 0.99
"""After the first count: number of moves before which nothing is reported, and least probability. A robot
that has obeyed before will most probably obey still."""
MENDED = 0.001
"""Probability of all faults that hinder below which one that was found counts as mended."""


def hinders(fault: Finding | None) -> bool:
    """Return whether this is a fault with which no pilot can drive; a fit to such moves means nothing."""
    return fault is not None and not is_coped_with(fault.kind)


TROUBLE = 10
"""Number of moves of an episode after which it counts as trouble, as one does that loses the target."""


class FirstMoves:
    """What a robot's moves show of gross faults; a fault that is mended in the meantime is withdrawn.

    The first moves are all examined, later ones when an episode has gone wrong: to examine a move takes as
    long as to learn from it.
    """

    def __init__(self, own: str = "") -> None:
        """Begin with a robot that counts as sound; `own` is as for `diagnose`."""
        self.own = own
        self.moves = 0
        """Number of moves since the count began."""
        self.fault: Finding | None = None
        """The fault that the robot has now, as far as can be told."""
        self._doctor: Diagnosis | None = Diagnosis(own)
        self._later, self._episode = False, 0

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""
        self._episode = 0
        if self._doctor is not None:
            self._doctor.begin(ends)

    def observe(self, pulse: Pulse, ends: Ends) -> bool:
        """Learn from a move; return whether the kind of `fault` has changed: found, another one, or gone."""
        self._episode += 1
        if self._doctor is None:
            if ends is None or self._episode >= TROUBLE:
                self._doctor = Diagnosis(self.own)
                self._doctor.begin(ends)
            return False
        self._doctor.observe(pulse, ends)
        self.moves += 1
        if self.moves not in LOOKS:
            return False
        before, found = self.fault, self._doctor.finding
        mended = hinders(before) and found is None and self._doctor.hindered < MENDED
        last = self.moves == LOOKS[-1]
        if self._later and not mended and not self._counts(found):
            if not last:
                return False  # it has not seen enough yet
            found = None  # of another wiring, the estimate tells
        self.fault = found
        if last or mended or (hinders(found) and self.moves >= LATER_FEWEST):
            self.moves, self._later, self._doctor = 0, True, None
            if found is not None:  # its owner may mend it any moment: only moves from now on count
                self._doctor = Diagnosis(self.own)
                self._doctor.begin(ends)
        return (found and found.kind) != (before and before.kind)

    def _counts(self, found: Finding | None) -> bool:
        """Return whether a finding of later moves is to be reported."""
        if found is None or not hinders(found) or self.moves < LATER_FEWEST:
            return False
        known = self.fault is not None and self.fault.kind == found.kind
        return known or found.sure >= LATER_SURE
