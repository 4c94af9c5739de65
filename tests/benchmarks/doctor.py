"""Measure the doctor of scripts: faults found, right lines, false alarms, unchanged results, overhead.

    python -m tests.benchmarks.doctor                       all tables
    python -m tests.benchmarks.doctor hits healthy same start overhead

Each script runs in a fork of this process, which has imported PyTorch already, so that no time is lost.
"""

import hashlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
import types
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # optimizers import it when they are made; here it is no part of what is measured

from robot_agent.doctor.run import _file, run
from tests.benchmarks.doctor_trainings import HEAD, TRAININGS
from tests.robot_agent.doctor.forms import SCRIPTS, read

HEALTHY = SCRIPTS.parent / "healthy"


def fork(work: Any, seconds: int = 120) -> Any:
    """Carry out `work` in a child process; return what it answers, None if it dies."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(seconds)
        try:
            answer = work()
        except BaseException:
            answer = {"crash": traceback.format_exc()[-800:]}
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(answer))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


def silence() -> int:
    """Send what the script prints into a file; return its descriptor."""
    file = os.open(tempfile.mkstemp()[1], os.O_RDWR)
    os.dup2(file, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return file


def findings(script: Path) -> list[dict[str, Any]]:
    """Return the doctor's findings on a script."""

    def work() -> Any:
        silence()
        return run(str(script), [])[0].as_dict()["findings"]

    answer = fork(work)
    return answer if isinstance(answer, list) else [{"kind": f"crash {answer}", "line": 0}]


def hits(folder: Path = SCRIPTS) -> None:
    """Print the rate on our own faulty scripts, and the false alarms on the same scripts mended."""
    right = lines = total = alarms = mended = 0
    with tempfile.TemporaryDirectory() as copies:
        for file in sorted(folder.glob("*.py")):
            forms = read(file)
            script = Path(copies) / file.name
            script.write_text(forms.faulty)
            found = findings(script)
            total += 1
            hit = bool(found) and found[0]["kind"] == forms.kind
            at = hit and found[0]["line"] in forms.lines
            right, lines = right + hit, lines + at
            if not at:
                print(
                    f"  {file.name}: {forms.kind} at {forms.lines}, found "
                    f"{[(f['kind'], f['line']) for f in found]}"
                )
            if forms.mended is not None:
                script.write_text(forms.mended)
                mended += 1
                if found := findings(script):
                    alarms += 1
                    print(f"  {file.name} mended: {[(f['kind'], f['line']) for f in found]}")
    print(f"first finding true: {right} of {total}; on an accepted line: {lines} of {right}")
    print(f"false alarms on the mended: {alarms} of {mended}")


def healthy(folder: Path = HEALTHY) -> None:
    """Print the false alarms on healthy scripts."""
    scripts = sorted(folder.glob("*.py"))
    alarms = 0
    for script in scripts:
        if found := findings(script):
            alarms += 1
            print(f"  {script.name}: {[(f['kind'], f['line']) for f in found]}")
    print(f"false alarms on healthy scripts: {alarms} of {len(scripts)}")


def fingerprint(names: dict[str, Any]) -> str:
    """Return a hash of all tensors and networks that a script leaves, and of the random generators."""
    digest = hashlib.sha256()
    for name in sorted(names):
        value = names[name]
        tensors = list(value.state_dict().values()) if isinstance(value, torch.nn.Module) else [value]
        for each in tensors:
            if isinstance(each, torch.Tensor) and each.layout == torch.strided:
                digest.update(each.detach().contiguous().view(-1).numpy().tobytes())
    digest.update(torch.get_rng_state().numpy().tobytes())
    return digest.hexdigest()


