"""Handing out jobs to whoever does them; a job whose process or node has died is done again."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from robot_agent.sweep.job import Job

ATTEMPTS = 2
"""Number of processes that a job may cost: what kills two in a row would kill a third."""

REFUSED_AT_FIRST = 3
"""If so many trainings are refused for the same reason before any is done, the rest would be as well."""

WAIT_SECONDS = 0.2
"""Longest time that `Workers.wait` waits, so that its caller can look at other things."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is no longer under way."""

    job: Job
    result: dict[str, Any] | None
    """What `perform` returned; None: who did it has died."""
    why: str = ""
    """How it died."""
    of_the_node: bool = False
    """A whole machine went, which says nothing of the job: it is always done again."""


class Workers(Protocol):
    """Whoever does jobs, several at once."""

    def places(self) -> int:
        """Return how many jobs can be under way at once, now; 0 while all machines are gone."""
        ...

    def submit(self, job: Job) -> None:
        """Begin a job."""
        ...

    def wait(self) -> list[Ended]:
        """Return the jobs that have ended; waits for one, but at most `WAIT_SECONDS`."""
        ...

    def close(self) -> None:
        """End everything that is under way."""
        ...


def work_off(workers: Workers, next_job: Callable[[], Job | None]) -> Iterator[list[Ended]]:
    """Keep all places busy until there is nothing left, and yield what has ended, at short intervals.

    A job whose process died is begun a second time; only then is it yielded, without a result. The lists may
    be empty: they come at least every `WAIT_SECONDS`.

    Args:
        workers: do the jobs; whoever opened them closes them.
        next_job: returns the next job; None while there is none, and when there will be none until
            something has ended.
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
