"""The command line: `robot-agent train`, `drive`, `evaluate`, `look`, `runs`, ..."""

import os

# At the size of these networks a second thread makes everything slower; this must come before NumPy.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

from robot_agent.commands import main  # noqa: E402

if __name__ == "__main__":
    main()
