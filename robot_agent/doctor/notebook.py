"""Turns a Jupyter notebook into one script: its code cells in their order, each below a line `# In[N]`."""

import ast
import json
import linecache
import re
from codecs import BOM_UTF8
from typing import Any

from robot_agent.errors import RobotAgentError

MARK = "# In["
"""Begin of the line above each cell; N in `# In[N]` counts the code cells from 1."""

ASSIGNED = re.compile(r"(\s*\w+\s*=\s*)([!%].*)")
"""A name that is given what a command prints, as in `files = !ls`; it becomes an empty list."""


def is_notebook(name: str, source: bytes) -> bool:
    """Return whether a file is a notebook: by its name, or by its content, JSON with cells."""
    return name.lower().endswith(".ipynb") or (
        source.removeprefix(BOM_UTF8).lstrip()[:1] == b"{"
        and b'"cells"' in source
        and _cells(source) is not None
    )


def script_of(name: str, source: bytes) -> str:
    """Return a notebook's code as one script, and make its lines known under `name`, as those of a file.

    Lines for the notebook itself (`%matplotlib inline`, `!pip install`, `name?`) do nothing. Cells in another
    language (`%%bash`) are left out.

    Raises:
        RobotAgentError: it cannot be read as a notebook, or no cell has code.
    """
    cells = _cells(source)
    if cells is None:
        raise RobotAgentError(
            f"{name} is no whole notebook (JSON with cells); save it again, or give a .py file."
        )
    codes = [_text(each) for each in cells if isinstance(each, dict) and each.get("cell_type") == "code"]
    if not any(each.strip() for each in codes):
        raise RobotAgentError(f"{name} is a notebook without code; run it on one that trains a network.")
    lines: list[str] = []
    for number, code in enumerate(codes, 1):
        lines += [f"{MARK}{number}]", *_plain(code.splitlines()), ""]
    text = "\n".join(lines) + "\n"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return text


def cell_of(name: str, line: int) -> tuple[int, int] | None:
    """Return the number of the cell, and the line in it, of a line of a script from `script_of`.

    None if `name` is no notebook.
    """
    known = linecache.cache.get(name)
    if known is None or len(known) == 1 or known[1] is not None:
        return None
    for above in range(line - 1, 0, -1):
        text = linecache.getline(name, above)
        if text.startswith(MARK):
            return int(text[len(MARK) : text.index("]")]), line - above
    return None


def place_in_words(name: str, line: int) -> str:
    """Return "line 3"; in a notebook, "cell 2, line 3"."""
    cell = cell_of(name, line)
    return f"line {line}" if cell is None else f"cell {cell[0]}, line {cell[1]}"


def _cells(source: bytes) -> list[Any] | None:
    try:
        notebook = json.loads(source.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return None
    sheets = notebook.get("worksheets")  # of the format before version 4
    parts = [notebook, *(sheets if isinstance(sheets, list) else [])]
    lists = [
        each["cells"] for each in parts if isinstance(each, dict) and isinstance(each.get("cells"), list)
    ]
    return [cell for cells in lists for cell in cells] if lists else None


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(map(str, source))


def _plain(lines: list[str]) -> list[str]:
    """Return a cell's lines of Python; a line that only a notebook understands does nothing."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in ("%%time", "%%timeit", "%%capture"):
        return ["#" + line for line in lines]
    if _is_python("\n".join(lines)):
        return lines  # a line that begins with % goes on with the line before
    plain = []
    for line in lines:
        bare = line.lstrip()
        indent = line[: len(line) - len(bare)]
        if bare.startswith(("%", "!", "?")) or (bare.endswith("?") and "#" not in bare):
            plain.append(f"{indent}pass  # {bare}")
        elif shell := ASSIGNED.match(line):
            plain.append(f"{shell[1]}[]  # {shell[2]}")
        else:
            plain.append(line)
    return plain


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
