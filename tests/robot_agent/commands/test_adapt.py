"""`adapt` and `calibrate drive` from the command line, with robots that nobody has measured."""

import json
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

import robot_agent.commands.known
import robot_agent.commands.train
import robot_agent.identification.adapt
from robot_agent.commands import main
from robot_agent.commands.known import Session
from robot_agent.commands.robot_file import sure_settings
from robot_agent.identification.estimate import Estimate
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.log import LONGEST, Episode, Log
from robot_agent.identification.parameters import DEVIATION, MEAN
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.motors.motors import Pulse
from robot_agent.pilot import Pilot
from robot_agent.runs.robots import recall
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

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
    assert result["adapted"]["new"]["success"] > 0.85  # on robots beyond the estimate too
    said = run("adapt", "--revert", code=0 if result["adapted"]["promoted"] else 2)[1]
    assert "is back" in said or "nothing to return to" in said
    run("adapt", "--forget")
    assert "Nothing was known" in run("adapt", "--forget", code=2)[1]
    assert "no picture" in run("adapt", "--plot", ".", code=2)[1]
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


def test_nothing_is_written_that_is_said_to_be_unknown() -> None:
    for share in (0.59, 0.61):
        estimate = Estimate(MEAN, share * DEVIATION, (False, 1, 1), 12)
        values, unsure = sure_settings(load(), estimate)
        said = [words.removesuffix(": not known yet.").lower() for words in estimate.words()]
        assert not {"full_speed", "wheel_base"} & set(values.get("simulator", {})) or share < 0.6
        assert share < 0.6 or set(said[:6]) <= set(unsure)


def session(folder: Path, wires: np.ndarray) -> tuple[Session, ModelRobot]:
    """A drive of a robot of which the store knows as much as it can keep."""
    settings = load(None, {"robot": "own_robot:Quick", "store": folder / "runs.db"})
    pilot = KnowingPilot.shipped("wheels")
    move = (Pulse(0.5, 0.5, 0.3), (18, 24))
    pilot.log = Log([Episode((18, 24), [move] * 10) for _ in range(LONGEST // 10)])
    return Session(settings, pilot), ModelRobot(MEAN, 3, wires=wires)


def test_a_fault_is_named_also_of_a_robot_that_is_known_for_long(tmp_path: Path) -> None:
    drive, robot = session(tmp_path, np.zeros((2, 2)))
    assert drive.pilot is not None
    drive.pilot.episode(robot)
    assert [found.kind for found in drive.findings] == ["no-response"] and drive.hindered


def test_a_change_is_said_when_it_is_noticed_and_kept_before_the_drive_ends(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(robot_agent.commands.known, "KEEP_SECONDS", 0.0)
    drive, robot = session(tmp_path, np.eye(2))
    assert drive.pilot is not None
    drive.pilot.log = Log()
    while drive.moves < 40:
        robot.reset()
        drive.pilot.episode(robot)
        if drive.moves > 20:
            robot.wires = np.eye(2)[::-1]
    assert "it was noticed that the motors are wired in another way" in capsys.readouterr().err
    with Store(tmp_path / "runs.db", reading=True) as store:
        memory = recall(store, "own_robot:Quick")
    assert memory is not None and memory.knowledge.moves == drive.pilot.knowledge.moves
