"""The doctor of scripts: findings on their line, silence on healthy ones, and the script notices nothing."""

import json
import math
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
import torch

from robot_agent.doctor import doctor, pace
from robot_agent.doctor.by_hand import ByHand
from robot_agent.doctor.command import examine
from robot_agent.doctor.run import run, run_by_hand
from robot_agent.errors import RobotAgentError
from tests.robot_agent.doctor.forms import BY_HAND, SCRIPTS, read
from tests.robot_agent.doctor.generated import scripts

HEALTHY = SCRIPTS.parent / "healthy"
QUICK = (
    "cut_argmax_loss",
    "frozen_everything",
    "inplace_setitem",
    "list_of_layers",
    "layer_added_later",
    "step_without_brackets",
    "manual_not_zeroed",
    "softmax_layer_sequential",
    "nll_softmax",
    "softmax_dim0",
    "broadcast_critic",
    "relu_before_mse",
    "last_batch_of_one",
    "train_never_back",
    "labels_all_zero",
    "greedy_action",
    # of those that were written blind, what the rules had not seen
    "gaussian_policy_sign",
    # kinds of two more blind rounds
    "e_step_after_loop",
    # kinds that no rule had named: of public questions, and of a third and fourth blind round
    "g_no_backward",
    "g_dropout_on_output",
    "g_first_time_step",
    # what is asked again and again and had no name
    "i_hinge",
    "i_norm_out1",
    "i_np_argmax2",
    "j_backward_behind_loop",
    # of a twelfth blind set
    "k_done_tuple",
    # of a seventeenth blind set
    "p_straight_through_sum",
    "p_accumulation_too_long",
)
MORE = (
    "cut_detach_between",
    "carried_total_loss",
    "rebound_by_hand",
    "zero_after_backward",
    "sigmoid_in_model",
    "constant_init",
    "labels_bool_bug",
    "mixed_accum_never_zero",
    "b_constant_goal_picture",
    "e_clamp_output",
    "e_vector_returns_past",
    "g_inputs_zero",
    "g_overwritten",
    "i_list_dict",
    "i_order_pred",
    "k_frozen_later",
    "l_total_replaced",
    "m_done_inverted",
    "not_turned",
    "l_rewards_attribute",
    "j_causal_learned_places",
    "i_hidden_carry",
    "m_threshold_param",
    "second_draw",
    "unet_last_relu",
    "e_ppo_resampled",
    "g_vae_sample",
    "k_time_major_head",
    "p_clip_scaled_by_hand",
    "i_aug_shuffle",
    "j_epsilon_formula_turned",
    "e_gp_no_create_graph",
    "m_attention_mask_1e9",
    "q_oscillator_boundary",
    "b_rebound_setattr",
    "layer_in_forward",
    "p_unfreeze_by_layer",
    "p_task_weights_one_by_one",
    "next_iter",
    "sign_gather",
    "argmax_action_reinforce",
    "half_batch_labels",
    "iris_like_mse",
    "reward_total_same",
    "zero_in_closure_order",
    "b_rate_low_sgd_lstm",
    "b_symmetric_parameters",
    "past_rewards",
    "next_reward",
    "e_custom_function_zero",
    "e_parameter_in_forward",
    "e_predict_no_eval",
    "e_time_major_labels",
    "f_optimizer_of_target",
    "g_weight_decay",
    "g_bce_labels_pm",
    "g_no_activation",
    "g_neg_loss",
    "g_strict_false",
    "g_seed_in_loop",
    "g_ce_one_output",
    "g_metric_broadcast",
    "g_lstm_batch_first",
    "g_f_dropout",
    "g_vae_normal",
    "g_ascent_by_hand",
    "g_adv_not_detached",
    "g_ppo_ratio_one",
    "g_reset_each_epoch",
    "g_kl_probs",
    "g_rewards_not_cleared",
    "g_bce_swapped",
    "g_hook_zero",
    "g_best_reference",
    "g_view_classes",
    "g_done_unused",
    "g_categorical_probs",
    "i_eps_const",
    "i_eps_inverted",
    "i_half",
    "i_hinge2",
    "i_no_pos",
    "i_norm_out",
    "i_np_argmax",
    "i_order_pred2",
    "i_pad_last",
    "i_pad_state",
    "i_softmax_cfg",
    "k_contrastive_column",
    "k_done_dataclass",
    "k_done_dict",
    "k_done_namedtuple",
    "l_argmax_single",
    "l_biases_only",
    "l_log_prob_mean",
    "l_places_along_batch",
    "l_target_square",
    "l_zero_each_part",
    "m_actor_loss_detached_action",
    "m_attention_softmax_dim0",
    "m_cosine_embedding_labels01",
    "m_ddpg_actor_sign",
    "m_dice_sign",
    "m_dqn_q_max_not_gather",
    "m_float_tensor_unscaled",
    "m_gan_both_ones",
    "m_hidden_view_bidirectional",
    "m_lambda_lr_absolute",
    "m_log_prob_broadcast",
    "m_losses_in_new_tensor",
    "m_numpy_weights_large",
    "m_ppo_max",
    "m_q_target_alias",
    "m_relu_policy_logits",
    "m_seq2seq_hidden_not_passed",
    "m_soft_update_reversed",
    "m_vae_kl_sign",
    "m_vqvae_no_st",
    "m_wgan_sign_generator",
    "m_zip_exhausted",
    "o_bytes_in_memory",
    "o_bytes_tensor",
    "o_causal_turned_attention",
    "o_causal_turned_layers",
    "o_index_for_value",
    "o_index_for_value_online",
    "o_root_behind_norm",
    "o_root_of_square",
    "o_type_before_scale",
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Observe those steps alone that are observed whatever the clock says: no finding depends on it."""
    monkeypatch.setattr(pace, "ALLOWED", -math.inf)
    monkeypatch.setattr(pace, "MOST", math.inf)
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    torch.set_num_threads(1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)])
def test_the_cause_comes_first_on_its_line_and_nothing_is_said_once_it_is_mended(name, tmp_path):
    forms = read(SCRIPTS / f"{name}.py")
    script = tmp_path / f"{name}.py"
    script.write_text(forms.faulty)
    report, _ = run(str(script), [])
    first = report.findings[0]
    assert first.kind == forms.kind
    assert first.line in forms.lines
    assert first.file == str(script.resolve())
    assert f"fault[{forms.kind}]" in report.as_text()
    if forms.mended is not None:
        mended = tmp_path / f"{name}_mended.py"
        mended.write_text(forms.mended)
        assert [each.kind for each in run(str(mended), [])[0].findings] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        "gan",
        "actor_critic",
        "lbfgs",
        "torch_func",
        "kfold",
        "tbptt_custom",
        "sac",
        "autocast",
        "mse_object_in_loop",
        "contrastive_infonce_queue",
        "reward_to_go_ascend",
        "cost_minimising_policy",
        "sarsa_linear_online",
        "style_transfer_image",
        "hard_noise_task",
        "g_collected_with_labels",
    ],
)
def test_silence_on_healthy_scripts(name):
    report, code = run(str(HEALTHY / f"{name}.py"), [])
    assert [each.kind for each in report.findings] == []
    assert code == 0
    assert not any("failed in the doctor" in each for each in report.unseen)


def test_the_answer_in_the_readme_is_what_the_doctor_says(monkeypatch):
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text()
    shown = readme.split("$ robot-agent doctor robot.py\nscore 0.000\n")[1].split("```")[0]
    monkeypatch.chdir(HEALTHY.parent / "question")
    report, _ = run("robot.py", [])
    assert report.as_text().startswith(shown)


NO_BASELINE = """
import torch
from torch.distributions import Categorical
torch.manual_seed(0)
net = torch.nn.Linear(3, 2)
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for episode in range(60):
    s = torch.randn(32, 3)
    dist = Categorical(logits=net(s))
    action = dist.sample()
    reward = 5.0 + (action == (s[:, 0] > 0).long()).float()
    loss = -(dist.log_prob(action) * reward).mean()
    opt.zero_grad(); loss.backward(); opt.step()
"""


def test_a_missing_baseline_is_a_hint_and_no_fault(tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(NO_BASELINE)
    report, code = run(str(script), [])
    assert (report.findings, code) == ((), 0)
    assert [each.kind for each in report.hints] == ["no-baseline"]
    assert "hint[no-baseline]" in report.as_text()
    script.write_text(NO_BASELINE.replace("5.0 + ", "-0.5 + "))
    assert run(str(script), [])[0].hints == ()


def test_networks_of_a_function_that_has_ended_are_known_and_let_go(tmp_path):
    """A layer in a plain list is found in a network that is gone when the report is made."""
    forms = read(SCRIPTS / "list_of_layers.py")
    inside = ["def main():", *("    " + line for line in forms.faulty.split("\n")[1:]), "main()"]
    script = tmp_path / "inside.py"
    script.write_text("\n".join(inside))
    report, _ = run(str(script), [])
    assert (report.findings[0].kind, report.findings[0].line in forms.lines) == (forms.kind, True)
    with doctor(quiet=True) as d:
        net = torch.nn.Linear(2, 1)
        net(torch.ones(1, 2)).sum().backward()
        gone = weakref.ref(net)
        del net
    assert d.session is not None
    assert gone() is None


PLAIN = """
import sys, torch
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(40):
    loss = ((net(torch.randn(16, 3)) - 1) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item(), [p.sum().item() for p in net.parameters()], torch.rand(1).item(), sys.argv[1:], __name__)
sys.exit(int(sys.argv[1]))
"""


def test_output_exit_code_arguments_and_randomness_are_the_scripts_own(tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(PLAIN.replace("opt.zero_grad(); ", ""))  # the report is to hold a finding
    alone = subprocess.run([sys.executable, script, "5", "--json"], capture_output=True, text=True)
    command = [
        sys.executable,
        "-m",
        "robot_agent",
        "doctor",
        "--out",
        tmp_path / "report.json",
        script,
        "5",
        "--json",
    ]
    seen = subprocess.run(command, capture_output=True, text=True)
    assert (seen.stdout, seen.returncode) == (alone.stdout, alone.returncode) == (alone.stdout, 5)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["steps"] == 40
    assert report["findings"][0]["kind"] == "not-zeroed"
    assert {"kind", "file", "line", "seen", "means", "cure", "sure"} <= set(report["findings"][0])


def test_everything_is_unpatched_afterwards(tmp_path):
    def places():
        owners = (
            torch.nn.Module,
            torch.optim.Optimizer,
            torch.autograd,
            torch.no_grad,
            torch.utils.data.DataLoader,
        )
        names = ("__call__", "__init__", "train", "zero_grad", "backward", "grad", "__enter__", "__iter__")
        return [getattr(owner, name, None) for owner in owners for name in names]

    before = places()
    script = tmp_path / "fails.py"
    script.write_text(
        "import torch\ntorch.nn.Linear(2, 1)(torch.ones(1, 2)).sum().backward()\nraise ValueError(3)\n"
    )
    report, code = run(str(script), [])
    assert places() == before
    assert code == 1
    assert torch._C._len_torch_function_stack() == 0
    assert "ValueError" in " ".join(report.unseen)


def test_an_error_inside_the_doctor_never_ends_the_script(tmp_path, monkeypatch):
    from robot_agent.doctor import special

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(special, "look", broken)
    script = tmp_path / "plain.py"
    script.write_text(PLAIN)
    report, code = run(str(script), ["0"])
    assert code == 0
    assert report.steps == 40
    assert "ZeroDivisionError" in " ".join(report.unseen)


FAILS = {
    "its own error in a network": """
import torch
class Net(torch.nn.Module):
    def forward(self, x):
        raise ValueError("my own")
torch.nn.Sequential(torch.nn.Identity(), Net())(torch.ones(2))
""",
    "shapes": """
import torch
torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(5, 1))(torch.ones(2, 3))
""",
    "one raised from another": """
