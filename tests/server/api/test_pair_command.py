"""Commands against a robot on the network: paired by the code, looked through, driven, given a policy."""

import json
import os
import subprocess
import sys

import pytest
from servers import ROOT, Server


@pytest.fixture(scope="module")
def lan(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lan"), "--lan", "--seed", 3)
    server.await_ready()
    yield server
    server.close()


@pytest.mark.slow
def test_from_pairing_to_a_policy_on_the_robot(lan, tmp_path):
    url = f"http://127.0.0.1:{lan.port}"

    def command(*words, code=0, **more):
        done = subprocess.run(
            [sys.executable, "-m", "robot_agent", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path / "config")},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            **more,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    assert "Pair with it: robot-agent pair" in command("look", "--robot", url, code=1)
    assert "Give the code" in command("pair", url, code=2)
    shown = lan.hear(r"code (\w{3}-\w{3})")
    assert "This is not the code" in command("pair", url, "AAA-AAA", code=1)
    assert "Paired" in command("pair", url, shown)
    assert url in command("pair")
    browsers = command("look", "--robot", url, "--json")
    assert '"x1"' in browsers
    assert "reached" in command("drive", "--robot", url, "--episodes", "1")
    trained = command(
        *("train", "--robot", url, "--preset", "one", "--backend", "numpy", "--moves", "8", "--send"),
        *("--set", "task.max_moves=2", "--set", "train.episodes_per_update=2", "--seed", "1"),
    )
    assert "is the one that it drives by" in trained
    token = json.loads((tmp_path / "config/robot-agent/robots.json").read_text())
    key = token["robots"][url]["token"]
    runs = lan.http.get("/api/v1/runs", headers={"Authorization": f"Bearer {key}"}).json()
    assert [run["name"] for run in runs] == ["Run 1, sent"]
    adapted = command("adapt", "--robot", url, "--episodes", "1", "--send", "--no-train")
    assert "The policy is on 127.0.0.1" in adapted
    assert lan.http.get("/api/v1/browsers", headers={"Authorization": f"Bearer {key}"}).json() == []
    assert "is forgotten" in command("pair", url, "--forget")
    assert "There is no key" in command("pair", url, "--forget", code=2)
    assert "--send puts a policy" in command("train", "--send", "--moves", "100", code=2)
