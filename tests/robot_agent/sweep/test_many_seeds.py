"""Many seeds of one setting: the same numbers as one by one, whoever trains them, and whatever dies."""

import json
import os
import signal

import pytest
from small_sweeps import FLAGS, SETTINGS, run, without_seconds

from robot_agent.errors import SettingsError
from robot_agent.settings.config import load
from robot_agent.sweep.distribution import in_words, summarise, worst
from robot_agent.sweep.job import Job, perform
from robot_agent.sweep.processes import Processes
from robot_agent.sweep.seeds import parse_seeds
from robot_agent.sweep.workers import work_off

VALUES = load(None, SETTINGS).model_dump(mode="json")


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0..3", (0, 1, 2, 3)),
        ("5", (5,)),
        ("0,3, 7 .. 9", (0, 3, 7, 8, 9)),
        ("2,1..3", (2, 1, 3)),
        ("0-2;4", (0, 1, 2, 4)),
        ("8..8", (8,)),
    ],
)
def test_seeds_as_people_write_them(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", "a", "1..", "-1", "3..1", "0...2", "1,,2", "0.5", "0..999999999", "0..2..4"]
)
def test_what_is_no_seed_is_said(text):
    with pytest.raises(SettingsError, match=r"seed|empty"):
        parse_seeds(text)


@pytest.mark.slow
def test_each_seed_gives_what_train_gives_alone_and_nothing_is_kept(tmp_path):
    together = json.loads(
        run(tmp_path, "train", *FLAGS, "--seeds", "0..2", "--json", "--plot", "s.png").stdout
    )
    assert not list(tmp_path.glob("*.db"))
    assert (tmp_path / "s.png").stat().st_size > 20_000
    for one in together["trainings"]:
        alone = json.loads(run(tmp_path, "train", *FLAGS, "--seed", str(one["seed"]), "--json").stdout)
        for name in ("seed", "moves", "episodes", "updates", "success_rate", "moves_mean", "moves_to_95"):
            assert one[name] == alone[name], name
        assert one["curve"][-1][1:] == [alone["success_rate"], alone["moves_mean"]]
    assert together["failed"] == []
    assert together["summary"]["trainings"] == 3


def test_the_table_names_the_worst_seed_and_kept_trainings_are_runs(tmp_path):
    done = run(tmp_path, "train", *FLAGS, "--seeds", "1,4", "--keep", "--store", "k.db", "--processes", "1")
    runs = json.loads(run(tmp_path, "runs", "--store", "k.db", "--json").stdout)
    assert len(runs) == 2
    assert "The worst seed is " in done.stdout
    assert "success at the end" in done.stdout


@pytest.mark.slow
def test_the_order_of_the_seeds_is_that_of_the_results_however_many_processes_there_are(tmp_path):
    one, two = (
        run(tmp_path, "train", *FLAGS, "--seeds", "6,0..3", "--json", "--processes", number).stdout
        for number in ("1", "3")
    )
    assert without_seconds(one) == without_seconds(two)
    assert [row["seed"] for row in json.loads(one)["trainings"]] == [6, 0, 1, 2, 3]


def _work(workers, jobs, before=lambda: None):
    jobs, ended = iter(jobs), []
    try:
        for some in work_off(workers, lambda: next(jobs, None)):
            before()
            ended += some
    finally:
        workers.close()
    return ended


def test_a_process_that_is_killed_costs_its_seed_only_time():
    alone = perform(Job("0", VALUES, 0))
    workers, left = Processes(1), [1]

    def kill():
        if left and workers.pids():
            left.pop()
            os.kill(workers.pids()[0], signal.SIGKILL)

    submit = workers.submit
    workers.submit = lambda job: (submit(job), kill())
    ended = _work(workers, [Job("0", VALUES, 0), Job("1", VALUES, 1)])
    assert not left
    assert [one.job.seed for one in ended] in ([0, 1], [1, 0])
    found = next(one.result for one in ended if one.job.seed == 0)
    assert without_seconds(found) == without_seconds(json.loads(json.dumps(alone)))


def test_a_job_that_kills_two_processes_is_given_up_and_the_others_are_done():
    workers = Processes(2)
    submit = workers.submit

    def submit_and_kill(job):
        before = {process.pid for process in workers._all if process.job is not None}
        submit(job)
        if job.seed == 1:
            (pid,) = {process.pid for process in workers._all if process.job is not None} - before
            os.kill(pid, signal.SIGKILL)

    workers.submit = submit_and_kill
    ended = _work(workers, [Job(str(seed), VALUES, seed) for seed in range(4)])
    assert sorted(one.job.seed for one in ended) == [0, 1, 2, 3]
    assert [one.job.seed for one in ended if one.result is None] == [1]
    assert "SIGKILL" in next(one.why for one in ended if one.result is None)


DYING = """
import os

def Task():
    os._exit(3)
"""


def test_seeds_whose_processes_die_are_said(tmp_path):
    (tmp_path / "dying.py").write_text(DYING)
    done = run(tmp_path, "train", *FLAGS, "--seeds", "0..1", "--task", "dying:Task", code=1)
    assert "Seed 0 is missing: its process died twice (it ended with code 3)." in done.stderr
    assert "No seed could be trained" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "0..1", "--seed", "3"], "leave out --seed"),
        (["--seeds", "0..1", "--resume", "1"], "leave out --resume"),
        (["--seeds", "0..1", "--from", "p.safetensors"], "leave out --from"),
        (["--seeds", "0..1", "--robot", "pi"], "in the simulator"),
        (["--seeds", "0..1", "--log", "tensorboard:x"], "leave out --log"),
        (["--seeds", "0..1", "--plot", "x.txt"], ".png or .svg"),
        (["--seeds", "0..1", "--plot", "no/x.png"], "no folder"),
        (["--seeds", "0..1", "--on", "roy"], "Did you mean 'ray'?"),
        (["--seeds", "0..1", "--task", "nobodys:Task"], "nobodys"),
        (["--on", "ray"], "goes with --seeds"),
        (["--keep"], "goes with --seeds"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(tmp_path, words, said):
    done = run(tmp_path, "train", *FLAGS, *words, code=2)
    assert said in done.stderr
    assert done.stderr.count("Error:") == 1


def outcome(seed, success, moves, at_95):
    return {"seed": seed, "success_rate": success, "moves_mean": moves, "moves_to_95": at_95}


def test_the_worst_is_the_least_success_then_the_longest_way():
    outcomes = [outcome(0, 0.99, 6.0, 100), outcome(1, 0.99, None, None), outcome(2, 0.99, 7.0, 50)]
    assert worst(outcomes)["seed"] == 1
    assert worst([*outcomes, outcome(3, 0.5, 3.0, 10)])["seed"] == 3


def test_a_distribution_says_how_many_never_arrive():
    outcomes = [outcome(seed, 0.9 + seed / 100, 6.0, None if seed < 2 else 1000 * seed) for seed in range(5)]
    summary = summarise(outcomes)
    assert summary["moves_to_95"] == {
        "least": 2000, "q25": 2500, "median": 3000, "q75": 3500, "most": 4000, "never": 2,
    }  # fmt: skip
    assert summary["success_rate"]["median"] == pytest.approx(0.92)
    assert "2 of 5 trainings never reach 95 %." in in_words(summary, outcomes)
    nobody = [outcome(0, 0.0, None, None)]
    assert summarise(nobody)["moves_mean"]["median"] is None
    assert "0.0%" in "".join(in_words(summarise(nobody), nobody))
