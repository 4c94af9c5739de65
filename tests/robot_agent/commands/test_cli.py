"""The command line as a person uses it: real files, and one sentence for every mistake."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import cv2
import in_process
import numpy as np
import pytest
from safetensors.numpy import load_file

from robot_agent.commands import MODULES, app
from robot_agent.pilot import Pilot
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config, describe, load
from robot_agent.simulator import SimulatedRobot

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
SHORT = ["--set", "train.evaluation_episodes=100"]


ENVIRONMENT = os.environ | {
    "COLUMNS": "200",
    "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}",
    "ROBOT_AGENT_LEARNER__BACKEND": "numpy",  # torch takes seconds to load
}


def run(*arguments: str, cwd: Path, code: int | None = 0, **env: str) -> in_process.Done:
    result = in_process.run(cwd, *arguments, **{"ROBOT_AGENT_LEARNER__BACKEND": "numpy"} | env)
    assert "Traceback" not in result.stderr, result.stderr
    if code is not None:
        assert result.returncode == code, result.stderr
    return result


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A folder with one run and its exported policy."""
    folder = tmp_path_factory.mktemp("trained")
    run("train", "--moves", "120000", "--seed", "1", *SHORT, cwd=folder)
    run("export", "1", cwd=folder)
    return folder


def test_train_prints_json_for_scripts(tmp_path):
    one, other = (
        json.loads(
            run(
                "train",
                "--moves",
                "20000",
                "--seed",
                "4",
                "--json",
                *SHORT,
                "--store",
                name,
                cwd=tmp_path,
                ROBOT_AGENT_LEARNER__BACKEND="torch",
            ).stdout
        )
        for name in ("a.db", "b.db")
    )
    assert one["moves"] >= 20_000
    assert one.keys() >= {"run", "seed", "success_rate", "moves_mean", "moves_to_95", "seconds", "findings"}
    with Store(tmp_path / "a.db") as a, Store(tmp_path / "b.db") as b:
        mine, yours = a.checkpoint(1)[1], b.checkpoint(1)[1]
    assert all(np.array_equal(mine[name], yours[name]) for name in mine), "the same seed, the same run"


def test_evaluate_stands_a_policy_beside_the_oracle(trained):
    result = json.loads(run("evaluate", "policy.safetensors", "--json", cwd=trained).stdout)
    assert result["episodes"] == 1000
    assert sum(result["endings"].values()) == 1000
    assert result["success_rate"] >= 0.9
    assert 5.7 < result["oracle_moves_mean"] < 6.3 < result["moves_mean"]
    by_number = json.loads(run("evaluate", "1", "--json", "--no-oracle", cwd=trained).stdout)
    assert by_number["success_rate"] == result["success_rate"]


def test_evaluate_through_pictures(trained):
    result = json.loads(
        run("evaluate", "1", "--rendered", "--episodes", "10", "--no-oracle", "--json", cwd=trained).stdout
    )
    assert result["episodes"] == 10
    assert result["success_rate"] >= 0.7


def test_drive_tells_every_move_and_draws_what_it_saw(trained, tmp_path):
    out = run(
        "drive",
        "--policy",
        str(trained / "policy.safetensors"),
        "--seed",
        "3",
        "--pictures",
        "seen",
        cwd=tmp_path,
    )
    assert "reached after" in out.stdout
    pictures = sorted((tmp_path / "seen").iterdir())
    assert len(pictures) == out.stdout.count("\n") - 1
    assert cv2.imread(str(pictures[0])).shape == (240, 320, 3)
    lines = run("drive", "--policy", "1", "--episodes", "2", "--json", cwd=trained).stdout.splitlines()
    assert json.loads(lines[-1])["episode"] == 2


def test_runs_are_listed_compared_and_deleted(tmp_path):
    for seed in ("1", "2"):
        run("train", "--moves", "3000", "--seed", seed, *SHORT, cwd=tmp_path)
    assert [info["id"] for info in json.loads(run("runs", "--json", cwd=tmp_path).stdout)] == [2, 1]
    assert "seed" in run("runs", "compare", "1", "2", cwd=tmp_path).stdout
    shown = json.loads(run("runs", "show", "1", "--json", cwd=tmp_path).stdout)
    assert {mark for c in shown["checkpoints"] for mark in c["marks"]} == {"best", "last"}
    run("runs", "delete", "1", "--yes", cwd=tmp_path)
    assert [info["id"] for info in json.loads(run("runs", "--json", cwd=tmp_path).stdout)] == [2]


def test_an_exported_policy_is_only_its_parameters_and_its_settings(trained):
    tensors = load_file(trained / "policy.safetensors")
    assert not any("adam" in name for name in tensors)
    pilot = Pilot.load(trained / "policy.safetensors")
    robot = SimulatedRobot(seed=2)
    for _ in range(20):
        pulse = pilot(robot.read())
        if pilot.is_there():
            break
        robot.pulse(pulse.left, pulse.right, pulse.seconds)
    assert pilot.is_there()
    assert pilot(np.zeros((240, 320, 3), np.uint8)) is None


