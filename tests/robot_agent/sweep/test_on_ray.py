"""The same trainings on a Ray cluster, whose machines come and go."""

import importlib.util
import json
import os
import subprocess
import sys
import time

import pytest
from small_sweeps import FLAGS, SPACE, command, run, without_seconds

if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed: pip install 'robot-agent[ray]'", allow_module_level=True)

CLUSTER = """
import json, sys, threading
from ray.cluster_utils import Cluster

quick = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_timeout_ms": 2000}
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "_system_config": quick})
nodes = []
print(cluster.address, flush=True)
for line in sys.stdin:  # add, kill, lie
    if line == "add\\n":
        nodes.append(cluster.add_node(num_cpus=1))
    elif line == "kill\\n":
        cluster.remove_node(nodes.pop(), allow_graceful=False)
    elif line == "lie\\n":
        import ray
        from ray._private import ray_constants
        from ray.experimental import internal_kv
        ray.init(address=cluster.address, log_to_driver=False)
        names = b"CLUSTER_METADATA", ray_constants.KV_NAMESPACE_CLUSTER
        metadata = json.loads(internal_kv._internal_kv_get(names[0], namespace=names[1]))
        metadata["ray_version"] = "1.2.3"
        internal_kv._internal_kv_put(names[0], json.dumps(metadata).encode(), True, namespace=names[1])
        ray.shutdown()
    print("done", flush=True)
cluster.shutdown()
"""
"""In a process of its own: what Ray leaves behind in one is of no concern to other tests."""


class Nodes:
    """A cluster of one node, with another one that comes and goes."""

    def __init__(self):
        variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RAY_worker_niceness": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=variables,
        )
        self.address = self._hear()

    def tell(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self._hear() == "done"

    def _hear(self):
        for line in self.process.stdout:
            if line.strip() == "done" or line.strip().replace(".", "").replace(":", "").isdigit():
                return line.strip()
        raise AssertionError("the cluster has ended")

    def close(self):
        self.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def nodes():
    cluster = Nodes()
    cluster.tell("add")
    yield cluster
    cluster.close()


def _at_work():
    """Return how many processes of the cluster are in a training."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return listed.count("ray::perform_there")


@pytest.mark.slow
def test_seed_by_seed_the_same_as_without_ray_though_a_node_dies_in_the_middle(nodes, tmp_path):
    words = ("train", *FLAGS, "--set", "train.moves=60000", "--seeds", "0..11", "--json")
    process = subprocess.Popen(
        command(*words, "--on", f"ray:{nodes.address}"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 120
        while _at_work() < 2 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert process.poll() is None
        nodes.tell("kill")
        output, said = process.communicate(timeout=180)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, said
    nodes.tell("add")
    local = run(tmp_path, *words).stdout
    assert without_seconds(output) == without_seconds(local)
    assert len(json.loads(output)["trainings"]) == 12


@pytest.mark.slow
def test_a_sweep_on_a_cluster_gives_each_trial_the_same_numbers(nodes, tmp_path):
    (tmp_path / "space.toml").write_text(SPACE.format(processes=2))
    done = run(tmp_path, "sweep", "space.toml", "--json", "--on", f"ray:{nodes.address}")
    rows = json.loads(done.stdout)["trials"]
    assert [row["number"] for row in rows] == list(range(8))
    assert {row["state"] for row in rows} <= {"complete", "pruned"}
    best = min((row for row in rows if row["value"] is not None), key=lambda row: row["value"])
    flags = [f"--set={name}={json.dumps(value)}" for name, value in best["settings"].items()]
    local = json.loads(run(tmp_path, "train", *FLAGS, *flags, "--seeds", "0..1", "--json").stdout)[
        "trainings"
    ]
    for mine, other in zip(best["seeds"], local, strict=True):
        assert {name: other[name] for name in mine if not name.startswith("seconds")} == without_seconds(mine)


@pytest.mark.slow
def test_a_cluster_of_another_version_is_one_sentence(nodes, tmp_path):
    nodes.tell("lie")
    done = run(tmp_path, "train", *FLAGS, "--seeds", "0..1", "--on", f"ray:{nodes.address}", code=1)
    assert "has Ray 1.2.3 and Python" in done.stderr
    assert "both must be the same" in done.stderr
    assert done.stderr.count("Error:") == 1


@pytest.mark.parametrize(
    ("address", "said", "code"),
    [
        ("127.0.0.1:1", "No Ray cluster answers at 127.0.0.1:1", 1),
        ("nobody.invalid", "No Ray cluster answers at nobody.invalid:6379", 1),
        ("host:port", "write HOST:6379", 2),
    ],
)
def test_an_address_without_a_cluster_is_one_sentence(tmp_path, address, said, code):
    done = run(tmp_path, "train", *FLAGS, "--seeds", "0..1", "--on", f"ray:{address}", code=code)
    assert said in done.stderr
