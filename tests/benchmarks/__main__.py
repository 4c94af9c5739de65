"""Run the benchmarks: python -m tests.benchmarks [--quick] [--seeds N] [--only PART]."""

import os

# Two threads are slower than one for networks of this size; this is read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import sys

from tests.benchmarks.machine import describe

PARTS = ("learners", "speed", "photographs", "single", "guard", "pen", "backends")


def main() -> int:
    """Measure and print one Markdown block."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure what the README says."
    )
    parser.add_argument("--quick", action="store_true", help="fewer seeds and repetitions")
    parser.add_argument("--seeds", type=int, help="how many seeds the learners get (15; quick: 3)")
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    options = parser.parse_args()
    if options.seeds is not None and options.seeds < 1:
        parser.error("--seeds is at least 1.")
    parts = (options.only,) if options.only else PARTS
    seeds = options.seeds or (3 if options.quick else 15)

    import torch

    torch.set_num_threads(1)
    print(f"Measured on {describe()}.", flush=True)
    if "learners" in parts:
        from tests.benchmarks import learners

        print(f"\n### Learning\n\n{learners.report(seeds)}", flush=True)
    if "speed" in parts:
        from tests.benchmarks import speed

        print(f"\n### Speed\n\n{speed.report(quick=options.quick)}", flush=True)
    if "photographs" in parts:
        from tests.benchmarks import photographs

        print("\n### Photographs\n", flush=True)
        photographs.main([])
    if "single" in parts:
        from tests.benchmarks import single_robot

        print(f"\n### One robot alone\n\n{single_robot.report(3 if options.quick else 8)}", flush=True)
    if "guard" in parts:
        from tests.benchmarks import guard

        print(f"\n### The guard\n\n{guard.report(quick=options.quick)}", flush=True)
    if "pen" in parts:
        from tests.benchmarks import pen

        print(f"\n### A pen\n\n{pen.report(quick=options.quick)}", flush=True)
    if "backends" in parts:
        from tests.benchmarks import backends

        print(f"\n### Backends\n\n{backends.report(quick=options.quick)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
