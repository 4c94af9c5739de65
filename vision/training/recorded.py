"""Recorded pictures with a person's labels: a folder of frames and a labels.csv.

Each picture (and target) has one row: `file`, `visible` (1, or 0 if the target is not in the picture; empty
if nobody has labelled it yet), `x_left_px` and `x_right_px`, the target's outermost columns, and, if known,
`y_top_px` and `y_bottom_px`. A column `target` may name what is labelled, where a folder has several things.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vision.cameras.decoding import read_picture
from vision.detectors.text_encoding import decode_text
from vision.names import did_you_mean, unknown
from vision.sight import Frame, Sight, check_frame
from vision.training.synthesis import Example

LABELS = "labels.csv"
COLUMNS = ("file", "visible", "x_left_px", "x_right_px", "y_top_px", "y_bottom_px")


@dataclass(frozen=True, slots=True)
class Label:
    """A person's label of a picture: the target's outermost columns and rows, pixels, or its absence."""

    file: str
    columns: tuple[float, float] | None
    rows: tuple[float, float] | None = None

    def sight(self, width: int) -> Sight | None:
        """Return the sight that this label gives in a picture `width` pixels wide."""
        if self.columns is None:
            return None
        left, right = (min(max(x, 0.0), width - 1e-3) for x in self.columns)
        return Sight.from_columns(left, right, width)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A recorded picture with its label."""

    frame: Frame
    label: Label

    @property
    def example(self) -> Example:
        """The picture as an example, to measure detectors with."""
        return Example(self.frame, self.label.sight(self.frame.shape[1]), "recorded")


def read(folder: Path, target: str | None = None) -> list[Shot]:
    """Return the labelled pictures of a folder, in the order of its labels.

    `target`: name of the thing, if the folder has several. Raises FileNotFoundError without labels,
    ValueError if labels cannot be read or none is left, CameraError for a broken picture; each with the cure.
    """
    labels = read_labels(folder / LABELS, target)
    files = Counter(label.file for label in labels)
    if twice := [file for file, count in files.items() if count > 1]:
        raise ValueError(f"{folder / LABELS} labels {twice[0]} {files[twice[0]]} times: keep one row of it.")
    shots = [_shot(folder, label) for label in labels]
    if not any(shot.label.columns for shot in shots):
        raise ValueError(
            f"No picture of {folder} has a labelled target: fill in visible, x_left_px and "
            f"x_right_px of its {LABELS}."
        )
    return shots


def _shot(folder: Path, label: Label) -> Shot:
    """Return a labelled picture; raise ValueError or CameraError, with the cure, if the two do not fit."""
    path = folder / label.file.replace("\\", "/")  # as Windows writes folders
    if not path.is_file():
        near = did_you_mean(label.file, [one.name for one in folder.iterdir() if one.is_file()])
        raise ValueError(
            f"{folder / LABELS} labels {label.file!r}, which is not there: "
            f"put the picture into the folder, or take its row away.{near}"
        )
    frame = read_picture(path)
    try:
        check_frame(frame)
    except ValueError as error:
        raise ValueError(f"{label.file} is no picture to learn from. {error}") from error
    _check_inside(frame, label, folder)
    return Shot(frame, label)


def _check_inside(frame: Frame, label: Label, folder: Path) -> None:
    """Raise ValueError if a label cannot be in pixels of this picture."""
    height, width = frame.shape[:2]
    for ends, size in ((label.columns, width), (label.rows, height)):
        if ends is None:
            continue
        outside = ends[0] >= size or ends[1] < 0 or ends[1] > 1.5 * size or ends[0] < -0.5 * size
        if outside or (ends[1] <= 1 and any(end % 1 for end in ends)):
            raise ValueError(
                f"The label of {label.file} in {folder / LABELS} goes from {ends[0]:g} to {ends[1]:g}, and "
                f"the picture is {width} x {height}: give pixels of the picture in its own size."
            )


def read_labels(path: Path, target: str | None = None) -> list[Label]:
    """Return the labels of a file, without pictures that nobody has labelled; errors as in `read`."""
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path}: record pictures with `robot-agent target record` and fill "
            f"in their {LABELS}."
        )
    rows = _rows(path)
    names = sorted({row["target"] for row in rows if row.get("target")})
    if target is not None and not names:
        raise ValueError(f"{path} has no column target with names of things: leave --target out.")
    if target is not None and target not in names:
        raise ValueError(unknown(f"target in {path.name}", target, names))
    if target is None and len(names) > 1:
        raise ValueError(f"{path} labels several things: say which with --target: {', '.join(names)}.")
    wanted = [row for row in rows if target is None or row.get("target") == target]
    return list(_labels(path, wanted))


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a spreadsheet's table, as dictionaries by column names in small letters.

    Values may be separated by commas, semicolons (with commas in numbers) or tabs.
    """
    text = decode_text(path.read_bytes())
    if text is None:
        raise ValueError(f"{path} is no CSV text: save it as CSV (UTF-8).")
    lines = [line for line in text.splitlines() if line.strip(" ,;\t")]
    separator = None
    if lines and (stated := re.fullmatch(r'"?sep=(.)"?', lines[0].strip())):
        separator = stated[1]
        lines = lines[1:]
    if not lines:
        raise ValueError(f"{path} is empty: its first line names the columns {', '.join(COLUMNS)}.")
    separator = separator or max(";,\t|", key=lines[0].count)
    try:
        table = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        raise ValueError(f"{path} is no CSV text: save it as CSV (UTF-8).") from None
    columns = [name.casefold().replace(" ", "_") for name in table[0]]
    if "file" not in columns:
        raise ValueError(
            f"{path} has no column {'file'!r}, but {', '.join(table[0])}: its first line names the columns "
            f"{', '.join(COLUMNS)}."
        )
    if separator != ",":
        table[1:] = [[re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell) for cell in row] for row in table[1:]]
    return [dict(zip(columns, row, strict=False)) for row in table[1:]]


_YES = {"1", "1.0", "true", "yes", "y", "x", "wahr", "ja", "vrai", "oui", "verdadero", "si", "sí"}
_NO = {"0", "0.0", "false", "no", "n", "falsch", "nein", "faux", "non", "falso"}
"""Ways in which people and spreadsheets write 0; those for 1 are above."""


def _labels(path: Path, rows: Sequence[Mapping[str, str]]) -> Iterator[Label]:
    for number, row in enumerate(rows, 2):
        visible = row.get("visible", "").casefold()
        if not visible and not row.get("x_left_px"):
            continue
        try:
            if visible in _NO:
                yield Label(row["file"], None)
                continue
            if visible and visible not in _YES:
                raise ValueError
            left, right = float(row["x_left_px"]), float(row["x_right_px"])
            down = None
            if row.get("y_top_px") and row.get("y_bottom_px"):
                down = (float(row["y_top_px"]), float(row["y_bottom_px"]))
            if not (left <= right and (down is None or down[0] <= down[1])):
                raise ValueError
            yield Label(row["file"], (left, right), down)
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"Line {number} of {path} is no label: give file, visible (1 or 0), x_left_px and "
                "x_right_px, the left not greater than the right."
            ) from None


def write_labels(path: Path, files: Iterable[str], known: Mapping[str, Label]) -> None:
    """Write the labels of pictures, empty for those without a known label."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(COLUMNS)
        for file in files:
            label = known.get(file)
            if label is None:
                out.writerow([file, "", "", "", "", ""])
            elif label.columns is None:
                out.writerow([file, 0, "", "", "", ""])
            else:
                out.writerow([file, 1, *label.columns, *(label.rows or ("", ""))])
