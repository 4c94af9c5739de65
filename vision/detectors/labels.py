"""The names of a model's classes, from a file as people have it, or from what is packed into the model.

Supported: a name on each line; lines that begin with the class's number, as `10  fire hydrant`, with gaps;
JSON and YAML, a list or numbers with names, also below `names:`; TensorFlow's label map (.pbtxt) and
COCO's categories, both of which count from 1 where the model counts from 0.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Labels = dict[int, str]
"""Names by the class numbers of the model's outputs."""

_NUMBERED = re.compile(r"(\d+)(?:\s*[:,;=]\s*|[.)]\s+|\s+-\s+|\s+)(\S.*)")
_ITEM = re.compile(r"item\s*\{(.*?)\}", re.DOTALL)
_FIELD = re.compile(r"""(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s,]+))""")
_NOTHING = ("???", "background", "__background__", "n/a", "unlabeled")
"""Entries of a list that are no class."""


def read_labels(model: Path, labels: str | Path) -> Labels:
    """Return the names of a model's classes by number: from a file, or from the model itself, or empty.

    Raises FileNotFoundError or ValueError, with the cure, for a missing or unreadable file.
    """
    if not str(labels):
        return _packed(model)
    path = Path(labels).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file of labels {str(labels)!r}: check vision.objects.labels.")
    text = decode_text(path.read_bytes())
    if text is None:
        raise ValueError(f"{path.name} is no text: give a file with a class a line.")
    found = parse(text)
    if not found:
        raise ValueError(f"{path.name} names no class: give a file with a class a line.")
    return found


def decode_text(data: bytes) -> str | None:
    """Decode a text file: UTF-8, UTF-16 with a byte order mark, or Windows-1252; None if it is not text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace") if _mostly_printable(data) else None


def _mostly_printable(data: bytes) -> bool:
    return sum(byte < 32 and byte not in b"\t\n\r\f" for byte in data) * 100 <= len(data)


def parse(text: str) -> Labels:
    """Return the names in a text by number."""
    text = text.replace("\ufeff", "").strip()
    if _ITEM.search(text):
        return _from_items(text)
    if text[:1] in "{[":
        structure = _structure(text)
        if structure is not None:
            return _from_structure(structure)
    if re.search(r"^(names|labels)\s*:", text, re.MULTILINE):
        return _from_yaml(text)
    return _from_lines(text)


def _from_lines(text: str) -> Labels:
    """Read one class per line; the lines are counted unless all of them begin with a number."""
    lines = [re.sub(r"\s#(\s.*)?$", "", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not re.match(r"#(\s|$)|//|;", line)]
    if lines and re.fullmatch(
        r"(id|index|number)\s*[,;\t]\s*\w+", lines[0], re.IGNORECASE
    ):  # a table's heading
        lines = lines[1:]
    if lines and all(re.match(r"-\s+\S", line) for line in lines):  # a YAML list
        lines = [line[1:].strip() for line in lines]
    pairs = [_NUMBERED.fullmatch(line) for line in lines]
    numbers = [int(pair[1]) for pair in pairs if pair]
    # Names may begin with digits, as `3d printer`; numbers begin at 0 or 1 and rise.
    rising = all(a < b for a, b in zip(numbers, numbers[1:], strict=False))
    if lines and len(numbers) == len(lines) and numbers[0] in (0, 1) and rising:
        found = {int(pair[1]): _plain(pair[2]) for pair in pairs if pair}
        if found.get(0, "").casefold() in _NOTHING:
            found = {number - 1: name for number, name in found.items() if number}
    else:
        names = [_plain(line) for line in lines]
        # Some lists begin with the background, which post-processing does not count as a class.
        if names and names[0].casefold() in _NOTHING:
            names = names[1:]
        found = dict(enumerate(names))
    return {number: name for number, name in found.items() if name.casefold() not in _NOTHING}


def _plain(name: str) -> str:
    """Return a name without the quotes or the comma around it."""
    name = name.strip().rstrip(",").strip()
    quoted = len(name) > 1 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1] if quoted else name


def _from_items(text: str) -> Labels:
    """Read TensorFlow's label map: `item { id: 1 name: "person" }`, where 1 is the model's 0."""
    found: Labels = {}
    for item in _ITEM.findall(text):
        fields = {m[1]: m[2] or m[3] or m[4] or "" for m in _FIELD.finditer(item)}
        if fields.get("id", "").isdecimal() and (name := fields.get("display_name") or fields.get("name")):
            found[int(fields["id"])] = name
    return _from_zero(found)


def _from_zero(found: Labels) -> Labels:
    """Return the names counted from 0: if all numbers are above 0, each is reduced by 1."""
    return {number - 1: name for number, name in found.items()} if found and min(found) >= 1 else found


def _structure(text: str) -> Any:
    """Return the value of a text in JSON or Python notation; None for neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            continue
    return None


