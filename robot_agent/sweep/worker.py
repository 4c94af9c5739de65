"""A process that does jobs: it reads each job as one line of JSON, and answers with one line of JSON.

It ends when the program that started it ends, even in the middle of a job: nobody needs the result any more.
"""

import json
import os
import queue
import sys
import threading
from typing import BinaryIO

from robot_agent.sweep.job import Job, perform


def main() -> None:
    """Do jobs until standard input is closed."""
    # What a user's own task prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        result = perform(Job(**json.loads(jobs.get())))
        answers.write(json.dumps(result) + "\n")
        answers.flush()


def _listen(source: BinaryIO, jobs: "queue.SimpleQueue[bytes]") -> None:
    for line in source:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
