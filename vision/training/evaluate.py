"""Measures a detector on pictures with known sights: the numbers in every table of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from vision.sight import Frame, Sight
from vision.training.synthesis import Example


@dataclass(slots=True)
class Tally:
    """The results of a detector on one kind of picture."""

    errors: list[int] = field(default_factory=list)
    """Error of the worse end of each target that was found, in slices."""
    missed: int = 0
    """Number of targets that were not seen."""
    absent: int = 0
    """Number of pictures without a target."""
    invented: int = 0
    """Number of pictures without a target in which something was seen."""

    def add(self, truth: Sight | None, sight: Sight | None) -> None:
        """Count one picture."""
        if truth is None:
            self.absent += 1
            self.invented += sight is not None
        elif sight is None:
            self.missed += 1
        else:
            self.errors.append(max(abs(sight.x1 - truth.x1), abs(sight.x2 - truth.x2)))

    def join(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.errors += other.errors
        self.missed += other.missed
        self.absent += other.absent
        self.invented += other.invented

    @property
    def present(self) -> int:
        """Number of pictures with a target."""
        return len(self.errors) + self.missed

    @property
    def total(self) -> int:
        """Number of pictures that were counted."""
        return self.present + self.absent

    def within(self, slices: int) -> float:
        """Return the share of targets with both ends within a number of slices; 1 when there are none."""
        return sum(error <= slices for error in self.errors) / self.present if self.present else 1.0

    @property
    def presence(self) -> float:
        """Share of the pictures in which the detector is right about whether there is a target."""
        return 1 - (self.missed + self.invented) / self.total if self.total else 1.0


Detect = Callable[[Frame], Sight | None]


def measure(examples: Iterable[Example], detectors: Mapping[str, Detect]) -> dict[str, dict[str, Tally]]:
    """Return the tally of each detector for each kind of picture, and for `all`."""
    tallies: dict[str, dict[str, Tally]] = {name: {} for name in detectors}
    for one in examples:
        for name, detect in detectors.items():
            sight = detect(one.frame)
            for kind in (one.kind, "all"):
                tallies[name].setdefault(kind, Tally()).add(one.sight, sight)
    return tallies


def table(tallies: Mapping[str, Mapping[str, Tally]]) -> str:
    """Return tallies as a Markdown table, a row for each kind and detector."""
    lines = [
        "| pictures | detector | targets | both ends within 1 slice | within 2 | present or absent right |",
        "|---|---|--:|--:|--:|--:|",
    ]
    kinds = sorted({kind for by_kind in tallies.values() for kind in by_kind}, key=lambda k: (k == "all", k))
    if len(kinds) == 2:  # one kind is all
        kinds.remove("all")
    for kind in kinds:
        for name, by_kind in tallies.items():
            tally = by_kind.get(kind, Tally())
            cells = (
                kind,
                name,
                f"{tally.present:,} of {tally.total:,}",
                f"{100 * tally.within(1):.1f} %",
                f"{100 * tally.within(2):.1f} %",
                f"{100 * tally.presence:.1f} %",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