@pytest.mark.parametrize("name", ["run.png", pytest.param("run.svg", marks=pytest.mark.slow)])
def test_plot_draws_a_run(trained, name):
    pytest.importorskip("matplotlib", reason="plot needs matplotlib, an extra")
    run("plot", "1", "--out", name, cwd=trained)
    assert (trained / name).stat().st_size > 20_000


def test_each_command_is_in_the_module_that_is_loaded_for_it():
    for module in dict.fromkeys(MODULES.values()):
        import_module(f"robot_agent.commands.{module}")
    found = {(c.name or c.callback.__name__): c.callback.__module__ for c in app.registered_commands}
    for group in app.registered_groups:
        found[group.name] = group.typer_instance.registered_commands[0].callback.__module__
    assert found == {name: f"robot_agent.commands.{module}" for name, module in MODULES.items()}


def test_config_names_every_setting(tmp_path):
    out = run("config", cwd=tmp_path).stdout
    for name, _, sentence in describe():
        assert name in out
        assert sentence.strip().endswith("."), name
    assert (
        json.loads(run("config", "--json", "--set", "learner.gamma=0.5", cwd=tmp_path).stdout)["learner"][
            "gamma"
        ]
        == 0.5
    )


def test_flags_are_stronger_than_the_environment_and_that_than_the_file(tmp_path, monkeypatch):
    (tmp_path / "robot.toml").write_text("[learner]\ngamma = 0.5\nclip_range = 0.4\n[train]\nrobots = 7\n")
    monkeypatch.chdir(tmp_path)
    assert load().learner.gamma == 0.5
    monkeypatch.setenv("ROBOT_AGENT_LEARNER__GAMMA", "0.6")
    assert (load().learner.gamma, load().learner.clip_range) == (0.6, 0.4)
    assert load(None, {"learner": {"gamma": 0.7}}).learner.gamma == 0.7
    preset = load(None, {"preset": "one"})
    assert (preset.train.robots, preset.learner.epochs > 1) == (7, True), "a preset is weaker than the file"


def test_a_robot_of_ones_own_trains_evaluates_and_drives(tmp_path):
    own = ["--robot", "own_robot:build"]
    result = json.loads(run("train", *own, "--moves", "60", "--seed", "1", "--json", cwd=tmp_path).stdout)
    assert result["episodes"] >= 3
    with Store(tmp_path / "robot-agent.db") as store:
        assert sum(row["moves"] for row in store.episodes(1)) == result["moves"], "every episode is kept"
    assert (
        json.loads(run("evaluate", "1:last", *own, "--episodes", "2", "--json", cwd=tmp_path).stdout)[
            "episodes"
        ]
        == 2
    )
    assert "Episode 1" in run("drive", "--policy", "1:last", *own, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("robot", "action", "known"),
    [
        pytest.param("build_weak", "wheels", r"The left wheel is (2[5-9]|3[0-5])%", marks=pytest.mark.slow),
        ("Swapped", "curvature", "The wires of the two motors are swapped"),
    ],
)
def test_a_fresh_robot_without_a_policy_drives_and_says_what_it_is(tmp_path, robot, action, known):
    own = ["--robot", f"own_robot:{robot}", "--set", f"task.action={action}"]
    evaluated = run("evaluate", *own, "--episodes", "15", cwd=tmp_path)
    assert "the shipped policy drives" in evaluated.stderr
    share, episodes = re.search(r"([\d.]+)% of (\d+) episodes reach the goal", evaluated.stdout).groups()
    assert episodes == "15"
    assert float(share) >= 80
    assert re.search(known, evaluated.stdout)
    driven = run("drive", *own, "--episodes", "6", cwd=tmp_path)
    assert "the shipped policy drives" in driven.stderr
    assert int(re.search(r"(\d) of 6 episodes reached the goal", driven.stderr)[1]) >= 4
    result = json.loads(run("evaluate", *own, "--episodes", "1", "--json", cwd=tmp_path).stdout)
    assert result["known"]


def test_a_stored_policy_and_a_task_of_ones_own_are_not_driven_by_the_shipped_one(tmp_path, trained):
    evaluated = run("evaluate", "--robot", "own_robot:build", "--episodes", "1", cwd=trained)
    assert "shipped" not in evaluated.stderr
    assert "train first" in run("evaluate", cwd=tmp_path, code=2).stderr
    refused = run(
        "drive", "--robot", "own_robot:build", "--set", "task.max_seconds=0.5", cwd=tmp_path, code=2
    )
    assert "max_seconds" in refused.stderr


