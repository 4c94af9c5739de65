"""A space file: what is wrong with one is said with the cure, and what is right is what is trained."""

import pytest
from small_sweeps import run

from robot_agent.errors import SettingsError
from robot_agent.settings.config import load
from robot_agent.sweep.space import read_space

HEAD = 'preset = "quick"\n'


def read(folder, text, encoding="utf-8"):
    file = folder / "space.toml"
    file.write_text(text, encoding=encoding)
    return read_space(file)


def ranges(folder, text):
    return {one.name: one.to_json() for one in read(folder, HEAD + text).ranges}


@pytest.mark.parametrize(
    "text",
    [
        '[space]\n"learner.gamma" = {low = 0.5, high = 0.9}\n',
        "[space]\nlearner.gamma = {low = 0.5, high = 0.9}\n",
        "[space.learner]\ngamma = {low = 0.5, high = 0.9}\n",
        "[space.learner.gamma]\nlow = 0.5\nhigh = 0.9\n",
    ],
)
def test_all_ways_of_toml_to_write_a_range_are_the_same(tmp_path, text):
    assert ranges(tmp_path, text) == {"learner.gamma": {"low": 0.5, "high": 0.9}}


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(tmp_path):
    text = HEAD + '[space]\n"learner.epochs" = {low = 1, high = 4}\n'
    assert read(tmp_path, text.replace("\n", "\r\n"), "utf-8-sig").ranges[0].to_json() == {
        "low": 1,
        "high": 4,
    }


def test_the_type_of_a_setting_decides_what_is_a_whole_number(tmp_path):
    text = """[space]
"learner.epochs" = {low = 1, high = 4, log = true}
"learner.clip_range" = {low = 1, high = 4}
"network.hidden" = {low = 4, high = 32}
"learner.options.beta" = {low = 1, high = 3}
"network.log_std_steering" = {low = -3, high = -1}
"""
    found = {one.name: one.whole for one in read(tmp_path, HEAD + text).ranges}
    assert found == {
        "learner.epochs": True,
        "learner.clip_range": False,
        "network.hidden": True,
        "learner.options.beta": True,
        "network.log_std_steering": False,
    }


def test_a_trial_has_the_fixed_settings_the_preset_and_its_own(tmp_path):
    space = read(
        tmp_path, HEAD + '[learner]\ngamma = 0.6\n[space]\n"network.hidden" = {choices = [[8], [4, 4]]}\n'
    )
    mine = space.config_of({"network.hidden": [4, 4]})
    usual = load(None, {"preset": "quick"})
    assert mine.network.hidden == (4, 4)
    assert mine.learner.gamma == 0.6
    assert mine.learner.epochs == usual.learner.epochs
    assert mine.train == usual.train
    assert space.defaults() == {"network.hidden": [8]}


def test_what_is_not_in_its_range_is_no_default(tmp_path):
    text = '[space]\n"learner.gamma" = {low = 0.8, high = 0.9}\n"learner.epochs" = {low = 1, high = 4}\n'
    assert read(tmp_path, HEAD + text).defaults() == {"learner.epochs": 3}


def test_the_longest_training_is_found_also_where_it_is_tried(tmp_path):
    text = (
        '[space]\n"train.moves" = {low = 1000, high = 200_000}\n"preset" = {choices = ["quick", "fleet"]}\n'
    )
    assert read(tmp_path, HEAD + text).longest == 600_000


def test_a_pair_that_only_another_range_makes_possible_is_not_refused(tmp_path):
    text = """[space]
"simulator.target_width" = {low = 0.2, high = 2.0}
"simulator.start_distance" = {choices = [[0.6, 2.0], [1.5, 2.5]]}
"""
    assert len(read(tmp_path, HEAD + text).ranges) == 2
    with pytest.raises(SettingsError, match="inside a target"):
        read(tmp_path, HEAD + text.split('"simulator.start')[0])


def one(name, written):
    return f'{HEAD}[space]\n"{name}" = {written}\n'


FINE = '[space]\n"learner.gamma" = {low = 0.5, high = 0.9}\n'

