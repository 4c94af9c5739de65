"""How good the doctor of scripts is: hits, lines, false alarms, sameness, overhead.

    python -m tests.benchmarks.doctor                       all tables
    python -m tests.benchmarks.doctor hits healthy same overhead

Each script runs in a fork of this process, which has PyTorch imported, so that starting it takes no time.
"""

import hashlib
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # optimizers import it when they are made; here it is no part of what is measured

from robot_agent.doctor.run import _file, run
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
        import types

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
        taken = time.process_time() - begun
        sys.stdout.flush()
        os.lseek(printed, 0, 0)
        return {
            "printed": os.read(printed, 1 << 20).decode(),
            "error": error,
            "weights": fingerprint(main.__dict__),
            "seconds": taken,
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


STEPS = """
import torch
from torch import nn
torch.manual_seed(0); torch.set_num_threads(1)
x, y = torch.randn({rows}, 32), torch.randn({rows}, 1)
W = {width}
net = nn.Sequential(nn.Linear(32, W), nn.ReLU(), nn.Linear(W, W), nn.ReLU(), nn.Linear(W, 1))
opt = torch.optim.{optimizer}(net.parameters(), lr=1e-3)
for step in range({steps}):
    opt.zero_grad(); loss = nn.functional.mse_loss(net(x), y); loss.backward(); opt.step()
"""


def overhead() -> None:
    """Print how much longer trainings take: CPU time, each pair run three times in turn, medians."""
    with tempfile.TemporaryDirectory() as folder:
        for rows, width, steps in ((32, 32, 6000), (64, 128, 3000), (256, 256, 800), (512, 768, 120)):
            for optimizer in ("Adam", "SGD"):
                script = Path(folder) / f"{rows}-{width}-{optimizer}.py"
                script.write_text(STEPS.format(rows=rows, width=width, steps=steps, optimizer=optimizer))
                pairs = [
                    (outcome(script, False)["seconds"], outcome(script, True)["seconds"]) for _ in range(3)
                ]
                plain, observed = (statistics.median(each) for each in zip(*pairs, strict=True))
                print(
                    f"{steps} steps of {1000 * plain / steps:.2f} ms ({optimizer}): {plain:.2f} s, "
                    f"with the doctor {observed:.2f} s: {observed / plain:.2f} x, {observed - plain:+.2f} s"
                )


TABLES = {"hits": hits, "healthy": healthy, "same": same, "overhead": overhead}


def main() -> None:
    """Print the tables that are named, or all."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or TABLES:
        print(name)
        TABLES[name]()


if __name__ == "__main__":
    main()
