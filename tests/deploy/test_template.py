"""The first robot.toml of each board says what the board's pins are, and can be read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from robot_agent.motors.boards import BOARDS, board_pins
from robot_agent.settings.config import load
from robot_agent.settings.template import HEADER, main, template


@pytest.mark.parametrize("board", BOARDS)
def test_it_can_be_read_and_its_wires_are_the_boards(board, tmp_path):
    (tmp_path / "robot.toml").write_text('robot = "pi"\n' + template(board))
    config = load(tmp_path / "robot.toml", {})
    assert (config.robot, config.motors.board, config.camera.source) == ("pi", board, "pi")
    told = re.findall(r"^#   (\w+) +(\d+) +(\d+)", template(board), re.M)
    assert {name: int(bcm) for name, bcm, _ in told} == board_pins(board)
    assert all(HEADER[int(bcm)] == int(pin) for _, bcm, pin in told)
    # What is proposed as a comment works too.
    for proposed in re.findall(r"^# .*(pins = \{.*\})$", template(board), re.M):
        if "left_forward" in proposed and "left_forward" not in BOARDS[board].pins:
            continue
        (tmp_path / "robot.toml").write_text(f'[motors]\nboard = "{board}"\n{proposed}\n')
        pins = load(tmp_path / "robot.toml", {}).motors.pins
        assert board_pins(board, {name: None if pin is False else pin for name, pin in pins.items()})


def test_the_header_has_each_pin_once():
    assert sorted(HEADER) == list(range(28)) and len(set(HEADER.values())) == 28
    # Power and ground are none of them.
    assert not {1, 2, 4, 6, 9, 14, 17, 20, 25, 30, 34, 39} & set(HEADER.values())


def test_a_board_that_there_is_not_names_the_nearest(capsys):
    assert main(["l298"]) == 2
    assert "l298n" in capsys.readouterr().err
    said = subprocess.run(
        [sys.executable, "-m", "robot_agent.settings.template"], capture_output=True, text=True
    )
    assert said.returncode == 2 and "name one board" in said.stderr


def test_the_guide_has_the_boards_pins():
    """Each row of the guide's table names a board and, side by side, its pins as `BOARDS` has them."""
    guide = (Path(__file__).parents[2] / "deploy" / "README.md").read_text()
    rows = [row.strip("| ").split("|") for row in guide.splitlines() if re.match(r"\| `\w", row)]
    in_guide = {}
    for names, *places in rows:
        sides = dict(zip(("left_", "right_", ""), places, strict=False))
        pins = {
            side + name: int(number)
            for side, words in sides.items()
            for name, number in re.findall(r"(\w+) (\d+)", words)
        }
        in_guide |= dict.fromkeys(re.findall(r"`([\w-]+)`", names), pins)
    assert {board: in_guide.get(board) for board in BOARDS} == {board: board_pins(board) for board in BOARDS}
