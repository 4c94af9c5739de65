"""After promotion (`adapt.compare` decides that): whether a policy does on the robot what was promised."""

import math


class Trial:
    """Whether a promoted policy keeps its promise on the real robot: a sequential test (Wald 1945).

    It weighs the success that was predicted against one that is a fifth lower.
    """

    def __init__(self, predicted: float, *, worse_by: float = 0.2, wrong: float = 0.02) -> None:
        """Begin.

        Args:
            predicted: the share of successes that is expected.
            worse_by: a policy whose share is lower by this must go.
            wrong: probability of deciding wrongly, either way.
        """
        self.good = min(max(predicted, 0.5), 0.98)
        self.bad = self.good - worse_by
        self.limit = math.log((1 - wrong) / wrong)
        self.evidence = 0.0
        """How much more likely the worse share is, nats."""

    def episode(self, reached: bool) -> bool | None:
        """Count a real episode: True means keep the policy, False bring back the old one, None go on."""
        good, bad = (self.good, self.bad) if reached else (1 - self.good, 1 - self.bad)
        self.evidence += math.log(bad / good)
        if self.evidence > self.limit:
            return False
        return True if self.evidence < -self.limit else None