def _from_structure(structure: Any) -> Labels:
    if isinstance(structure, Mapping):
        for key in ("names", "labels", "classes", "categories"):
            if isinstance(structure.get(key), Mapping | list):
                return _from_structure(structure[key])
        if structure and all(str(key).strip().isdecimal() for key in structure):
            return {int(key): _name_of(value) for key, value in structure.items()}
        if structure and all(isinstance(value, int) for value in structure.values()):
            return {number: str(name) for name, number in structure.items()}
        return {}
    if isinstance(structure, Iterable) and not isinstance(structure, str):
        items = list(structure)
        if items and all(isinstance(item, Mapping) and "id" in item for item in items):
            return _from_zero({int(item["id"]): _name_of(item) for item in items})
        return {i: _name_of(item) for i, item in enumerate(items)}
    return {}


def _name_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("display_name") or value.get("name") or value.get("label") or "")
    return str(value)


def _from_yaml(text: str) -> Labels:
    """Read the YAML of a data set: `names:` with a list, or numbers with names."""
    lines = [re.sub(r"\s+#.*$", "", line) for line in text.splitlines() if not line.lstrip().startswith("#")]
    start = next(i for i, line in enumerate(lines) if re.match(r"(names|labels)\s*:", line))
    rest = lines[start].split(":", 1)[1].strip()
    if rest:
        for line in lines[start + 1 :]:
            if rest.count("[") + rest.count("{") <= rest.count("]") + rest.count("}"):
                break
            rest += " " + line.strip()
        structure = _structure(rest)
        if structure is not None:
            return _from_structure(structure)
        parts = [part.strip() for part in rest.strip("[]{} ").split(",") if part.strip()]
        pairs = [_NUMBERED.fullmatch(part) for part in parts]
        if rest.startswith("{") and all(pairs):
            return {int(pair[1]): _plain(pair[2]) for pair in pairs if pair}
        return dict(enumerate(_plain(part) for part in parts))
    found: Labels = {}
    for line in lines[start + 1 :]:
        if not line.strip():
            continue
        numbered = re.match(r"\s+(\d+)\s*:\s*(.*)", line)
        if numbered:
            found[int(numbered[1])] = _plain(numbered[2])
        elif listed := re.match(r"\s*-\s+(.*)", line):
            found[len(found)] = _plain(listed[1])
        else:
            break
    return found


def _packed(model: Path) -> Labels:
    """Return the names in the archive at a model's end: TF-Lite's metadata, or Ultralytics' metadata.json."""
    if not zipfile.is_zipfile(model):
        return {}
    with zipfile.ZipFile(model) as archive:
        for name in sorted(archive.namelist(), key=lambda name: not name.endswith(".json")):
            if name.endswith((".txt", ".json", ".yaml", ".yml", ".pbtxt")):
                found = parse(archive.read(name).decode("utf-8", "replace"))
                if found:
                    return found
    return {}
