"""Reads the names of classes from a text as people have it, without knowing which model it belongs to.

Each kind of text has a function, which returns None where the text is of another kind:

- structures: JSON, YAML or Python notation, also behind `names =`: a list, numbers with names, names with
  numbers, COCO's categories;
- TensorFlow's label map (.pbtxt);
- a table with a heading, or with a column of numbers;
- lines: a name on each, or the class's number and its name.
"""

from __future__ import annotations

import ast
import codecs
import csv
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Labels = dict[int, str]
"""Names by the class numbers of the model's outputs."""

_NOTHING = ("???", "background", "__background__", "n/a", "unlabeled")
"""Entries of a list that are no class."""

_LISTS = ("names", "labels", "classes", "class_names", "categories", "id2label", "items")
"""Keys of a structure below which the names are; below `label2id` they are the other way round."""

_NAME = (
    "display_name", "displayname", "name", "names", "class_name", "label_name", "labelname", "label",
    "labels", "title", "class", "classes", "category",
)  # fmt: skip
_NUMBER = (
    "id",
    "class_id",
    "category_id",
    "label_id",
    "index",
    "idx",
    "class_index",
    "number",
    "class_number",
)
"""Fields of an entry, and columns of a table, that hold its name and its number; the first that is there."""

_NUMBERED = re.compile(
    r"(?:(\d+)(?P<strong>\s*(?:->|=>|[:=|])\s*|\t\s*)|#?(\d+)(?:[.)]\s+|\s+-\s+|\s*[,;]\s*|\s+)|\[(\d+)\]\s*)(\S.*)"
)
"""The number of a class and its name; a strong separator hardly occurs in a name that begins with digits."""

_BOXES = re.compile(r"(\d+([ \t]+[\d.]+){4}\s*)+")
"""The labels of a picture's boxes, as YOLO wants them, which are not the names of its classes."""

_ASSIGNED = re.compile(r"[\w\s*&.:\[\]]*=\s*(?:\w+\()?([\[{(].*[\]})])\)?;?", re.DOTALL)
"""A list behind its name, as in a program: `names = [...]`, `const char* labels[] = {...};`."""

_YAML_LARGEST = 1_000_000
"""Characters of the longest text that is read as YAML, which takes a second per megabyte."""


def parse(text: str) -> Labels:
    """Return the names in a text by number; none if there are none, or the text is no list of names."""
    text = text.strip()
    if text.startswith(("<", "%PDF", "{\\rtf")) or _BOXES.fullmatch(text):
        return {}
    text = re.sub(r"\A\[\w+\]\s*\n", "", text)  # the heading of a section, as INI and TOML have it
    found: Labels | None = None
    for read in (_from_items, _from_structure, _from_table, _from_lines):
        found = read(text)
        if found is not None:
            break
    named = {number: name.strip() for number, name in (found or {}).items()}
    # Some lists begin with the background, which is no class of a detection model.
    if named.get(0, "").casefold() in _NOTHING:
        named = {number - 1: name for number, name in named.items() if number}
    return {number: name for number, name in named.items() if name and name.casefold() not in _NOTHING}


def _from_items(text: str) -> Labels | None:
    """Read TensorFlow's label map: `item { id: 1 name: "person" }`, where 1 is the model's 0."""
    if not re.search(r"^\s*item\s*:?\s*\{", text, re.MULTILINE):
        return None
    items: list[dict[str, str]] = []
    depth, key = 0, ""
    for token in re.findall(r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}]|[^\s{}:,;"'#]+""", text):
        if token.startswith("#"):
            continue
        if token == "{":
            depth += 1
            if depth == 1:
                items.append({})
        elif token == "}":
            depth -= 1
        elif depth == 1 and key:
            items[-1].setdefault(key, _unquoted(token))
            key = ""
            continue
        key = token if depth == 1 and token not in "{}" else ""
    found = {int(one["id"]): _name_of(one) for one in items if one.get("id", "").isdecimal()}
    return _from_zero(found)


def _unquoted(token: str) -> str:
    """Return a word of a label map without its quotes, its escapes resolved."""
    if token[0] not in "\"'":
        return token
    raw, _ = codecs.escape_decode(token[1:-1].encode())
    return bytes(raw).decode("utf-8", "replace")


