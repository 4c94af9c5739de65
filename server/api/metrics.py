"""Figures for Prometheus."""

from collections.abc import Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from server.control.control import Control
from server.protocol.page import Word

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures for Prometheus, read from the control when they are asked for."""

    def __init__(self, control: Control) -> None:
        """Read the figures from `control`."""
        self._control = control
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        control, state = self._control, self._control.state
        word = state.word
        states = GaugeMetricFamily("robot_agent_state", "1 for the state it is in.", labels=["state"])
        for one in get_args(Word):
            states.add_metric([one], float(one == word))
        yield states
        for name, words, value in (
            ("clients", "Dashboards and scripts that watch.", len(control.clients.all)),
            ("pictures_per_second", "Pictures shown.", state.frame_rate),
            ("run_moves", "Moves of the run under way.", state.progress.moves),
            ("run_episodes", "Episodes of the run under way.", state.progress.episodes),
            ("success_rate", "Share of episodes that reach the goal.", state.progress.success_rate),
            ("worker_ready", "Whether the trainer answers.", control.worker.ready.is_set()),
            ("guard_ready", "Whether the guard of the wheels is there.", control.guard.ready),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"robot_agent_{name}", words, float(value))
        yield CounterMetricFamily("robot_agent_halts", "Halts that were asked for.", control.halt.count)
        yield CounterMetricFamily(
            "robot_agent_worker_restarts", "Trainers that ended.", control.worker.restarts
        )

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self._registry)
