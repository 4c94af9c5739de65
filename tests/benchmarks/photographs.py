"""Measure the detectors on labelled photographs: python tests/benchmarks/photographs.py [folder].

A row for each kind of picture: the number of targets, of those with both ends within one slice and
within two slices of the label, of missed ones (nothing seen), and of false ones (the sight does not
overlap the target). Nothing is tuned for a picture: markers are found by their number, and each cone's
colour is learned from one click in one reference picture.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vision import Detector, Sight, open_camera
from vision.detectors.color import ColorDetector
from vision.detectors.marker import MarkerDetector

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "pictures"

CLICKS = {"yellow_black_cone_nearest": (120, 318), "blue_white_cone_nearest": (513, 314)}
"""Where a person would click in the reference picture: low on the cone, under its stripe."""

LIMITS = """\
What limits it: a colour detector takes the largest piece of the colour that has a target's shape,
so the base plate of a cone, thin, shaded and of another colour, is cut by up to a slice a side;
another thing as large and of one colour with the cone would be taken for it. A marker is lost
when a cell of it is smaller than about two pixels, or blurred over more than a cell.
The cones are seven pictures of one scene in one light, and the way of learning a colour was made
while looking at them: they show that it works on photographs, not how well in another light."""


@dataclass
class Row:
    """The tally of one kind of picture."""

    errors: list[int] = field(default_factory=list)
    missed: int = 0
    false: int = 0

    def add(self, label: Sight, seen: Sight | None) -> None:
        """Count one target; the error is that of the worse end, in slices."""
        if seen is None:
            self.missed += 1
        elif seen.x2 < label.x1 or seen.x1 > label.x2:
            self.false += 1
        else:
            self.errors.append(max(abs(seen.x1 - label.x1), abs(seen.x2 - label.x2)))

    @property
    def count(self) -> int:
        """How many targets have been counted."""
        return len(self.errors) + self.missed + self.false

    def within(self, slices: int) -> int:
        """How many have both ends within so many slices of the label."""
        return sum(error <= slices for error in self.errors)


class Label(NamedTuple):
    """One labelled target of one picture."""

    kind: str
    file: str
    target: str
    sight: Sight


def labels(folder: Path) -> Iterator[Label]:
    """Yield the labelled targets of a folder that are in their pictures."""
    with (folder / "labels.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["visible"] != "1":
                continue
            sight = Sight.from_columns(float(row["x_left_px"]), float(row["x_right_px"]), int(row["width"]))
            if row["kind"] == "marker":
                kind = "markers, dark and noisy" if "dark" in row["file"] else "markers"
            else:
                kind = f"{row['target'].split('_')[0]} cones"
            yield Label(kind, row["file"], row["target"], sight)


def reference(folder: Path) -> str:
    """Return the file that colours may be learned from."""
    with (folder / "labels.csv").open(newline="") as lines:
        return next(row["file"] for row in csv.DictReader(lines) if row["reference"] == "1")


def measure(folder: Path) -> dict[str, Row]:
    """Return the tally of each kind of picture in a folder with a labels.csv."""
    learned: dict[str, Detector] = {
        target: ColorDetector.learn(open_camera(folder / reference(folder)).read(), at=click)
        for target, click in CLICKS.items()
    }
    rows: dict[str, Row] = {}
    for label in labels(folder):
        detector = learned.get(label.target)
        if detector is None:
            dictionary, number = label.target.split(":")
            detector = MarkerDetector(dictionary, int(number))
        frame = open_camera(folder / label.file).read()
        rows.setdefault(label.kind, Row()).add(label.sight, detector.detect(frame))
    return dict(sorted(rows.items(), key=lambda item: ("cones" in item[0], item[0])))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 when the folder has no labels."""
    parser = argparse.ArgumentParser(description="Measure the detectors on labelled photographs.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder = parser.parse_args(argv).folder
    if not (folder / "labels.csv").is_file():
        print(f"There is no labels.csv in {folder}: give the folder that has it.", file=sys.stderr)
        return 1
    print(f"{'':24}{'n':>4}{'within 1':>10}{'within 2':>10}{'missed':>8}{'false':>7}")
    for kind, row in measure(folder).items():
        one, two = row.within(1), row.within(2)
        print(f"{kind:24}{row.count:4}{one:10}{two:10}{row.missed:8}{row.false:7}")
    print(f"\n{LIMITS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
