"""The doctor of a Jupyter notebook: its cells are run in their order, and a finding names cell and line."""

import json

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

from robot_agent.doctor.run import run
from robot_agent.errors import RobotAgentError

CELLS = (
    ("markdown", "# My network\nIt does not learn."),
    ("code", ["%matplotlib inline\n", "!pip install nothing\n", "import torch\n", "torch.manual_seed(0)\n"]),
    ("code", "net = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nnet?"),
    ("code", "%%bash\nexit 1"),
    ("code", "text = ('%d'\n% 5)\nassert text == '5'"),
    (
        "code",
        [
            "%%time\n",
            "for i in range(60):\n",
            "    x = torch.randn(8, 2)\n",
            "    y = x.sum(1)\n",
            "    loss = torch.nn.functional.mse_loss(net(x), y)\n",
            "    opt.zero_grad()\n",
            "    loss.backward()\n",
            "    opt.step()\n",
            "    %time\n",
            "files = !ls\n",
            "assert files == []\n",
        ],
    ),
)


def notebook(place, cells):
    place.write_text(
        json.dumps(
            {
                "cells": [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in cells],
                "metadata": {"kernelspec": {"name": "python3"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    return str(place)


@pytest.mark.filterwarnings("ignore")
def test_a_finding_names_the_cell_and_the_line_in_it(tmp_path):
    report, code = run(notebook(tmp_path / "mine.ipynb", CELLS), [])
    assert (code, report.steps) == (0, 60)
    (finding,) = report.as_dict()["findings"]
    assert (finding["kind"], finding["cell"], finding["line"]) == ("broadcast", 5, 5)
    assert finding["source"].strip() == "loss = torch.nn.functional.mse_loss(net(x), y)"
    assert "mine.ipynb, cell 5, line 5\n" in report.as_text()
    assert "\n5 |     loss = torch" in report.as_text()


def test_a_notebook_of_an_old_format_or_with_a_byte_order_mark_runs_too(tmp_path):
    code = [
        "import torch\n",
        "w = torch.ones(1, requires_grad=True)\n",
        "for _ in range(3): (w * 1.0).sum().backward()",
    ]
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": code}]}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    new = {"nbformat": 4, "cells": [{"cell_type": "code", "source": code}]}
    (tmp_path / "marked.ipynb").write_text(json.dumps(new), encoding="utf-8-sig")
    for name in ("old.ipynb", "marked.ipynb"):
        assert run(str(tmp_path / name), [])[0].steps == 3


def test_what_is_wrong_with_a_notebook_is_said_in_a_sentence(tmp_path):
    with pytest.raises(RobotAgentError, match="cell 2, line 1 is not valid Python"):
        run(notebook(tmp_path / "odd.ipynb", [("code", "a = 1"), ("code", "def")]), [])
    for content in ("", '{"cells": [', "[1]", '{"cells": 3}'):
        (tmp_path / "torn.ipynb").write_text(content)
        with pytest.raises(RobotAgentError, match="is no whole notebook"):
            run(str(tmp_path / "torn.ipynb"), [])
    with pytest.raises(RobotAgentError, match="a notebook without code"):
        run(notebook(tmp_path / "text.ipynb", CELLS[:1]), [])
