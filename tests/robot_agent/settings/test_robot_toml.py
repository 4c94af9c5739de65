"""Measured settings are written into robot.toml however a person has written it, and nothing else changes."""

import os

import pytest

from robot_agent.errors import SettingsError
from robot_agent.guard.low import motors_of
from robot_agent.settings.config import load
from robot_agent.settings.robot_toml import write_settings

NEW = {
    "task": {"goal": (1, 40)},
    "simulator": {"full_speed": 0.5},
    "motors": {"swapped": True},
    "vision": {"color": {"value": (0.2, 1.0)}},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "[task]\ngoal=[5,20]",
        "\ufeff[task]\ngoal=[5,20]\n",
        "\ufeffrobot='pi'\r\n[task]\r\ngoal=[5,20] # kept\r\n",
        "robot='pi'\r[task]\rgoal=[5,20]\r",
        "task.goal=[5,20]\ntask.tolerance=3 # kept\n",
        "task={goal=[5,20],tolerance=3}\n",
        "[simulator.randomisation]\n[task]\ngoal=[5,20]\n[simulator]\nwheel_base=0.3\n[motors]\nleft_trim=0.9\n",
        "[vision.color]\nvalue=[0.1,1.0]\n[task]\ntolerance=3\n[vision]\ndetector='color'\n[vision.marker]\nid=3\n",
        "[\"task\"]\n'goal'=[5,20]\n",
        "  [ task ]\n  goal   =  [5,20]\n\n\n# kept\n",
    ],
)
def test_however_it_is_written(tmp_path, text):
    path = tmp_path / "robot.toml"
    path.write_bytes(text.encode())
    before = load(path).model_dump()
    write_settings(path, NEW)
    after = load(path).model_dump()
    assert (after["task"]["goal"], after["simulator"]["full_speed"]) == ((1, 40), 0.5)
    assert after["motors"]["swapped"] and after["vision"]["color"]["value"] == (0.2, 1.0)
    for changed in (before, after):
        changed["task"]["goal"], changed["simulator"]["full_speed"] = (1, 40), 0.5
        changed["motors"]["swapped"], changed["vision"]["color"]["value"] = True, (0.2, 1.0)
    assert after == before
    written = path.read_bytes()
    assert (b"# kept" in written) == ("# kept" in text)
    if "\r\n" in text:
        assert b"# kept\r\n" in written
    assert write_settings(path, NEW) == []


@pytest.mark.parametrize(
    "data",
    [
        b"task = 3\n",
        b"[[task]]\ngoal=[5,20]\n",
        b"[task]\ngoal=[5,20]\n[task]\ntolerance=3\n",
        b"[task]\n# \xe4\n",
        "[task]\n".encode("utf-16"),
        b"[task]\n\0goal=[5,20]\n",
    ],
)
def test_what_cannot_be_mended_is_left_as_it_is(tmp_path, data):
    path = tmp_path / "robot.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match=r"robot\.toml"):
        write_settings(path, NEW)
    assert path.read_bytes() == data


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder", "a link to nowhere", "a huge file"])
def test_what_is_no_file_of_settings_is_refused_at_once(tmp_path, monkeypatch, kind):
    path = tmp_path / "robot.toml"
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a huge file":
        path.write_text("#" * 2_000_000)
    else:
        path.symlink_to("/dev/zero" if kind == "a device" else "/nowhere/else")
    monkeypatch.chdir(tmp_path)
    for use in (load, lambda: write_settings(path, NEW)):
        with pytest.raises(SettingsError, match=r"robot\.toml cannot be read"):
            use()


def test_the_pins_are_found_behind_the_mark_of_an_editor(tmp_path):
    path = tmp_path / "robot.toml"
    path.write_bytes("\ufeffrobot='pi'\r\n[motors]\r\nboard='l298n'\r\n".encode())
    assert motors_of(path, {})["board"] == "l298n"


@pytest.mark.parametrize("number", [10**30, 2**63, 1e300])
def test_a_number_that_is_far_too_large_is_refused(number):
    with pytest.raises(SettingsError, match=r"train\.moves"):
        load(None, {"train": {"moves": number}})


@pytest.mark.parametrize(
    "text", ["[Task]\ngoal=[5,20]\n", "[TASK]\ngoal=[5,20]\n[task]\ntolerance=3\n", "[task]\nGoal=[5,20]\n"]
)
def test_a_name_in_capitals_is_no_setting_and_the_right_one_is_told(tmp_path, text):
    path = tmp_path / "robot.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"Did you mean '(task|goal)'"):
        load(path)


@pytest.mark.parametrize(
    ("name", "value", "section", "setting", "read"),
    [
        ("TASK__GOAL", "10,31", "task", "goal", (10, 31)),
        ("TASK__GOAL", "[10, 31]", "task", "goal", (10, 31)),
        ("NETWORK__HIDDEN", "32,16", "network", "hidden", (32, 16)),
        ("NETWORK__HIDDEN", "32", "network", "hidden", (32,)),
        ("TASK__GOAL", "10;31", "task", "goal", "task.goal"),
        ("NETWORK__HIDDEN", "many", "network", "hidden", "network.hidden"),
    ],
)
def test_a_list_in_a_variable_is_read_or_the_setting_is_named(
    monkeypatch, name, value, section, setting, read
):
    monkeypatch.setenv(f"ROBOT_AGENT_{name}", value)
    if isinstance(read, str):
        with pytest.raises(SettingsError, match=read):
            load(None)
    else:
        assert tuple(load(None).model_dump()[section][setting]) == read
