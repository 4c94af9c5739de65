"""`adapt` and `calibrate drive` from the command line, with robots that nobody has measured."""

import json
import signal
import sys
from pathlib import Path

import pytest

import robot_agent.commands.train
import robot_agent.identification.adapt
from robot_agent.commands import main
from robot_agent.pilot import Pilot

OWN = ["--robot", "own_robot:Quick"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch, capsys):
    """The command line, in this process, in a folder of its own: its output and its messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setitem(robot_agent.identification.adapt.SETTINGS, "moves", 10_000)
    monkeypatch.setattr(robot_agent.identification.adapt, "JUDGES", 200)

    def command(*arguments: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["robot-agent", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        assert (left.value.code or 0) == code, printed.err
        return printed.out, printed.err

    return command


def test_adapt_begins_with_nothing_and_ends_with_settings_a_picture_and_a_policy(run, tmp_path: Path) -> None:
    (tmp_path / "robot.toml").write_text('robot = "own_robot:Quick"  # mine\n')
    out, said = run("adapt", "--episodes", "10", "--write", "--plot", "known.png", "--no-train")
    assert "The left wheel is" in out
    assert "drives" in said
    written = (tmp_path / "robot.toml").read_text()
    assert "# mine" in written
    assert "left_gain = 0.7" in written
    assert (tmp_path / "known.png").stat().st_size > 10_000
    result = json.loads(run("adapt", "--json", "--seed", "1")[0])
    assert result["estimate"]["moves"] > 12
    assert result["adapted"]["new"]["success"] > 0.9
    said = run("adapt", "--revert", code=0 if result["adapted"]["promoted"] else 2)[1]
    assert "is back" in said or "nothing to return to" in said
    run("adapt", "--forget")
    assert "Only 0 moves" in run("adapt", "--episodes", "0", code=1)[1]


def test_what_drive_prints_can_be_adapted_to_elsewhere(run, tmp_path: Path) -> None:
    moves = run("drive", *OWN, "--episodes", "2", "--json")[0]
    (tmp_path / "moves.jsonl").write_text(moves)
    assert (
        f"From {len(moves.splitlines())} moves" in run("adapt", *OWN, "--log", "moves.jsonl", "--no-train")[0]
    )
    assert "no text" in run("adapt", *OWN, "--log", "robot-agent.db", code=2)[1]
    assert "cannot be read" in run("adapt", *OWN, "--log", "none.jsonl", code=2)[1]
    assert "goes on from what" in run("evaluate", *OWN, "--episodes", "1")[1]
    run("export", "known", *OWN, "--out", "mine.safetensors")
    pilot = Pilot.load("mine.safetensors").policy
    assert pilot.knowledge.moves > len(moves.splitlines())
    given = ["--policy", "mine.safetensors", "--store", "other.db"]
    assert "The policy given" in run("drive", *OWN, *given)[1]
    assert "let it drive first" in run("export", "known", "--robot", "own_robot:none", code=2)[1]


def test_one_drive_calibrates_all_at_once_and_a_robot_that_stands_gets_no_numbers(
    run, tmp_path: Path
) -> None:
    for robot in ("Quick", "quick_standing"):
        (tmp_path / f"{robot}.toml").write_text(f'robot = "own_robot:{robot}"\n')
    assert "The left wheel is" in run("calibrate", "drive", "--config", "Quick.toml")[0]
    assert "full_speed" in (tmp_path / "Quick.toml").read_text()
    still = run("calibrate", "drive", "--config", "quick_standing.toml", code=1)[1]
    assert "what it sees has not changed" in still
    assert (tmp_path / "quick_standing.toml").read_text() == 'robot = "own_robot:quick_standing"\n'


def test_a_strange_robot_is_not_trained_from_nothing_unless_it_is_asked_for(run, monkeypatch) -> None:
    monkeypatch.setattr(robot_agent.commands.train, "STRANGE_EPISODES", 4)
    out, said = run("train", *OWN, "--json")
    assert "need not learn from nothing" in said
    assert "--preset one" in said
    assert json.loads(out)["adapted"]["new"]["success"] > 0.9
    assert "Run 1" in run("train", *OWN, "--preset", "one", "--moves", "12", "--seed", "1")[1]


def test_a_fault_that_no_pilot_copes_with_is_named_and_nothing_is_fitted_to_it(run) -> None:
    out, said = run("evaluate", "--robot", "own_robot:quick_standing", "--episodes", "1")
    assert "no-response" in said
    assert "0.0% of 1" in out
    assert "wheel" not in out
    assert "no-response" in run("adapt", "--robot", "own_robot:quick_standing", code=1)[1]
