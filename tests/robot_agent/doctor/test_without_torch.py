"""Without PyTorch: a training by hand is examined, and for the rest it is said what to install."""

import subprocess
import sys

import pytest

from tests.robot_agent.doctor.forms import BY_HAND

COMMAND = """
import sys
sys.modules["torch"] = None
from robot_agent.__main__ import main
try:
    main()
finally:
    print(sorted({"numpy", "pydantic", "rich", "torch", "typer"} & {n for n, m in sys.modules.items() if m}))
"""


def doctor(*arguments):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "doctor", *arguments], capture_output=True, text=True
    )


@pytest.mark.parametrize("options", [(), ("--steps", "9")], ids=["past the options", "with an option"])
def test_a_script_that_needs_it_is_told_what_to_install(options, tmp_path):
    script = tmp_path / "train.py"
    script.write_text("import torch\n")
    answer = doctor(*options, script)
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "Error: The doctor of PyTorch scripts needs PyTorch: pip install torch."
    ]


def test_a_training_by_hand_needs_nothing_but_numpy(tmp_path):
    script = tmp_path / "hand.py"
    script.write_text(BY_HAND.replace("(1 - h * h)", "(h - h * h)"))
    answer = doctor(script)
    assert answer.returncode == 1
    assert "fault[wrong-derivative]" in answer.stderr
    assert "hand.py:15" in answer.stderr
    assert answer.stdout == "['numpy']\n"  # what reads other commands' options is not even loaded