import torch
try:
    torch.ones(3) @ torch.ones(4)
except RuntimeError as error:
    raise KeyError("mine") from error
""",
    "no such device": "import torch\ntorch.ones(2).to('cuda:7')\n",
    "in a closure": """
import torch
net = torch.nn.Linear(2, 1)
def closure():
    raise ArithmeticError("in the closure")
torch.optim.SGD(net.parameters(), lr=0.1).step(closure)
""",
    "no graph": "import torch\ntorch.nn.Linear(2, 1)(torch.ones(1, 2)).detach().sum().backward()\n",
}


@pytest.mark.parametrize("name", FAILS)
def test_a_traceback_is_the_scripts_own(name, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    script = tmp_path / "fails.py"
    script.write_text(FAILS[name])
    _, code = run(str(script), [])
    written = capfd.readouterr().err
    assert code == 1
    assert str(script) in written
    assert "robot_agent" not in written


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sys.exit()", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('gone')", 1),
        ("argparse.ArgumentParser().parse_args(['--no'])", 2),
        ("raise KeyboardInterrupt", 0),
    ],
)
def test_the_exit_code_is_the_scripts_own(text, code, tmp_path):
    script = tmp_path / "ends.py"
    script.write_text(f"import argparse, sys, torch\n{text}\n")
    assert run(str(script), [])[1] == code


SHARED = """
import threading, torch
from torch.utils.data import DataLoader, TensorDataset
from multiprocessing import get_context
def train(seed, **options):
    torch.manual_seed(seed)
    net = torch.nn.Linear(3, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    x = torch.randn(96, 3)
    for epoch in range(3):
        for a, b in DataLoader(TensorDataset(x, x[:, :1]), 16, **options):
            loss = (net(a) - b).pow(2).mean()
            opt.zero_grad(); loss.backward(); opt.step()
"""


@pytest.mark.parametrize(
    "end",
    [
        "train(0, num_workers=1)",
        "ts = [threading.Thread(target=train, args=(s,)) for s in range(2)]\n"
        "[t.start() for t in ts]; [t.join() for t in ts]",
        "p = get_context('fork').Process(target=train, args=(0,)); p.start(); p.join(); train(1)\n"
        "assert p.exitcode == 0",
    ],
    ids=["loader workers", "threads", "forked process"],
)
@pytest.mark.filterwarnings("ignore")
def test_workers_threads_and_processes_of_the_script_are_left_alone(end, tmp_path):
    script = tmp_path / "shared.py"
    script.write_text(SHARED + end + "\n")
    report, code = run(str(script), [])
    assert code == 0
    assert report.findings == ()
    assert not any("failed in the doctor" in each for each in report.unseen)


@pytest.mark.filterwarnings("ignore")
def test_a_generated_healthy_script_gets_no_finding(tmp_path):
    for name, text in scripts(3, seed=7):
        script = tmp_path / f"{name}.py"
        script.write_text(text)
        assert [each.kind for each in run(str(script), [])[0].findings] == []


def test_it_ends_after_some_steps_and_says_so(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(PLAIN.replace("range(40)", "range(10**9)"))
    report, code = run(str(script), ["7"], steps=25)
    assert (report.steps, code) == (25, 0)
    assert "after 25 steps" in " ".join(report.unseen)


def test_it_ends_after_some_time(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text("while True:\n    pass\n")
    report, code = run(str(script), [], seconds=0.2)
    assert code == 0
    assert "after 0.2 seconds" in " ".join(report.unseen)


@pytest.mark.parametrize(("text", "said"), [(None, "no file"), ("for x in\n", "line 1 is not valid Python")])
def test_what_is_no_script_is_said_in_one_sentence(text, said, tmp_path):
    script = tmp_path / "bad.py"
    if text is not None:
        script.write_text(text)
    with pytest.raises(RobotAgentError, match=said):
        run(str(script), [])


def test_a_report_without_a_place_is_refused_before_the_script_runs(tmp_path):
    script, trace = tmp_path / "script.py", tmp_path / "trace"
    script.write_text(f"import torch\nopen({str(trace)!r}, 'w')\n")
    for place in (tmp_path / "no" / "report.json", tmp_path):
        with pytest.raises(RobotAgentError, match="a folder that is there"):
            examine(str(script), [], out=place)
    assert not trace.exists()


def test_a_report_that_cannot_be_written_is_printed(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text("import torch\n")
    with pytest.raises(OSError, match="No space left"):
        examine(str(script), [], out=Path("/dev/full"))
    assert "0 training steps" in capsys.readouterr().err


def test_a_script_that_never_trains(tmp_path):
    script = tmp_path / "idle.py"
    script.write_text("import torch\nprint(torch.ones(2))\n")
    report, code = run(str(script), [])
    assert (report.findings, code) == ((), 0)
    assert "never called" in " ".join(report.unseen)


def test_in_two_lines(capsys):
    with doctor(quiet=True) as d:
        net = torch.nn.Linear(2, 1)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(12):
            loss = (net(torch.randn(8, 2)) - torch.randn(8)).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    assert [each.kind for each in d.findings] == ["broadcast"]
    assert Path(d.findings[0].file or "").name == Path(__file__).name


def test_watching_from_a_notebook():
    net = torch.nn.Linear(2, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    watching = doctor.watch(net, opt)
    try:
        for _ in range(12):
            loss = ((net(torch.randn(8, 2)) - 1) ** 2).mean()
            loss.backward()
            opt.step()
        assert "weight" in watching.table()
    finally:
        found = watching.stop()
    assert [each.kind for each in found] == ["not-zeroed"]


@pytest.mark.parametrize(
    ("old", "new", "kind", "line"),
    [
        ("", "", None, None),
        ("(1 - h * h)", "(h - h * h)", "wrong-derivative", 15),
        ("/ len(x)", "* 2 / len(x)", None, None),
        ("/ len(x)", "", "exploding", 20),
        ('"W1": x.T @ dz,', '"W1": x.T @ dz * len(x),', "not-divided", 16),
        ('"b1": dz.sum(0)', '"b1": dz.sum(0) * 7', "layer-scaled", 16),
        ("params[name] -= 0.1 * g[name]", "params[name] - 0.1 * g[name]; rate = 0.1", "weights-still", None),
        ("params[name] -= 0.1", "params[name] += 0.1", "wrong-step", 20),
        ("(y - t)", "(t - y)", "wrong-derivative", 14),
        ("for name in params:", 'for name in ("W1", "W2"):', "weights-still", 19),
    ],
)
def test_training_by_hand(old, new, kind, line, tmp_path):
    script = tmp_path / "hand.py"
    script.write_text(BY_HAND.replace(old, new) if old else BY_HAND)
    report, code = run_by_hand(str(script), [])
    assert code == 0
    assert [each.kind for each in report.findings[:1]] == ([kind] if kind else [])
    if line is not None:
        assert report.findings[0].line == line
    assert sys.getprofile() is None
    assert ByHand().calls == []


def test_what_could_not_be_checked_by_hand_is_said(tmp_path):
    script = tmp_path / "hand.py"
    script.write_text(BY_HAND + "def loss(p, x, t):\n    raise RuntimeError('no loss today')\n")
    report, code = run_by_hand(str(script), [])
    assert code == 0
    assert any("no loss today" in each for each in report.unseen)


TRAININGS = {
    "by hand": """
w = torch.zeros(3, 1, requires_grad=True)
for step in range(600):
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
""",
    "closure": """
net = torch.nn.Linear(3, 1)
opt = torch.optim.LBFGS(net.parameters(), lr=0.1, tolerance_grad=0, tolerance_change=0)
def closure():
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    return loss
for step in range(40):
    opt.step(closure)
""",
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_not_every_step_is_looked_at(kind, tmp_path):
    script = tmp_path / "long.py"
    script.write_text("import torch\nx = torch.randn(50, 3)\ny = x[:, :1] * 2\n" + TRAININGS[kind])
    report, _ = run(str(script), [])
    assert report.findings == ()
    assert 0 < report.looked < report.steps
