"""A sweep: it goes on after whatever ends it, finds what is best, and says how sure that is."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from small_sweeps import SPACE, command, run, without_seconds

from robot_agent.errors import StoreError
from robot_agent.settings.config import load
from robot_agent.sweep.comparison import winner
from robot_agent.sweep.figure import value_of
from robot_agent.sweep.files import best_file, report_file
from robot_agent.sweep.report import make_report, write_best
from robot_agent.sweep.search import Search
from robot_agent.sweep.space import FIRST_FINAL, read_space
from robot_agent.sweep.trials import Trials, storage_errors
from robot_agent.sweep.workers import Ended

pytest.importorskip("optuna", reason="Optuna is not installed")


def write(folder, processes=1, name="space.toml"):
    file = folder / name
    file.write_text(SPACE.format(processes=processes))
    return file


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep with one process, as it prints itself."""
    folder = tmp_path_factory.mktemp("swept")
    write(folder)
    done = run(folder, "sweep", "space.toml", "--json")
    return folder, json.loads(done.stdout)


def test_it_tries_what_was_asked_beginning_with_the_settings_without_a_sweep(swept):
    _, report = swept
    rows = report["trials"]
    assert [row["number"] for row in rows] == list(range(8))
    assert report["complete"] + report["pruned"] == 8
    usual = load(None, {"preset": "quick"})
    assert rows[0]["settings"] == {
        "learner.learning_rate": usual.learner.learning_rate,
        "learner.epochs": usual.learner.epochs,
        "network.hidden": list(usual.network.hidden),
    }
    for row in rows:
        assert [one["seed"] for one in row["seeds"]] == ([0, 1] if row["state"] == "complete" else [0])
        assert 0.003 <= row["settings"]["learner.learning_rate"] <= 0.3
        assert row["settings"]["learner.epochs"] in (1, 2, 3, 4)
        assert row["settings"]["network.hidden"] in ([8], [16], [8, 8])
    assert len({json.dumps(row["settings"]) for row in rows}) > 4
    assert report["held_out"]["seeds"] == 2


def test_the_best_settings_are_a_file_that_train_takes(swept):
    folder, report = swept
    best = report["best"]
    settings = load(folder / "space.best.toml")
    assert settings == load(None, tomllib.loads((folder / "space.best.toml").read_text()))
    assert settings.learner.learning_rate == best["settings"]["learner.learning_rate"]
    assert list(settings.network.hidden) == best["settings"]["network.hidden"]
    one = json.loads(run(folder, "train", "--config", "space.best.toml", "--seed", "1", "--json").stdout)
    mine = next(row for row in best["seeds"] if row["seed"] == 1)
    for name in ("moves", "success_rate", "moves_to_95"):
        assert one[name] == mine[name]


def test_it_writes_a_picture_and_what_it_prints(swept):
    folder, report = swept
    assert (folder / "space.sweep.png").stat().st_size > 20_000
    assert json.loads((folder / "space.sweep.json").read_text()) == report
    assert report["importance"].keys() <= report["space"].keys()


@pytest.mark.slow
def test_again_it_has_nothing_to_do_and_says_the_same(swept):
    folder, report = swept
    again = json.loads(run(folder, "sweep", "space.toml", "--json").stdout)
    assert without_seconds(again) == without_seconds(report)
    words = run(folder, "sweep", "space.toml").stdout
    assert f"The best is trial {report['best']['number']}" in words
    assert "seeds that no trial has seen" in words


