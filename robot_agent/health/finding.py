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
    file: str | None = None
    """The source file that is to be changed, where one is known."""
    line: int | None = None
    """The line in it, counted from 1."""
    column: int | None = None
    """The first column of the expression, counted from 0 in bytes of UTF-8, as Python does."""
    end_column: int | None = None
    """The column behind the expression, likewise, if it ends on the same line."""
    source: str | None = None
    """The text of that line."""
    label: str = ""
    """A few words that stand under the expression."""
    notes: tuple[str, ...] = ()
    """What else there is to know, each a sentence with its line."""
    follows: tuple[str, ...] = ()
    """Kinds that were seen as well and follow from this."""


def ranked(findings: list[Finding]) -> list[Finding]:
    """Return findings, the surest first."""
    return sorted(findings, key=lambda finding: -finding.sure)
