"""Run the benchmarks: python -m tests.benchmarks [--quick] [--seeds N] [--only PART]."""

import os

# Two threads are slower than one for networks of this size; this is read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import importlib
import sys

from tests.benchmarks.machine import describe

PARTS = {
    "speed": "Speed",
    "backends": "Backends",
    "guard": "The guard",
    "camera": "A camera with faults",
    "pen": "A pen",
    "vision": "The network of vision",
    "health": "The health report",
    "server": "The control server",
    "dashboard": "The dashboard",
    "fleet": "A room full of robots",
    "footprint": "Memory",
    "disk": "What is written to the card",
}
"""Modules in this folder with a function `report(quick)`, and their headings."""

SEEDED = {"learners": ("Learning", 41, 3), "single": ("One robot alone", 8, 3)}
"""Modules whose `report` takes a number of seeds: heading, number of seeds, number with --quick."""


def main() -> int:
    """Measure and print one Markdown block."""
    names = (*SEEDED, *PARTS, "photographs")
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure what the README says."
    )
    parser.add_argument("--quick", action="store_true", help="fewer seeds and repetitions")
    parser.add_argument("--seeds", type=int, help="how many seeds the learners get")
    parser.add_argument("--only", choices=names, help="one part alone")
    options = parser.parse_args()
    if options.seeds is not None and options.seeds < 1:
        parser.error("--seeds is at least 1.")
    parts = (options.only,) if options.only else names

    import torch

    torch.set_num_threads(1)
    print(f"Measured on {describe()}.", flush=True)
    for name in parts:
        module = importlib.import_module(f"tests.benchmarks.{_module(name)}")
        if name == "photographs":
            print("\n### Photographs\n", flush=True)
            module.main([])
        elif name in SEEDED:
            title, many, few = SEEDED[name]
            print(
                f"\n### {title}\n\n{module.report(options.seeds or (few if options.quick else many))}",
                flush=True,
            )
        else:
            print(f"\n### {PARTS[name]}\n\n{module.report(quick=options.quick)}", flush=True)
    return 0


def _module(name: str) -> str:
    # A file here called vision would hide the package from who runs another file here by its path.
    return {"single": "single_robot", "vision": "networks"}.get(name, name)


if __name__ == "__main__":
    sys.exit(main())
