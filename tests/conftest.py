"""What all tests share: the helpers beside them can be imported, and one thread is used."""

import os
import sys
from pathlib import Path

from hypothesis import settings

for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(library, "1")
for folder in ("robot_agent", "vision", "server", "deploy"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# A test asserts no time, and the same examples are tried everywhere.
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")