def test_look_sees_pictures_and_draws_on_them(tmp_path):
    frame = SimulatedRobot(seed=1).read()
    cv2.imwrite(str(tmp_path / "one.png"), frame)
    (line,) = run("look", "one.png", "--json", "--overlay", "drawn", cwd=tmp_path).stdout.splitlines()
    sight = json.loads(line)
    assert 0 <= sight["x1"] <= sight["x2"] <= 41
    assert sight["milliseconds"] > 0
    (drawn,) = (tmp_path / "drawn").iterdir()
    assert not np.array_equal(cv2.imread(str(drawn)), frame)


def test_look_learns_a_colour_from_one_click(tmp_path):
    picture = np.full((120, 160, 3), 120, np.uint8)
    picture[30:90, 40:80] = (200, 60, 20)  # a blue thing
    cv2.imwrite(str(tmp_path / "blue.png"), picture)
    assert "nothing seen" in run("look", "blue.png", cwd=tmp_path).stdout
    out = run("look", "blue.png", "--color-from", "blue.png", "--at", "60,60", cwd=tmp_path)
    assert "x1 10, x2 20" in out.stdout
    (tmp_path / "robot.toml").write_text(out.stderr[out.stderr.index("[vision.color]") :])
    assert "x1 10, x2 20" in run("look", "blue.png", cwd=tmp_path).stdout, "what it says to write down works"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_stops_cleanly_and_keeps_what_was_learned(tmp_path, name):
    store = tmp_path / "robot-agent.db"
    with subprocess.Popen(
        [sys.executable, "-m", "robot_agent", "train", "--seed", "2", "--moves", "3000000"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A test run in the background may ignore it, and its children with it.
        preexec_fn=lambda: signal.signal(getattr(signal, name), signal.SIG_DFL),
    ) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if store.exists():
                with Store(store) as opened:
                    if opened.runs() and opened.updates(1):
                        break
            time.sleep(0.1)
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + getattr(signal, name)
    assert "Traceback" not in errors
    with Store(store) as opened:
        info = opened.run(1)
        assert info.status == "stopped"
        assert info.updates == opened.updates(1)[-1]["number"] > 0
    again = ["train", "--resume", "1", "--set", f"train.moves={info.moves + 5000}", "--json", *SHORT]
    assert json.loads(run(*again, cwd=tmp_path).stdout)["moves"] > info.moves


MISTAKES = {
    "unknown flag": (["train", "--mvoes", "3"], 2, "--moves"),
    "unknown command": (["trian"], 2, "train"),
    "unknown setting": (["train", "--set", "learner.gama=0.9"], 2, "Did you mean 'gamma'"),
    "unknown section": (["train", "--set", "lerner.gamma=0.9"], 2, "Did you mean 'learner'"),
    "a setting that is no setting": (["train", "--set", "gamma"], 2, "section.name=value"),
    "a value out of range": (["train", "--set", "learner.gamma=3"], 2, "learner.gamma"),
    "a value of the wrong kind": (["train", "--set", "train.moves=many"], 2, "train.moves"),
    "a range the wrong way round": (["train", "--set", "simulator.start_distance=[2,1]"], 2, "swap them"),
    "a start inside the target": (["train", "--set", "simulator.target_width=2"], 2, "start inside"),
    "a target that is never seen": (
        ["train", "--set", "simulator.camera_yaw_degrees=45", "--set", "simulator.start_bearing_degrees=0"],
        1,
        "from none of its starts",
    ),
    "a table that is none": (["train", "--set", "train=5"], 2, "[train]"),
    "resume as another preset": (["train", "--resume", "1", "--preset", "one"], 2, "preset"),
    "an action that is not the policy's": (
        ["evaluate", "1", "--set", "task.action=wheels"],
        2,
        "task.action",
    ),
    "unknown preset": (["train", "--preset", "fast"], 2, "'fast'"),
    "unknown action": (["train", "--action", "legs"], 2, "task.action"),
    "no such settings file": (["train", "--config", "no.toml"], 2, "no.toml"),
    "broken settings file": (["train", "--config", "broken.toml"], 2, "not valid TOML"),
    "unknown robot": (["train", "--robot", "wheels"], 2, "MODULE:FACTORY"),
    "no such module": (["train", "--robot", "nowhere:build"], 2, "nowhere"),
    "no such factory": (["train", "--robot", "own_robot:biuld"], 2, "no factory 'biuld'"),
    "a robot without pulse": (["train", "--robot", "own_robot:build_without_wheels"], 2, "motors.pulse()"),
    "a factory that fails": (["train", "--robot", "own_robot:build_broken"], 1, "no wheels today"),
    "no such run": (["train", "--resume", "7"], 1, "no run 7"),
    "resume with another network": (
        ["train", "--resume", "1", "--set", "network.hidden=[8]"],
        2,
        "network.hidden",
    ),
    "resume and from": (["train", "--resume", "1", "--from", "1"], 2, "one of them"),
    "from another network": (["train", "--from", "1", "--set", "network.hidden=[8]"], 2, "another network"),
    "no such policy": (["drive", "--policy", "none.safetensors"], 2, "robot-agent export"),
    "a broken policy": (["drive", "--policy", "broken.toml"], 2, "no policy file"),
    "no such checkpoint": (["evaluate", "1:worst"], 1, "worst"),
    "no store": (["runs", "--store", "none.db"], 2, "train first"),
    "a store that is none": (["runs", "--store", "broken.toml"], 1, "broken.toml"),
    "a store in no folder": (["train", "--store", "no/where.db"], 1, "where.db"),
    "no such picture": (["look", "none.png"], 1, "none.png"),
    "a broken picture": (["look", "broken.png"], 1, "broken.png"),
    "a broken video": (["look", "broken.mp4"], 1, "broken.mp4"),
    "no such camera": (["look", "42"], 1, "42"),
    "nobody at the address": (["look", "http://127.0.0.1:9/video"], 1, "127.0.0.1"),
    "a colour without a place": (["look", "grey.png", "--color-from", "grey.png"], 2, "--at X,Y"),
    "a place that is none": (
        ["look", "grey.png", "--color-from", "grey.png", "--at", "here"],
        2,
        "--at 160,120",
    ),
    "a colour that is grey": (["look", "grey.png", "--color-from", "grey.png", "--at", "5,5"], 2, "grey.png"),
    "unknown detector": (["look", "grey.png", "--detector", "colour"], 2, "vision.detector"),
    "unknown marker family": (
        ["look", "grey.png", "--set", "vision.marker.dictionary=5X5", "--detector", "marker"],
        2,
        "5X5",
    ),
    "a picture that is no picture file": (["plot", "1", "--out", "run.doc"], 2, ".png or .svg"),
    "curves in no folder": (["experiment", "xor-mse", "--out", "no/where.png"], 2, "make it first"),
    "a policy to nowhere": (["export", "1", "--out", "no/where.safetensors"], 1, "no/where.safetensors"),
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_gets_one_sentence_with_the_cure(trained, mistake):
    arguments, code, words = MISTAKES[mistake]
    (trained / "broken.toml").write_text("[learner\ngamma = ")
    (trained / "broken.png").write_bytes(b"no picture")
    (trained / "broken.mp4").write_bytes(b"no video" * 50)
    cv2.imwrite(str(trained / "grey.png"), np.full((40, 40, 3), 120, np.uint8))
    result = in_process.run(trained, *arguments, ROBOT_AGENT_LEARNER__BACKEND="numpy")
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    if "Usage" not in result.stderr:  # which a wrong flag gets from the command line's library
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_a_variable_that_is_no_setting_is_named(tmp_path):
    assert "ROBOT_AGENT_SED" in run("config", cwd=tmp_path, code=2, ROBOT_AGENT_SED="3").stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert "may write to" in run("train", cwd=locked, code=1).stderr


def test_every_default_of_the_settings_is_the_default_of_the_code():
    """Two places hold each default, so that the code needs no settings: they must not drift apart."""
    import inspect

    from robot_agent.build.simulation import make_physics, make_randomisation
    from robot_agent.envs.task import Approach
    from robot_agent.guard.client import GuardMotors
    from robot_agent.learning.reinforce import Reinforce
    from robot_agent.learning.torch_policy import GaussianPolicy
    from robot_agent.motors.gpio import Wheels
    from robot_agent.robot.reset import BackAndSearch
    from robot_agent.simulator.physics import Physics, Randomisation
    from vision.detectors.color import ColorDetector
    from vision.detectors.marker import MarkerDetector
    from vision.detectors.objects import ObjectDetector
    from vision.detectors.slices import SliceDetector
    from vision.sight import Sight

    config = Config()
    for section, code in (
        (config.task, Approach),
        (config.learner, Reinforce),
        (config.network, GaussianPolicy),
        (config.vision.color, ColorDetector),
        (config.vision.marker, MarkerDetector),
        (config.vision.slices, SliceDetector),
        (config.vision.objects, ObjectDetector),
        (config.motors, Wheels),
        (config.motors, GuardMotors),
        (config.episodes, BackAndSearch),
    ):
        own = {name: p.default for name, p in inspect.signature(code).parameters.items()}
        for name, value in section.model_dump().items():
            if name in own and name not in ("mirror", "pins"):
                expected = (own[name].x1, own[name].x2) if isinstance(own[name], Sight) else own[name]
                assert value == expected, f"{code.__name__}.{name}"
    assert make_physics(config.simulator) == Physics()
    randomised = config.simulator.model_copy(update={"randomise": True})
    assert make_randomisation(randomised) == Randomisation()
