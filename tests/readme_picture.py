"""Draw the README's picture: the plots of one training with the default settings."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Train with seed 0 and plot into picture.png, beside the README."""
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", str(Path(folder) / "runs.db")]
        for command in (["train", "--seed", "0"], ["plot", "--out", str(ROOT / "picture.png")]):
            subprocess.run([sys.executable, "-m", "robot_agent", *command, *store], check=True)


if __name__ == "__main__":
    main()
