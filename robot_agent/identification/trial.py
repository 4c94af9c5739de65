"""`Trial` checks on the real robot whether a promoted policy is as good as `adapt.compare` predicted."""

import math


class Trial:
    """A sequential test (Wald 1945) of whether a promoted policy is as good on the real robot as predicted.

    It compares the predicted share of successes with one that is 0.2 lower (0.9 with 0.7). Each of the two
    answers is wrong in about 2 % of cases.
    """

    def __init__(self, predicted: float) -> None:
        """Begin with the predicted share of successes, in [0, 1]; it is limited to 0.5 to 0.98."""
        self.good = min(max(predicted, 0.5), 0.98)
        self.bad = self.good - 0.2
        self.limit = math.log(0.98 / 0.02)
        self.evidence = 0.0
        """Evidence for the worse share: its log-likelihood minus that of the predicted share, nats."""

    def episode(self, reached: bool) -> bool | None:
        """Count a real episode; return True to keep the policy, False to take it back, None to go on."""
        good, bad = (self.good, self.bad) if reached else (1 - self.good, 1 - self.bad)
        self.evidence += math.log(bad / good)
        if self.evidence > self.limit:
            return False
        return True if self.evidence < -self.limit else None