@pytest.mark.slow
def test_more_trials_go_on_and_another_space_is_refused(swept, tmp_path):
    folder, report = swept
    for file in folder.glob("space.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "space.toml").read_text()
    (tmp_path / "space.toml").write_text(text.replace("trials = 8", "trials = 10"))
    more = json.loads(run(tmp_path, "sweep", "space.toml", "--json").stdout)
    assert without_seconds(more["trials"][:8]) == without_seconds(report["trials"])
    assert len(more["trials"]) == 10
    (tmp_path / "space.toml").write_text(text.replace("high = 4", "high = 5"))
    assert "space changed" in run(tmp_path, "sweep", "space.toml", code=2).stderr


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_killed_at_random_moments_no_trial_is_lost_or_done_twice(swept, tmp_path, processes):
    write(tmp_path, processes)
    rng, killed = random.Random(processes), 0
    report = tmp_path / "space.sweep.json"
    for _ in range(4):
        process = subprocess.Popen(
            command("sweep", "space.toml"),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = report.stat().st_mtime_ns if report.exists() else 0
        while process.poll() is None and (not report.exists() or report.stat().st_mtime_ns == before):
            time.sleep(0.01)  # until it has done something
        time.sleep(rng.uniform(0.0, 0.6))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert killed >= 2
    rows = json.loads(run(tmp_path, "sweep", "space.toml", "--json").stdout)["trials"]
    assert [row["number"] for row in rows] == list(range(8))
    for row in rows:
        seeds = [one["seed"] for one in row["seeds"]]
        assert row["state"] in ("complete", "pruned")
        assert seeds == [0, 1] if row["state"] == "complete" else len(seeds) == len(set(seeds))
    if processes == 1:
        assert without_seconds(rows) == without_seconds(swept[1]["trials"])


def _children(pid):
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(child) for child, parent in map(str.split, listed.splitlines()) if int(parent) == pid]


def test_ctrl_c_ends_it_and_its_processes_and_a_second_one_is_told_who_has_it(tmp_path):
    file = write(tmp_path, 2)
    file.write_text(file.read_text().replace("moves = 4000", "moves = 200000"))
    process = subprocess.Popen(
        command("sweep", "space.toml"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in the background of a shell, Ctrl-C is ignored, and so by all they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        until = time.monotonic() + 60
        while len(children := _children(process.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(children) == 2
        told = run(tmp_path, "sweep", "space.toml", code=1).stderr
        assert f"process {process.pid}" in told
        assert f"kill {process.pid}" in told
    finally:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Go on with: robot-agent sweep space.toml" in err
    assert "Traceback" not in err
    assert json.loads((tmp_path / "space.sweep.json").read_text())["state"] == "stopped"
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_the_processes_end_when_the_sweep_is_killed(tmp_path):
    file = write(tmp_path, 2)
    file.write_text(file.read_text().replace("moves = 4000", "moves = 2000000"))
    process = subprocess.Popen(
        command("sweep", "space.toml"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while len(children := _children(process.pid)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_a_file_that_is_no_storage_is_one_sentence(tmp_path):
    write(tmp_path)
    (tmp_path / "space.sweep.db").write_text("not a database at all, but text that is long enough" * 50)
    assert "cannot be used to keep the sweep" in run(tmp_path, "sweep", "space.toml", code=1).stderr


def test_a_storage_that_fails_in_the_middle_is_one_sentence_with_the_cure(tmp_path):
    """As a full disk or another program may have it at any moment."""
    import optuna
    from sqlalchemy.exc import OperationalError

    trials = Trials(read_space(write(tmp_path)))
    for said, cure in (("database is locked", "end the other program"), ("disk is full", "free some space")):
        inner = OperationalError("INSERT", None, sqlite3.OperationalError(said))
        outer = optuna.exceptions.StorageInternalError("An exception is raised during the commit.")
        for error, cause in ((inner, None), (outer, inner)):
            with pytest.raises(StoreError, match=f"{said}.*{cure}"), storage_errors(trials.path):
                raise error from cause


def test_settings_that_are_all_refused_end_it_and_mended_it_begins_anew(tmp_path):
    file = write(tmp_path)
    text = file.read_text()
    file.write_text(text.replace("[sweep]", "[learner]\ngae_lambda = 0.5\n\n[sweep]"))
    assert "learner.baseline = value" in run(tmp_path, "sweep", "space.toml", code=2).stderr
    file.write_text(text)
    Trials(read_space(file))


# The search alone, with results that are made up


class MadeUp:
    """Workers whose outcomes are a function of the settings and the seed."""

    def __init__(self, outcome, places=1):
        self.outcome, self.number, self.jobs, self.seen = outcome, places, [], []

    def places(self):
        return self.number

    def submit(self, job):
        self.jobs.append(job)

    def wait(self):
        job = self.jobs.pop(0)
        self.seen.append((json.dumps(job.settings), job.seed))
        return [Ended(job, self.outcome(job))]

    def close(self):
        pass


def numbers(job, moves_to_95):
    return {
        "outcome": {
            "seed": job.seed,
            "success_rate": 0.97,
            "best_success": 0.97,
            "moves_mean": 6.0,
            "moves_to_95": moves_to_95,
            "curve": [],
        }
    }


def search(folder, outcome, places=1, text=None):
    file = folder / "space.toml"
    file.write_text(text or SPACE.format(processes=1))
    trials, workers = Trials(read_space(file)), MadeUp(outcome, places)
    for _ in Search(trials).run(workers):
        pass
    return trials, workers


def test_a_trial_worse_than_the_median_ends_early_and_no_training_is_made_twice(tmp_path):
    text = SPACE.format(processes=1).replace("trials = 8", "trials = 60").replace("seeds = 2", "seeds = 4", 1)

    def by_epochs(job):
        return numbers(job, 1000 * job.settings["learner"]["epochs"] + job.seed % 7)

    trials, workers = search(tmp_path, by_epochs, text=text.replace('"learner.learning_rate"', "# "))
    rows = trials.rows()
    assert len(rows) == 60
    states = [row["state"] for row in rows]
    assert states[:5] == ["complete"] * 5
    assert "pruned" in states
    assert any(len(row["seeds"]) < 4 for row in rows if row["state"] == "pruned")
    best = winner(trials, rows)
    assert best["settings"]["learner.epochs"] == 1
    assert len(workers.seen) == len(set(workers.seen)) <= 12 * (4 + 8 + 2)


def test_the_luckiest_trial_does_not_win_the_final(tmp_path):
    """One trial is lucky with the seeds of the search, another is better with all others."""

    def outcome(job):
        lucky = job.settings["learner"]["epochs"] == 1
        return numbers(job, (100 if job.seed < FIRST_FINAL else 9000) if lucky else 3000)

    trials, _ = search(tmp_path, outcome)
    rows = trials.rows()
    assert min(row["value"] for row in rows if row["value"] is not None) == 100
    best = winner(trials, rows)
    assert best["settings"]["learner.epochs"] != 1
    assert best["final"] == 3000
    report = make_report(trials, "finished")
    assert report["held_out"] == {"seeds": 2, "best": 3000, "without_sweep": 3000}
    write_best(trials, report)
    written = load(best_file(trials.space.file))
    assert written.learner.epochs == best["settings"]["learner.epochs"]
    assert report_file(trials.space.file).name == "space.sweep.json"


def test_more_places_than_trials_train_the_seeds_of_one_trial_side_by_side(tmp_path):
    text = SPACE.format(processes=1).replace("trials = 8", "trials = 1").replace("seeds = 2", "seeds = 6", 1)
    most = []

    def outcome(job):
        return numbers(job, 1000)

    file = tmp_path / "space.toml"
    file.write_text(text)
    workers = MadeUp(outcome, 4)
    for _ in Search(Trials(read_space(file))).run(workers):
        most.append(len(workers.jobs))
    assert max(most) == 3


def test_a_trial_whose_process_dies_twice_fails_and_the_rest_goes_on(tmp_path):
    def outcome(job):
        return None if job.settings["learner"]["epochs"] == 2 else numbers(job, 1000)

    trials, _ = search(tmp_path, outcome)
    rows = trials.rows()
    assert {row["settings"]["learner.epochs"] for row in rows if row["state"] == "fail"} == {2}
    assert "died twice" in next(row["why"] for row in rows if row["state"] == "fail")
    assert all(
        row["state"] in ("complete", "pruned") for row in rows if row["settings"]["learner.epochs"] != 2
    )


def test_a_seed_that_never_arrives_is_worse_than_any_that_does(tmp_path):
    def one(moves, best):
        return {"moves_to_95": moves, "best_success": best, "success_rate": best, "held_out_robots": best}

    late, never, nothing = one(9000, 0.96), one(None, 0.9), one(None, 0.0)
    values = [value_of("moves_to_95", [outcome], 9000) for outcome in (late, never, nothing)]
    assert values == sorted(values)
    assert len(set(values)) == 3
    assert value_of("worst_seed", [late, never], 9000) == 0.9
    assert value_of("held_out_robots", [late, never], 9000) == pytest.approx(0.93)


@pytest.mark.slow
def test_held_out_robots_are_other_robots(tmp_path):
    file = write(tmp_path)
    text = file.read_text().replace("[sweep]\ntrials = 8", '[sweep]\nfigure = "held_out_robots"\ntrials = 1')
    file.write_text(text)
    report = json.loads(run(tmp_path, "sweep", "space.toml", "--json").stdout)
    outcomes = report["trials"][0]["seeds"]
    assert all(0 <= one["held_out_robots"] <= 1 for one in outcomes)
    assert [one["held_out_robots"] for one in outcomes] != [one["success_rate"] for one in outcomes]
    assert report["more_is_better"]


def test_the_storage_is_sqlite_that_is_whole(swept):
    folder, _ = swept
    with sqlite3.connect(folder / "space.sweep.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_without_optuna_it_says_how_to_get_it(tmp_path):
    write(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name in ('optuna', 'ray') else find(name, *more)\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    said = run(tmp_path, "sweep", "space.toml", code=2, PYTHONPATH=path).stderr
    assert "pip install 'robot-agent[sweep]'" in said
    said = run(tmp_path, "train", "--seeds", "0..1", "--on", "ray", code=2, PYTHONPATH=path).stderr
    assert "pip install 'robot-agent[ray]'" in said