def _from_zero(found: Labels) -> Labels:
    """Return the names counted from 0: if all numbers are above 0, each is reduced by 1."""
    return {number - 1: name for number, name in found.items()} if found and min(found) >= 1 else found


def _from_structure(text: str) -> Labels | None:
    """Read JSON, YAML or Python notation; None for plain lines."""
    assigned = _ASSIGNED.fullmatch(re.sub(r"^\s*(#|//).*$", "", text, flags=re.MULTILINE).strip())
    text = assigned[1] if assigned else text
    structure = _structure(text)
    if isinstance(structure, Mapping | list | tuple):
        return _names_in(structure)
    # Half a structure must not be read as lines.
    return {} if text[:1] in "{[" and not re.match(r"\[\d+\]", text) else None


def _structure(text: str) -> Any:
    """Return the value of a text in JSON (also one a line), Python notation or YAML; else None."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE).expandtabs(2)
    by_line = f"[{','.join(text.splitlines())}]" if text[:1] == "{" else text
    for candidate, read in ((text, json.loads), (by_line, json.loads), (text, ast.literal_eval)):
        try:
            value = read(candidate)
        except (ValueError, SyntaxError):
            continue
        except (RecursionError, MemoryError):  # nobody's names are that deep
            return None
        if not isinstance(value, set):
            return value
    if len(text) > _YAML_LARGEST or not re.search(r"^\s*-\s|:(\s|$)|^[{\[]", text, re.MULTILINE):
        return None
    try:
        import yaml
    except ImportError as error:
        raise RuntimeError("These labels are YAML, which PyYAML reads: pip install pyyaml.") from error
    try:
        return yaml.load(text, yaml.BaseLoader)  # all texts stay texts: `no` is a name
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _names_in(structure: Any) -> Labels:
    """Return the names in a structure; none if it is no list of names."""
    if isinstance(structure, Mapping):
        for key in _LISTS:
            if isinstance(structure.get(key), Mapping | list | tuple):
                return _names_in(structure[key])
        inner = [one for one in structure.values() if isinstance(one, Mapping)]
        for one in [structure.get("label2id"), *(one for one in inner if {*_LISTS, "label2id"} & one.keys())]:
            if isinstance(one, Mapping):
                return _names_in(one)
        if structure and all(_is_number(key) for key in structure):
            return {int(key): _name_of(value) for key, value in structure.items()}
        if structure and all(_is_number(value) for value in structure.values()):
            return {int(number): str(name) for name, number in structure.items()}
        if structure and all(value in ("", None) for value in structure.values()):  # as C writes a list
            return {i: str(name) for i, name in enumerate(structure)}
        return {}
    items = list(structure)
    if items and all(isinstance(item, Mapping) and len(item) == 1 for item in items):  # - 0: red
        joined = {key: value for item in items for key, value in item.items()}
        if all(_is_number(key) for key in joined):
            return _names_in(joined)
    if items and all(isinstance(item, Mapping) for item in items):
        numbers = [next((item[key] for key in _NUMBER if key in item), None) for item in items]
        if all(_is_number(number) for number in numbers):
            found = {int(n): _name_of(item) for n, item in zip(numbers, items, strict=True) if n is not None}
            return _from_zero(found)
    return {i: _name_of(item) for i, item in enumerate(items)}


def _is_number(value: Any) -> bool:
    return str(value).strip().isdecimal() and not isinstance(value, bool)


def _name_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(value[key]) for key in _NAME if value.get(key)), "")
    if isinstance(value, list | tuple):  # as Keras has it: ["n01440764", "tench"]
        return str(value[-1]) if value else ""
    return str(value)


def _lines(text: str) -> list[str]:
    """Return the lines that are no comments, without comments behind a name and marks of a list before it."""
    lines = [re.sub(r"\s(#\s.*|#)$", "", line).strip() for line in re.split(r"[\r\n]+", text)]
    lines = [line for line in lines if line and not re.match(r"#(\s|$)|//|;", line)]
    if lines and all(re.match(r"[-*•]\s+\S", line) for line in lines):
        lines = [line[1:].strip() for line in lines]
    return lines


def _from_table(text: str) -> Labels | None:
    """Read a table: with a heading, or with a column of numbers that is not the first; None for another text.

    Where the numbers come first, it is read as lines, which know more ways to write that.
    """
    lines = _lines(text)
    separator = None
    if lines and (stated := re.fullmatch(r'"?sep=(.)"?', lines[0])):
        separator, lines = stated[1], lines[1:]
    if not lines:
        return None
    separator = separator or max(";,\t|", key=lines[0].count)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return None
    if len({len(row) for row in rows}) > 1 and not _heading(rows[0]):
        return None
    if len(rows) == 1:
        names = [cell for cell in rows[0] if cell]
        return dict(enumerate(_plain(name) for name in names)) if len(names) > 1 else None
    if (columns := _heading(rows[0])) is not None:
        rows = [row for row in rows[1:] if len(row) > max(columns)]
    elif len(rows[0]) > 1:
        columns = _columns(rows)
    if columns is None:
        return None
    named, numbered = columns
    if numbered < 0:
        return {i: row[named] for i, row in enumerate(rows)}
    if not all(_is_number(row[numbered]) for row in rows):
        return None
    return {int(row[numbered]): row[named] for row in rows}


def _heading(cells: Sequence[str]) -> tuple[int, int] | None:
    """Return the columns of the names and of the numbers (-1 for none) if a row is a table's heading."""
    words = [re.sub(r"[\s-]+", "_", cell.casefold()) for cell in cells]
    name = next((words.index(word) for word in _NAME if word in words), -1)
    number = next((words.index(word) for word in _NUMBER if word in words), -1)
    if name < 0 and number >= 0 and len(words) == 2:
        name = 1 - number
    return None if name < 0 else (name, number)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Return the columns of the names and of the numbers of a table without a heading; None if unclear."""
    count = len(rows[0])
    numbers = [c for c in range(count) if all(_is_number(row[c]) for row in rows)]
    texts = [c for c in range(count) if c not in numbers and all(row[c] for row in rows)]
    codes = [c for c in texts if all(re.fullmatch(r"/[a-z]/\w+", row[c]) for row in rows)]  # of Open Images
    texts = [c for c in texts if c not in codes]
    if len(numbers) == 1 and texts:
        found = {int(row[numbers[0]]) for row in rows}
        if len(found) < len(rows) or max(found) > 10 * len(rows) + 20:
            return None  # how many there are of each, perhaps
        return texts[0], numbers[0]
    return (texts[0], -1) if codes and texts and not numbers else None


def _from_lines(text: str) -> Labels:
    """Read one class per line; the lines are counted unless all of them begin with a number."""
    lines = _lines(text)
    if len(lines) > 2 and lines[0] == str(len(lines) - 1) and not lines[1].isdecimal():  # how many follow
        lines = lines[1:]
    pairs = [pair for line in lines if (pair := _NUMBERED.fullmatch(line))]
    if not lines or len(pairs) < len(lines) or not _counts(pairs):
        return dict(enumerate(_plain(line) for line in lines))
    return {_number(pair): _plain(pair[5]) for pair in pairs}


def _number(pair: re.Match[str]) -> int:
    return int(pair[1] or pair[3] or pair[4])


def _counts(pairs: Sequence[re.Match[str]]) -> bool:
    """Return whether the numbers before names are those of classes: names may begin with digits as well."""
    numbers = [_number(pair) for pair in pairs]
    if len({*numbers}) < len(numbers) or len({pair[5] for pair in pairs}) < len(pairs):
        return False  # as 1 cent, 2 cent
    if all(pair["strong"] or pair[4] for pair in pairs) or sorted(numbers) == [*range(len(numbers))]:
        return True
    return numbers[0] in (0, 1) and numbers == sorted(numbers)


def _plain(name: str) -> str:
    """Return a name without the quotes or the comma around it."""
    name = name.strip().rstrip(",;").strip()
    quoted = len(name) > 1 and name[0] == name[-1] and name[0] in "\"'"
    return name[1:-1] if quoted else name
