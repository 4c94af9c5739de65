"""After promotion (`adapt.compare` decides that): whether a policy does on the robot what was promised."""

import math


class Trial:
    """Whether a promoted policy keeps its promise on the real robot: a sequential test (Wald 1945).

    It compares the predicted share of successes with one that is 0.2 lower (0.9 with 0.7). Each of the two
    answers is wrong in about 2 % of cases.
    """

    def __init__(self, predicted: float) -> None:
        """Begin with the share of successes that is expected."""
        self.good = min(max(predicted, 0.5), 0.98)
        self.bad = self.good - 0.2
        self.limit = math.log(0.98 / 0.02)
        self.evidence = 0.0
        """How much more likely the worse share is, nats."""

    def episode(self, reached: bool) -> bool | None:
        """Count a real episode: True means keep the policy, False bring back the old one, None go on."""
        good, bad = (self.good, self.bad) if reached else (1 - self.good, 1 - self.bad)
        self.evidence += math.log(bad / good)
        if self.evidence > self.limit:
            return False
        return True if self.evidence < -self.limit else None
