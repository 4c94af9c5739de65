"""One fault of a training, a network or a robot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen, what it means, and what to try."""

    kind: str
    """Name of this kind of fault, for programs: `dead-relu`, `not-scaled`, `weak-motor`, ..."""
    seen: str
    """What was seen, with the figure; a whole sentence."""
    means: str
    """What it means; a whole sentence."""
    cure: str
    """What to try first; a whole sentence."""
    sure: float
    """How sure this is, in [0, 1]; the surest come first."""
    file: str | None = None
    """The source file to change; None if unknown."""
    line: int | None = None
    """Line in `file`, counted from 1."""
    column: int | None = None
    """First column of the faulty expression, counted from 0 in bytes of UTF-8, as Python does."""
    end_column: int | None = None
    """Column after the end of the expression, counted likewise; None if it ends on another line."""
    source: str | None = None
    """The text of that line."""
    label: str = ""
    """A few words to print under the expression."""
    notes: tuple[str, ...] = ()
    """Further information, each a sentence with its line."""
    follows: tuple[str, ...] = ()
    """Kinds of other faults that were seen and follow from this one."""


def ranked(findings: list[Finding]) -> list[Finding]:
    """Return findings, the surest first."""
    return sorted(findings, key=lambda finding: -finding.sure)
