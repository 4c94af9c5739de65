"""Set-up for all tests: makes the helper modules importable, and limits the libraries to one thread."""

import os
import sys
from pathlib import Path

from hypothesis import settings

for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(library, "1")
for folder in ("robot_agent", "vision", "server", "deploy"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# Examples have no deadline, as tests assert no times; and they are the same on every machine.
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")