def outcome(script: Path, observed: bool) -> dict[str, Any]:
    """Run a script with or without the doctor; return what it printed, its weights and its CPU time."""

    def work() -> Any:
        from robot_agent.doctor.session import Session

        code, names = _file(str(script))
        printed = silence()
        sys.argv = [str(script)]
        session = Session() if observed else None
        main = types.ModuleType("__main__")
        main.__dict__.update(names)
        sys.modules["__main__"] = main
        error = ""
        begun = time.process_time()
        if session is not None:
            session.begin()
        try:
            exec(code, main.__dict__)
        except BaseException as raised:
            error = repr(raised)
        if session is not None:
            session.end()
            session.report()
        taken = time.process_time() - begun
        sys.stdout.flush()
        os.lseek(printed, 0, 0)
        return {
            "printed": os.read(printed, 1 << 20).decode(),
            "error": error,
            "weights": fingerprint(main.__dict__),
            "seconds": taken,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "steps": session.observer.record.backward if session else 0,
        }

    answer = fork(work)
    return answer if isinstance(answer, dict) else {"error": "died"}


def same() -> None:
    """Print in how many scripts output, error, weights and random generators are the same with the doctor."""
    scripts = sorted(HEALTHY.glob("*.py"))
    equal = 0
    for script in scripts:
        plain, observed = outcome(script, False), outcome(script, True)
        differ = [key for key in ("printed", "error", "weights") if plain.get(key) != observed.get(key)]
        equal += not differ
        if differ:
            print(f"  {script.name}: {differ} {plain.get('crash', '')}{observed.get('crash', '')}")
    print(f"the same bit for bit: {equal} of {len(scripts)}")


def start() -> None:
    """Print how much CPU time the command takes more than the script alone: eight pairs in turn, medians.

    Once as Python starts a program usually, with the byte code that the first start has left, and once where
    it may keep none (PYTHONDONTWRITEBYTECODE) and compiles every module of ours again.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "short.py"
        script.write_text(SHORT)
        alone = [sys.executable, str(script)]
        doctor = [sys.executable, "-m", "robot_agent", "doctor", str(script)]
        kept = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        none = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/none", "PYTHONDONTWRITEBYTECODE": "1"}
        for name, environment in (("with byte code", kept), ("without", none)):
            times: dict[bool, list[float]] = {False: [], True: []}
            for _ in range(9):
                for observed in (False, True):
                    begun = _children()
                    subprocess.run(
                        doctor if observed else alone, env=environment, capture_output=True, check=False
                    )
                    times[observed].append(_children() - begun)
            plain, seen = (statistics.median(times[each][1:]) for each in (False, True))
            print(f"ten steps, {name}: {plain:.2f} s, with the doctor {seen:.2f} s: {seen - plain:+.2f} s")


def _children() -> float:
    """Return the CPU time of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


SHORT = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(10):
    x = torch.randn(16, 4)
    loss = (net(x) - x[:, :1]).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
"""


def overhead(rounds: int = 7) -> None:
    """Print how much longer twelve trainings take with the doctor.

    CPU time from the first line to the report, with and without the doctor in turn, the least of all rounds:
    what else a machine does can only add to it. `-0.3 s` is the ratio without the 0.3 s that are allowed at
    the start; `memory` is the peak's difference, the median.
    """
    print(
        f"{'training':28} {'ms/step':>8} {'alone':>7} {'doctor':>7} {'ratio':>6} {'-0.3 s':>6} "
        f"{'extra':>7} {'memory':>8}  the same"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, (steps, text) in TRAININGS.items():
            script = Path(folder) / f"{name.replace(' ', '_').replace(',', '')}.py"
            script.write_text(HEAD + text)
            pairs = [(outcome(script, False), outcome(script, True)) for _ in range(rounds)]
            plain, observed = (min(each[i]["seconds"] for each in pairs) for i in (0, 1))
            more = statistics.median(b["memory"] - a["memory"] for a, b in pairs)
            equal = all(a[key] == b[key] for a, b in pairs for key in ("printed", "error", "weights"))
            print(
                f"{name:28} {1000 * plain / steps:8.2f} {plain:6.2f}s {observed:6.2f}s "
                f"{observed / plain:6.2f} {(observed - 0.3) / plain:6.2f} {observed - plain:+6.2f}s "
                f"{more:+5.0f} MB  {'yes' if equal else 'NO'}",
                flush=True,
            )


TABLES = {"hits": hits, "healthy": healthy, "same": same, "start": start, "overhead": overhead}


def main() -> None:
    """Print the tables that are named, or all."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or TABLES:
        print(name)
        TABLES[name]()


if __name__ == "__main__":
    main()
