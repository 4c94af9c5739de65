"""A camera's user and password leave the machine in nothing that is shown or given away."""

import in_process
import pytest
from stored_runs import SMALL, keep_all

from robot_agent.runs.policy_file import read_policy
from robot_agent.runs.store import Store


@pytest.mark.parametrize(
    "source",
    [
        "http://maker:geheim@10.0.0.7:8080/video",
        "http://10.0.0.7/video?user=maker&pwd=geheim",
        "rtsp://10.0.0.7/user=maker_password=geheim_channel=1",
        "http://maker:geh#eim@10.0.0.7/video",
    ],
)
def test_no_command_and_no_policy_tells_it(source, tmp_path):
    def told(*arguments):
        done = in_process.run(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    with Store(tmp_path / "robot-agent.db") as store:
        run, _ = keep_all(store, SMALL | {"camera": {"source": source}})
        keep_all(store, SMALL)
    (tmp_path / "robot.toml").write_text(f'[camera]\nsource = "{source}"\n')
    for command in (["runs", "--json"], ["runs", "show", str(run), "--json"], ["runs", "compare", "1", "2"],
                    ["runs", "compare", "1", "2", "--json"], ["config"], ["config", "--json"]):  # fmt: skip
        words = told(*command)
        assert "maker" not in words and "geh" not in words, command
    told("export", str(run))
    assert b"geh" not in (tmp_path / "policy.safetensors").read_bytes()
    assert "camera" not in read_policy(tmp_path / "policy.safetensors")[1]
