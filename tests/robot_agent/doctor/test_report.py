"""The doctor's report in a terminal: the caret stands under what is meant."""

import pytest

from robot_agent.doctor.report import Report
from robot_agent.health.finding import Finding


@pytest.mark.parametrize("before", ["x = ", "größe = ", "\tx = ", "名前 = ", "é = "])
def test_the_caret_is_under_the_expression(before):
    source = f"{before}loss.item()"
    start = len(before.encode())
    finding = Finding(
        "graph-cut", "Seen.", "Means.", "Cure.", 0.9,
        file="my.py", line=7, column=start, end_column=start + len("loss.item()"), source=source,
    )  # fmt: skip
    lines = Report((finding,), "my.py", 1, 1, 0.1).as_text().splitlines()
    shown, marked = lines[3], lines[4]
    assert shown.endswith("loss.item()") and marked.strip(" |") == "^" * len("loss.item()")
    cells = {"名前 = ": 7, "é = ": 4, "größe = ": 8, "\tx = ": 8, "x = ": 4}[before]
    assert marked.index("^") == 4 + cells
