"""One thing that is wrong with a learner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen, what it means, and what to try."""

    kind: str
    """What it is, for programs: `dead-relu`, `not-scaled`, `weak-motor`, ..."""
    seen: str
    """What is seen, with the figure; a whole sentence."""
    means: str
    """What it means; a whole sentence."""
    cure: str
    """What to try first; a whole sentence."""
    sure: float
    """How sure this is, in [0, 1]; the surest come first."""


def ranked(findings: list[Finding]) -> list[Finding]:
    """Return findings, the surest first."""
    return sorted(findings, key=lambda finding: -finding.sure)
