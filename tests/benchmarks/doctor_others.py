"""What other tools that can be installed say of the same scripts as the doctor.

    python -m tests.benchmarks.doctor_others FOLDER

FOLDER holds scripts and a `manifest.csv` with `file`, `healthy`, `kind`, `line` and `also`. It needs PyTorch,
mldoct 1.0.0 and torch-audit 0.3.0, best in an environment of their own. The script stays as it is:
torch-audit is put on each optimizer and the network whose weights it holds at the first backward(), and asked
at every step; detect_anomaly is switched on before the script begins. Both get four seconds of CPU time.
"""

import csv
import gc
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import torch

from tests.benchmarks.doctor import fork, silence


def doctor(script: Path) -> list[str]:
    """Return what our doctor says: kind and line of each finding."""
    from robot_agent.doctor.run import run, run_by_hand, uses_torch

    report, _ = (run if uses_torch(str(script)) else run_by_hand)(str(script), [])
    return [f"{each.kind} {each.line}" for each in report.findings]


def mldoct(script: Path) -> list[str]:
    """Return what mldoct reads in the source; its advice to clip gradients, which all get, left out."""
    from mldoctor.linter import lint_script  # type: ignore[import-not-found]

    return [
        f"{each['type']} {each['line']}" for each in lint_script(str(script))[0] if each["severity"] != "INFO"
    ]


def torch_audit(script: Path) -> list[str]:
    """Return what torch-audit says of the running script, warnings and errors."""
    from torch_audit import autopatch  # type: ignore[import-not-found]

    auditors: list[Any] = []
    original = torch.Tensor.backward

    def backward(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        if not auditors:
            kept = gc.get_objects()
            networks = [each for each in kept if isinstance(each, torch.nn.Module)]
            inner = {id(part) for each in networks for part in each.modules() if part is not each}
            for optimizer in [each for each in kept if isinstance(each, torch.optim.Optimizer)]:
                held = {id(p) for group in optimizer.param_groups for p in group["params"]}
                for network in networks:
                    if id(network) not in inner and held & {id(p) for p in network.parameters()}:
                        auditors.append(
                            autopatch(network, optimizer=optimizer, every_n_steps=1, reporters=[])
                        )
        return original(tensor, *args, **kwargs)

    torch.Tensor.backward = backward  # type: ignore[method-assign]
    _play(script)
    found = [each for auditor in auditors for each in auditor.finish(report=False).findings]
    said = Counter(each.rule_id for each in found if each.severity.name != "INFO")
    return [f"{rule} {times} x" for rule, times in sorted(said.items())]


def anomaly(script: Path) -> list[str]:
    """Return what `torch.autograd.set_detect_anomaly(True)` ends the script with."""
    torch.autograd.set_detect_anomaly(True)
    return _play(script)


def _play(script: Path) -> list[str]:
    """Run a script; return the error that it ends with."""

    def enough(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGPROF, enough)
    signal.setitimer(signal.ITIMER_PROF, 4)
    sys.argv = [str(script)]
    try:
        runpy.run_path(str(script), run_name="__main__")
    except (TimeoutError, SystemExit):
        return []
    except Exception as error:
        return [str(error).split("\n")[0][:70]]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return []


def main() -> None:
    """Print a table."""
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    for row in csv.DictReader((folder / "manifest.csv").open()):
        said = [row["file"], row["kind"] or "healthy"]
        for tool in (doctor, mldoct, torch_audit, anomaly):

            def work(tool: Any = tool, script: Path = folder / row["file"]) -> Any:
                silence()
                return tool(script)

            answer = fork(work, 600)
            said.append("; ".join(answer) if isinstance(answer, list) else str(answer)[-90:])
        print("| " + " | ".join(each or "-" for each in said) + " |", flush=True)


if __name__ == "__main__":
    main()
