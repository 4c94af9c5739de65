"""Handing out jobs to workers; a job whose process or machine has died is done again."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from robot_agent.sweep.job import Job

ATTEMPTS = 2
"""Number of times that a job is tried: a job that kills two processes would kill a third."""

REFUSED_AT_FIRST = 3
"""Number of trainings refused for the same reason, with none done yet, after which the sweep gives up."""

WAIT_SECONDS = 0.2
"""Longest time that `Workers.wait` waits, s, so that its caller can do other things in between."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended, by a result or by the death of its process."""

    job: Job
    result: dict[str, Any] | None
    """What `perform` returned; None if the process has died."""
    why: str = ""
    """How the process died."""
    of_the_node: bool = False
    """Whether a whole machine was lost: this is not the job's fault, so the job is always done again."""


class Workers(Protocol):
    """A group of processes that do jobs, several at once."""

    def places(self) -> int:
        """Return how many jobs can be done at once at present; 0 while no machine is available."""
        ...

    def submit(self, job: Job) -> None:
        """Begin a job."""
        ...

    def wait(self) -> list[Ended]:
        """Wait for a job to end, at most `WAIT_SECONDS`; return the jobs that have ended."""
        ...

    def close(self) -> None:
        """End all jobs and processes."""
        ...


def work_off(workers: Workers, next_job: Callable[[], Job | None]) -> Iterator[list[Ended]]:
    """Keep all places busy until no job is left; yield the jobs that have ended, at short intervals.

    A job whose process died is begun a second time. If its process dies again, the job is yielded without a
    result. A list is yielded at least every `WAIT_SECONDS`, and may be empty.

    Args:
        workers: the workers that do the jobs; the caller closes them.
        next_job: returns the next job; None if there is none before another job has ended.
    """
    under_way = 0
    again: deque[Job] = deque()
    died: Counter[str] = Counter()
    while True:
        nothing_left = False
        while under_way < workers.places():
            job = again.popleft() if again else next_job()
            if job is None:
                nothing_left = True
                break
            workers.submit(job)
            under_way += 1
        if nothing_left and not under_way:
            return
        ended = []
        for one in workers.wait():
            under_way -= 1
            died[one.job.key] += one.result is None and not one.of_the_node
            if one.result is None and died[one.job.key] < ATTEMPTS:
                again.append(one.job)
            else:
                ended.append(one)
        yield ended
