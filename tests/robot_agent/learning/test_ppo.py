"""A learner of another kind plugs in: PPO in one file learns, resumes exactly, and its figures are kept."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import episodes, small

from robot_agent.build.training import make_trainer
from robot_agent.errors import SettingsError
from robot_agent.learning.events import Episode, Evaluated, Update
from robot_agent.runs.recorder import record, restore
from robot_agent.runs.store import Store
from robot_agent.settings.config import load
from vision.factory import import_factory

BUILD = __file__.replace("test_ppo.py", "ppo.py:build")
FLEET = {"robots": 256, "episodes_per_update": 256, "rollout_moves": 8, "evaluation_episodes": 300}


def settings(seed: int, backend: str = "numpy", train: dict | None = None, **options):
    learner = {"algorithm": BUILD, "backend": backend, "options": options}
    return {"seed": seed, "learner": learner, "train": FLEET | {"moves": 60_000} | (train or {})}


@pytest.mark.parametrize("seed", range(5))
def test_it_learns_in_pieces_of_eight_moves(seed):
    events = list(make_trainer(load(None, settings(seed))).run())
    evaluations = [event.result for event in events if isinstance(event, Evaluated)]
    assert evaluations[0].success_rate < 0.3, "it could not do it before"
    assert evaluations[-1].success_rate >= 0.95
    figures = [dict(event.report.figures) for event in events if isinstance(event, Update)]
    assert figures[-1]["value_loss"] < figures[0]["value_loss"]


def test_it_learns_with_pytorch_from_whole_episodes():
    train = {"rollout_moves": 0, "moves": 100_000}
    events = list(make_trainer(load(None, settings(0, "torch", train))).run())
    assert max(event.result.success_rate for event in events if isinstance(event, Evaluated)) >= 0.95


def keep(store: Store, flags: dict) -> int:
    """Record a whole run in a store."""
    run, trainer = (
        store.create_run(load(None, flags).model_dump(mode="json")),
        make_trainer(load(None, flags)),
    )
    list(record(trainer, store, run))
    return run


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_a_fleet_goes_on_exactly_where_it_stopped(tmp_path):
    """Stopped in the middle of episodes, gone on with from the store's settings alone."""
    flags = settings(3, train={"moves": 12_000})
    with Store(tmp_path / "runs.db") as store:
        whole = keep(store, flags)
        run = store.create_run(store.run(whole).settings)
        for event in (events := record(make_trainer(load(None, flags)), store, run, checkpoint_seconds=0)):
            if isinstance(event, Update) and event.number == 3:
                break
        events.close()
        again = make_trainer(load(None, store.run(run).settings))
        restore(again, store, run)
        assert again.learner.updates == 3
        list(record(again, store, run))
        assert same(store.checkpoint(whole)[1], store.checkpoint(run)[1])
        assert [row["report"] for row in store.updates(whole)] == [r["report"] for r in store.updates(run)]
        assert {"value_loss", "clip_fraction"} <= store.updates(run)[-1]["report"]["figures"].keys()


def test_a_single_robots_updates_are_made_again_from_its_episodes(tmp_path, monkeypatch):
    """The power is cut between two checkpoints; timeouts are among the episodes, and bootstrapped."""
    train = {
        "robots": 1,
        "episodes_per_update": 2,
        "rollout_moves": 0,
        "moves": 400,
        "evaluate_every": 10_000,
    }
    flags = settings(1, train=train)
    with Store(tmp_path / "runs.db") as store:
        whole = keep(store, flags)
        assert "timeout" in {row["ending"] for row in store.episodes(whole)}
        run = store.create_run(store.run(whole).settings)
        trainer = make_trainer(load(None, flags))
        for event in (events := record(trainer, store, run)):
            if isinstance(event, Episode) and trainer.updates == 7:
                break
        with monkeypatch.context() as cut:
            cut.setattr(Store, "keep", lambda *_, **__: None)
            cut.setattr(Store, "set_status", lambda *_: None)
            events.close()
        again = make_trainer(load(None, flags))
        restore(again, store, run)
        assert (again.updates, again.moves) == (7, trainer.moves)
        assert same(trainer.learner.get_state(), again.learner.get_state())
        list(record(again, store, run))
        assert same(store.checkpoint(whole)[1], store.checkpoint(run)[1])


def test_the_advantage_bootstraps_where_an_episode_was_cut():
    """Against the sum of the paper over one robot's moves, cut and ended."""

    class Linear:
        def predict(self, s):
            return s[:, 0] + 2 * s[:, 1]

    make = import_factory(BUILD, "learner", ("policy", "value", "seed"))
    learner = make(small(), Linear(), seed=0, gamma=0.9, gae_lambda=0.7)
    made = episodes(small())
    for cut in (False, True):
        rollout = replace(made, cut=np.full(made.cut.shape, cut))
        _, A = learner.advantages(rollout)
        for n in range(5):
            moves = rollout.alive[:, n].sum()
            V = [*learner.value.predict(rollout.observations[:moves, n])]
            V.append(learner.value.predict(rollout.final_observations[n : n + 1])[0] if cut else 0.0)
            delta = [rollout.rewards[t, n] + 0.9 * V[t + 1] - V[t] for t in range(moves)]
            for t in range(moves):
                assert A[t, n] == pytest.approx(sum(0.63**k * delta[t + k] for k in range(moves - t)))
            assert not A[moves:, n].any()


@pytest.mark.parametrize(
    ("learner", "words"),
    [
        ({"algorithm": "ppo"}, "MODULE:FACTORY"),
        ({"algorithm": BUILD, "options": {"sharpness": 3}}, "sharpness"),
        ({"algorithm": "json:dumps"}, "needs obj"),
        ({"options": {"clip_range": 0.1}}, "learner of your own"),
        ({"gae_lambda": 0.9}, "baseline = value"),
    ],
)
def test_a_learner_that_cannot_be_used_is_refused_with_the_cure(learner, words):
    with pytest.raises(SettingsError, match=words):
        make_trainer(load(None, {"seed": 0, "learner": learner}))
