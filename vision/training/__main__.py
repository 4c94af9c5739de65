"""Make the shipped network anew: python -m vision.training --rooms MODULE:FUNCTION."""

from __future__ import annotations

import os

# Two threads are slower than one for a network of this size; this is read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from vision.factory import FactoryError, import_factory
from vision.training.recipe import Recipe, held_out, make
from vision.training.synthesis import Rooms


def main(argv: Sequence[str] | None = None) -> int:
    """Make the pictures, train, quantise, write, and print how good it is."""
    parser = argparse.ArgumentParser(
        prog="python -m vision.training", description="Make the network of the detector `slices` anew."
    )
    default = Recipe()
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for slices.tflite and weights")
    parser.add_argument("--seed", type=int, default=default.seed, help="of everything random")
    parser.add_argument("--pictures", type=int, default=default.pictures, help="composed, to train on")
    parser.add_argument(
        "--rendered", type=int, default=default.rendered, help="of each kind of room, to train on"
    )
    parser.add_argument("--epochs", type=int, default=default.epochs, help="how often each is seen")
    parser.add_argument(
        "--test", type=int, default=2000, help="held-out pictures to measure on; 0 measures nothing"
    )
    parser.add_argument(
        "--rooms", metavar="MODULE:FUNCTION", help="renders pictures of rooms; none if not given"
    )
    options = parser.parse_args(argv)
    rooms = _rooms(options.rooms)
    start = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)

    recipe = Recipe(
        seed=options.seed, pictures=options.pictures, rendered=options.rendered, epochs=options.epochs
    )
    try:
        make(options.out, recipe, rooms=rooms, report=report)
        if options.test:
            print(held_out(options.out, options.test, rooms=rooms))
    except (OSError, RuntimeError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


def _rooms(name: str | None) -> Rooms | None:
    """Return the function that renders rooms, by its name."""
    if name is None:
        return None
    try:
        return import_factory(name, "renderer of --rooms", given=("seed", "count", "distractors"))
    except FactoryError as error:
        raise SystemExit(f"Error: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
