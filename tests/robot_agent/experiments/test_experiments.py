"""Every question, broken as it was asked and mended: the right finding first, and none."""

import json
import sys

import pytest
from typer.testing import CliRunner

from robot_agent.commands import app, experiment, settings  # noqa: F401, with one alone it has no name
from robot_agent.errors import SettingsError
from robot_agent.experiments import NAMES, digits, find

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


FIGURES = {
    ("overfit", "broken: a layer not divided"): lambda f: f["highest"] > 100 and f["loss"] > 0.5,
    ("overfit", "mended"): lambda f: f["loss"] < 0.01,
    ("digits-softmax", "broken: the derivative as asked"): lambda f: f["accuracy"] < 0.2,
    ("digits-static", "broken: variables of the class"): lambda f: f["accuracy"] == f["accuracy_before"],
    ("rosenbrock", "mended"): lambda f: f["apart"] < 1e-9,
    ("maximise-input", "broken: unbounded ascent"): lambda f: f["first"] < -0.1 and f["second"] > 1.5,
    ("maximise-input", "mended: put back into bounds"): lambda f: (f["first"], f["second"]) == (0, 1),
}


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_form_does_what_it_says_and_is_told_what_is_wrong(name, form):
    if name.startswith("digits"):
        pytest.importorskip("sklearn")
    result = find(name)[1][form]()
    kinds = [finding.kind for finding in result.findings]
    assert FIGURES.get((name, form), lambda figures: True)(result.figures), result.said
    if (name, form) == ("robot-mse", "broken: no gradient"):
        assert "element 0 of tensors does not require grad" in result.said
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


def test_the_command_lists_them():
    result = CliRunner().invoke(app, ["experiment", "--json"])
    assert list(json.loads(result.stdout)) == list(NAMES)
    plain = CliRunner().invoke(app, ["experiment"]).stdout
    assert "XOR" in plain and "findings" in plain


def test_the_command_tells_and_draws(tmp_path):
    file = tmp_path / "curve.png"
    result = CliRunner().invoke(app, ["experiment", "maximise-input", "--out", str(file)])
    assert result.exit_code == 0, result.output
    assert "outside-bounds" in result.stdout
    assert "Nothing is found to be wrong." in result.stdout
    assert file.read_bytes().startswith(b"\x89PNG")
    printed = json.loads(CliRunner().invoke(app, ["experiment", "maximise-input", "--json"]).stdout)
    broken, mended = printed["forms"].values()
    assert broken["findings"][0]["kind"] == "outside-bounds"
    assert mended["findings"] == []


def test_mistakes_name_the_cure():
    with pytest.raises(SettingsError, match="Did you mean 'xor-mse'"):
        experiment.experiment("xor-msee")


def test_without_scikit_learn_the_cure_is_printed(monkeypatch, tmp_path):
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
