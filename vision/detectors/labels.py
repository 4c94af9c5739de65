"""The names of a model's classes: from a file as people have it, or from what is packed into the model.

`vision.detectors.label_text` reads the text; here the names are matched with the model's number of classes.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from vision.detectors.label_text import Labels, parse
from vision.detectors.text_encoding import decode_text

_WANTED = "give a text file (UTF-8) with a class a line, or the model's YAML, JSON or pbtxt"


def read_labels(model: Path, labels: str | Path) -> Labels:
    """Return the names of a model's classes by number: from a file, or from the model itself, or empty.

    Raises FileNotFoundError or ValueError, with the cure, for a missing or unreadable file.
    """
    if not str(labels):
        return packed_labels(model)
    path = Path(labels).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file of labels {str(labels)!r}: check vision.objects.labels.")
    text = decode_text(path.read_bytes())
    if text is None:
        raise ValueError(f"{path.name} is no text, or of an old encoding: {_WANTED}.")
    if other := re.search(
        r"^names\s*=\s*([\w./\\-]+\.(?:names|txt))\s*$", text, re.MULTILINE
    ):  # darknet's .data
        raise ValueError(f"{path.name} only says where the names are: give {other[1]}.")
    found = parse(text)
    if not found:
        raise ValueError(f"{path.name} names no class: {_WANTED}.")
    return found


def fitted(labels: Labels, classes: int | None) -> Labels:
    """Return the names by the numbers of a model's classes; `classes`: how many it has, if known.

    Lists count from 0 or 1, and some leave numbers out that the model does not leave out (COCO's 80 classes
    have numbers up to 90). Raises ValueError, with the cure, where the names cannot be this model's.
    """
    if not labels:
        return labels
    first, last, ordered = min(labels), max(labels), sorted(labels)
    complete = ordered == [*range(first, last + 1)]
    if first == 1 and (last == classes or (classes is None and complete and last > 1)):
        return {number - 1: name for number, name in labels.items()}
    if classes is None:
        return labels
    if last >= classes and len(labels) == classes:
        return {i: labels[number] for i, number in enumerate(ordered)}
    if last >= classes or (complete and first == 0 and len(labels) > 1 and len(labels) != classes):
        raise ValueError(
            f"The labels name {len(labels)} classes and the model has {classes}: give the labels that belong "
            "to this model, or no labels and the class's number in vision.objects.target."
        )
    return labels


def packed_labels(model: Path) -> Labels:
    """Return the names in the archive at a model's end: TF-Lite's metadata, or Ultralytics' metadata.json."""
    if not zipfile.is_zipfile(model):
        return {}
    try:
        with zipfile.ZipFile(model) as archive:
            for name in sorted(archive.namelist(), key=lambda name: not name.endswith(".json")):
                if name.endswith((".txt", ".json", ".yaml", ".yml", ".pbtxt")):
                    found = parse(decode_text(archive.read(name)) or "")
                    if found:
                        return found
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):  # broken or with a password
        return {}
    return {}
