"""Every question, broken as it was asked and mended: the right finding first, and none."""

import json
import sys
from functools import cache

import pytest
from typer.testing import CliRunner

from robot_agent.commands import app, experiment, settings  # noqa: F401, with one alone it has no name
from robot_agent.errors import SettingsError
from robot_agent.experiments import NAMES, digits, find
from robot_agent.experiments.outcome import Outcome

FIRST = {
    ("overfit", "broken: a layer not divided"): "not-divided",
    ("xor-classic", "broken: the derivative of the sum"): "wrong-derivative",
    ("xor-mse", "broken: the error's sum"): "wrong-derivative",
    ("digits-softmax", "broken: the derivative as asked"): "wrong-derivative",
    ("digits-static", "broken: variables of the class"): "weights-still",
    ("rosenbrock", "broken: a stray step with v"): "wrong-step",
    ("rosenbrock", "broken: a closure that does not zero"): "not-zeroed",
    ("maximise-input", "broken: unbounded ascent"): "outside-bounds",
    ("robot-mse", "broken: no gradient"): "detached",
    ("robot-mse", "broken: requires_grad on the loss"): "detached",
    ("robot-mse", "broken: squared error on the output"): "wrong-goal",
}
FORMS = [(name, form) for name in NAMES for form in find(name)[1]]


@cache
def outcome(name: str, form: str) -> Outcome:
    if name.startswith("digits"):
        pytest.importorskip("sklearn")
    return find(name)[1][form]()


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_form_does_what_it_says_and_is_told_what_is_wrong(name, form):
    result = outcome(name, form)
    kinds = [finding.kind for finding in result.findings]
    if form.startswith("mended"):
        assert result.works, result.said
        assert kinds == []
    else:
        assert not result.works, result.said
        assert kinds[0] == FIRST[name, form], result.findings
        for finding in result.findings:
            for words in (finding.seen, finding.means, finding.cure):
                assert not words[0].islower()
                assert words.endswith(".")


def test_the_figures_of_the_questions():
    assert outcome("overfit", "mended").figures["loss"] < 0.01
    broken = outcome("overfit", "broken: a layer not divided")
    assert broken.figures["highest"] > 100
    assert broken.figures["loss"] > 0.5
    assert outcome("rosenbrock", "mended").figures["apart"] < 1e-9
    unbounded = outcome("maximise-input", "broken: unbounded ascent").figures
    assert unbounded["first"] < -0.1
    assert unbounded["second"] > 1.5
    assert "does not require grad" in outcome("robot-mse", "broken: no gradient").said


def test_the_figures_of_the_digits():
    pytest.importorskip("sklearn")
    assert outcome("digits-softmax", "broken: the derivative as asked").figures["accuracy"] < 0.2
    static = outcome("digits-static", "broken: variables of the class").figures
    assert static["accuracy"] == static["accuracy_before"]


def test_the_command_lists_them():
    result = CliRunner().invoke(app, ["experiment", "--json"])
    assert list(json.loads(result.stdout)) == list(NAMES)
    plain = CliRunner().invoke(app, ["experiment"]).stdout
    assert "XOR" in plain


def test_the_command_tells_and_draws(tmp_path):
    file = tmp_path / "curve.png"
    result = CliRunner().invoke(app, ["experiment", "maximise-input", "--out", str(file)])
    assert result.exit_code == 0, result.output
    assert "outside-bounds" in result.stdout
    assert "Nothing is found to be wrong." in result.stdout
    assert file.read_bytes().startswith(b"\x89PNG")
    told = json.loads(CliRunner().invoke(app, ["experiment", "maximise-input", "--json"]).stdout)
    broken, mended = told["forms"].values()
    assert broken["findings"][0]["kind"] == "outside-bounds"
    assert mended["findings"] == []


def test_mistakes_are_told():
    with pytest.raises(SettingsError, match="Did you mean 'xor-mse'"):
        experiment.experiment("xor-msee")


def test_without_scikit_learn_the_cure_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SettingsError, match="experiments"):
        digits.load(tmp_path / "mnist.npz")


def test_mnist_is_used_where_it_is(tmp_path):
    import numpy as np

    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (20, 28, 28), np.uint8), rng.integers(0, 10, 20, np.uint8)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:5], y_test=y[:5])
    loaded = digits.load(tmp_path / "mnist.npz")
    assert loaded.x.shape == (20, 784)
    assert loaded.x.max() <= 1
    assert loaded.held_out_t.sum(axis=1).tolist() == [1.0] * 5
