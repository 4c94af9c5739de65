"""A learner of somebody's own behind the server: what the dashboard shows of it, and who may choose it."""

from pathlib import Path

import pytest
from servers import PINS, QUICK, Server

PPO = Path(__file__).parents[2] / "robot_agent" / "learning" / "ppo.py"


@pytest.fixture
def server(tmp_path):
    server = Server(
        tmp_path, settings=(*PINS, *QUICK, f"learner.algorithm={PPO}:build", "learner.backend=numpy")
    )
    yield server.await_ready()
    server.close()


def test_the_dashboard_shows_a_training_of_ppo(server):
    with server.socket() as page:
        run = server.run({"train.rollout_moves": 8}, moves=60_000)
        update = page.hear("update")
        assert update["run"] == run
        assert update["entropy"] is not None
        page.hear("checkpoint")
        assert page.hear("notice", 120)["text"] == f"Run {run} is finished."
    shown = server.get(f"/runs/{run}").json()
    assert shown["success_rate"] > 0.9
    assert shown["updates"][-1]["mean_return"] > shown["updates"][0]["mean_return"]
    number = server.get(f"/runs/{run}/episodes", params={"limit": 1, "last": True}).json()[0]["number"]
    episode = server.get(f"/runs/{run}/episodes/{number}").json()
    assert all(step["probability"] > 0 and step["advantage"] is not None for step in episode["steps"])
    assert len(server.get("/policy").json()["cells"]) == 903
    assert server.get("/health").status_code == 200


@pytest.mark.parametrize("name", ["learner.algorithm", "learner.baseline", "vision.detector"])
def test_no_request_may_name_a_function_to_call(server, name):
    answer = server.post("/training/start", {"robot": "sim", "settings": {name: f"{PPO}:build"}})
    assert answer.status_code in (400, 422), answer.text
    assert "cannot be set from here" in answer.text
