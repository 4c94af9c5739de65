"""A server with a task of somebody's own: it trains and drives, and its answers carry the reward's terms."""

import numpy as np
import pytest
from servers import PINS, QUICK, Server, eventually

from robot_agent.runs.policy_file import save_policy
from robot_agent.settings.config import load

TERMS = {"progress", "reached", "lost", "smooth"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    server = Server(folder, "--seed", 3, "--task", "own_task:Smooth", settings=(*PINS, *QUICK)).await_ready()
    yield server
    server.close()


def test_the_terms_of_ones_own_task_arrive_in_the_episode(server):
    run = server.run(moves=20_000)
    eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "finished", 60)
    number = server.get(f"/runs/{run}/episodes", params={"limit": 1, "last": True}).json()[0]["number"]
    for step in server.get(f"/runs/{run}/episodes/{number}").json()["steps"]:
        assert step["terms"].keys() == TERMS
        assert step["reward"] == pytest.approx(sum(step["terms"].values()), abs=1e-4)


def test_they_arrive_when_it_drives(server):
    checkpoint = server.policy()
    with server.socket() as page:
        server.post("/drive/start", {"checkpoint": checkpoint})
        assert page.hear("move", 40)["terms"].keys() == TERMS
        number = page.hear("episode", 40)["number"]
    steps = server.get(f"/runs/0/episodes/{number}").json()["steps"]
    assert all(step["terms"].keys() == TERMS for step in steps)
    server.post("/drive/stop")


def test_nobody_else_names_a_module_for_the_server(server, tmp_path):
    answer = server.post("/training/start", {"robot": "sim", "settings": {"task.factory": "os:getcwd"}})
    assert answer.status_code == 422 and "task.factory" in answer.text
    config = load(None, {"task": {"factory": "os:getcwd"}})
    file = tmp_path / "policy.safetensors"
    save_policy(file, {"log_std": np.zeros(2, np.float32)}, config.model_dump(mode="json"))
    answer = server.http.post("/api/v1/checkpoints/upload", content=file.read_bytes())
    assert answer.status_code == 422 and "another task" in answer.text