BAD = [
    (one("train.learning_rate", "{low = 0.1, high = 0.2}"), "Did you mean 'learner.learning_rate'?"),
    (one("learner.gama", "{low = 0.1, high = 0.2}"), "Did you mean 'learner.gamma'?"),
    (one("gamma", "{low = 0.1, high = 0.2}"), "Did you mean 'learner.gamma'?"),
    (one("learner.trace", "{low = 0.1, high = 0.2}"), "'learner.gae_lambda' now"),
    (one("learner", "{low = 0.1, high = 0.2}"), "name one of its settings"),
    (one("motors.dead_band", "{low = 0, high = 0.2}"), "take it out"),
    (one("seed", "{low = 0, high = 2}"), "take it out"),
    (one("learner.gamma", "{low = 0.9, high = 0.2}"), "swap them"),
    (one("learner.gamma", "{low = 0.9, high = 0.9}"), "only one value"),
    (one("learner.gamma", "{low = 0, high = 0.9, log = true}"), "above 0"),
    (one("learner.learning_rate", "{low = -1, high = 0.9, log = true}"), "above 0"),
    (one("learner.gamma", "{low = 0.1, high = 1.9}"), "less than or equal to 1"),
    (one("learner.gamma", "{low = 0.1}"), "no high"),
    (one("learner.gamma", "{}"), "no low"),
    (one("learner.gamma", "{lo = 0.1, high = 0.5}"), "Did you mean 'low'?"),
    (one("learner.gamma", "0.5"), "fixed value"),
    (one("learner.gamma", "[0.5, 0.6]"), "has no range"),
    (one("learner.gamma", '{low = "a", high = 0.5}'), "no number"),
    (one("learner.gamma", "{low = nan, high = 0.5}"), "no number"),
    (one("learner.gamma", "{low = 0.1, high = inf}"), "no number"),
    (one("learner.gamma", f"{{low = 0.1, high = 1{'0' * 400}}}"), "no number"),
    (one("learner.gamma", f"{{low = 0.1, high = 1{'0' * 5000}}}"), "thousands of digits"),
    (f"{HEAD}x = {'[' * 3000}", "thousands of brackets"),
    (one("learner.gamma", f"{{choices = {[number / 2000 for number in range(2000)]}}}"), "at most 1,000"),
    (f"{HEAD}[sweep]\nseeds = [99999999999]\n{FINE}", "too large"),
    (f"{HEAD}[sweep]\nseeds = [5, 1000000]\n{FINE}", "those of the final"),
    (f"{HEAD}[sweep]\nseed = 99999999999\n{FINE}", "sweep.seed"),
    (one("learner.gamma", "{low = false, high = true}"), "no number"),
    (one("learner.gamma", "{low = 0.1, high = 0.5, log = 1}"), "true or false"),
    (one("learner.gamma", "{low = 0.1, choices = [0.5, 0.6]}"), "choices and more"),
    (one("learner.epochs", "{low = 1.5, high = 2.5}"), "whole number"),
    (one("learner.epochs", "{low = 0, high = 2}"), "greater than or equal to 1"),
    (one("learner.baseline", '{choices = ["time", "valeu"]}'), "Did you mean 'value'?"),
    (one("learner.baseline", "{low = 1, high = 2}"), "'time', 'value' or 'none'"),
    (one("learner.baseline", "{choices = []}"), "empty"),
    (one("learner.baseline", '{choices = ["time"]}'), "only one choice"),
    (one("network.hidden", "{choices = [[8], [8]]}"), "twice"),
    (one("network.hidden", "{choices = [[8], [0]]}"), "greater than or equal to 1"),
    (one("preset", '{choices = ["quick", "quik"]}'), "Did you mean 'quick'?"),
    (f"{HEAD}[space]\n", "nothing to try"),
    (HEAD, "nothing to try"),
    ("", "nothing to try"),
    ("space = 3\n", "nothing to try"),
    (f"{HEAD}[sweep]\ntrials = 0\n{FINE}", "sweep.trials"),
    (f"{HEAD}[sweep]\ntrails = 3\n{FINE}", "Did you mean 'trials'?"),
    (f'{HEAD}[sweep]\nfigure = "moves"\n{FINE}', "Did you mean 'moves_to_95'?"),
    (f"{HEAD}[sweep]\nseeds = 0\n{FINE}", "sweep.seeds"),
    (f'{HEAD}[sweep]\nseeds = "5..1"\n{FINE}', "empty"),
    (f"{HEAD}[sweep]\nprocesses = 0\n{FINE}", "sweep.processes"),
    (f"sweep = 3\n{FINE}", "[sweep]"),
    (f"trials = 3\n{HEAD}{FINE}", "below [sweep]"),
    (f"seed = 3\n{HEAD}{FINE}", "leave out seed"),
    (f'robot = "pi"\n{FINE}', "in the simulator"),
    (f"{HEAD}[learner]\ngama = 0.5\n{FINE}", "Did you mean 'gamma'?"),
    (f"{HEAD}[space\n", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_is_wrong_is_said_with_the_cure(tmp_path, text, said):
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert said in str(error.value)
    assert str(error.value).endswith((".", "?"))
    assert "\n" not in str(error.value)


def test_the_command_says_it_and_ends_with_2(tmp_path):
    (tmp_path / "space.toml").write_text(BAD[0][0])
    done = run(tmp_path, "sweep", "space.toml", code=2)
    assert done.stderr.startswith("Error: There is no setting 'train.learning_rate' to try.")
    assert "nix.toml" in run(tmp_path, "sweep", "nix.toml", code=2).stderr
    (tmp_path / "space.best.toml").mkdir()
    (tmp_path / "space.toml").write_text(HEAD + FINE)
    assert "space.best.toml is a folder" in run(tmp_path, "sweep", "space.toml", code=2).stderr
    assert not list(tmp_path.glob("*.db"))
