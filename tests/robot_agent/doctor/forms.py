"""The two forms of a script in `scripts/`: as it is asked about, and mended.

A line that is to be changed ends with `#! what to write instead`, `#!-` (to be left out) or `#!+ a line after
it`. A line that may be pointed at as well ends with `#+`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
MARK = re.compile(r"(.*?)\s*#(!-|!\+|!|\+)(.*)$")


@dataclass(frozen=True)
class Forms:
    """One script."""

    kind: str
    faulty: str
    mended: str | None
    """None where mending it would be another script."""
    lines: tuple[int, ...]
    """Lines that may be pointed at."""


def read(file: Path) -> Forms:
    """Read both forms of a script."""
    first, *rest = file.read_text().split("\n")
    faulty, mended, lines, whole = ["#"], ["#"], [], True
    for number, line in enumerate(rest, 2):
        match = MARK.match(line)
        if match is None:
            faulty.append(line)
            mended.append(line)
            continue
        code, mark, new = match[1], match[2], match[3].strip()
        indent = code[: len(code) - len(code.lstrip())]
        faulty.append(code)
        lines.append(number)
        if mark == "+":
            mended.append(code)
        elif mark == "!":
            mended.append(indent + new)
        elif mark == "!-":
            whole = whole and "mse-on-classes" not in first
        else:
            after = rest[number - 1] if code.endswith(":") else code
            mended += [code, after[: len(after) - len(after.lstrip())] + new]
    whole = whole and mended != faulty
    return Forms(first.split()[-1], "\n".join(faulty), "\n".join(mended) if whole else None, tuple(lines))
