"""The two forms of a script in `scripts/`: as it is asked about, and mended.

A line that is to be changed ends with `#! what to write instead`, `#!-` (to be left out) or `#!+ a line after
it`. A line that may be pointed at as well ends with `#+`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
BY_HAND = """
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(40, 3)); t = np.sin(x[:, :1])
W1, W2 = rng.normal(size=(3, 8)) * 0.5, rng.normal(size=(8, 1)) * 0.5
params = dict(W1=W1, b1=np.zeros(8), W2=W2, b2=np.zeros(1))
def forward(p, x):
    h = np.tanh(x @ p["W1"] + p["b1"])
    return h, h @ p["W2"] + p["b2"]
def loss(p, x, t):
    return float(np.mean((forward(p, x)[1] - t) ** 2))
def gradients(p, x, t):
    h, y = forward(p, x)
    dy = 2 * (y - t) / len(x)
    dz = (dy @ p["W2"].T) * (1 - h * h)
    return {"W1": x.T @ dz, "b1": dz.sum(0), "W2": h.T @ dy, "b2": dy.sum(0)}
for i in range(100):
    g = gradients(params, x, t)
    for name in params:
        params[name] -= 0.1 * g[name]
"""
"""A training by hand, in NumPy alone."""
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
