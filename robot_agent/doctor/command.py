"""What `robot-agent doctor` does, apart from reading its options."""

import sys
from pathlib import Path

from robot_agent.errors import RobotAgentError


def examine(
    target: str,
    arguments: list[str],
    *,
    module: bool = False,
    seconds: float | None = None,
    steps: int | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """Run a script or module under observation, and print the report.

    Returns:
        The exit code: the script's own if it failed by itself; else 1 with a finding, 0 without.

    Raises:
        RobotAgentError: there is no such script, it is no Python, PyTorch is not installed, or `out` has no
            place.
        OSError: `out` cannot be written; the report is printed then.
    """
    from robot_agent.doctor.run import run, run_by_hand, uses_torch

    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise RobotAgentError(
            f"The report cannot be written to {out}: give a file in a folder that is there."
        )
    # A script may run for hours, and change to another folder.
    out = out and out.absolute()
    if not module and not uses_torch(target):
        report, code = run_by_hand(target, arguments)
    else:
        try:
            import torch  # noqa: F401
        except ImportError as error:
            raise RobotAgentError(
                "The doctor of PyTorch scripts needs PyTorch: pip install torch."
            ) from error
        report, code = run(target, arguments, module=module, seconds=seconds, steps=steps)
    sys.stdout.flush()
    if out is not None:
        try:
            out.write_text(report.as_json() + "\n", encoding="utf-8")
        except OSError:
            print(report.as_text(), file=sys.stderr, flush=True)  # rather than lose it
            raise
    if as_json:
        if out is None:
            print(report.as_json(), flush=True)
    else:
        print(report.as_text(sys.stderr.isatty()), file=sys.stderr, flush=True)
    return code or (1 if report.findings else 0)
