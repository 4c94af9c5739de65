"""The worker process: `python -m server.worker --fd N`; the server starts it to train, drive and look.

Only this process loads torch (if that is the backend), the camera, the detector and the simulator. Commands
come through the pipe. When the server has ended, this process ends too.
"""

import argparse
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from robot_agent.build.training import has_torch
from server.protocol.from_worker import Ready
from server.worker.worker import Worker


def main() -> None:
    """Carry out the commands of the server at the other end of the pipe."""
    parser = argparse.ArgumentParser(prog="python -m server.worker", description="Train, drive and look.")
    parser.add_argument("--fd", type=int, required=True, help="the pipe to the server")
    parser.add_argument("--backend", default="torch", help="what computes the gradients: torch or numpy")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this process
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # see `inbox.END_SECONDS`
    with suppress(OSError):  # where memory is short this process is to go, not the server or the guard
        Path("/proc/self/oom_score_adj").write_text("500")
    if options.backend == "torch" and has_torch():  # now, since it takes seconds that no command should wait
        import torch

        torch.set_num_threads(1)  # at this size a second thread makes it 2 to 6 times slower
    worker = Worker(Connection(options.fd))
    threading.Thread(target=worker.inbox.listen, args=(worker.robot,), name="listen", daemon=True).start()
    worker.outbox.send(Ready(os.getpid()))
    worker.run()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(0)  # without waiting for threads


if __name__ == "__main__":
    main()
