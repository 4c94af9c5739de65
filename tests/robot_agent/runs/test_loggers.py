"""Events elsewhere: in TensorBoard's own files, to one's own object, and never at the training's cost."""

import pytest
from stored_runs import SMALL, start

from robot_agent.errors import SettingsError
from robot_agent.learning.events import Evaluated, Finished, Update
from robot_agent.runs.loggers import NamedLogger, logged, open_loggers
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store


def train(tmp_path, loggers, said):
    with Store(tmp_path / "runs.db") as store:
        trainer, run = start(store, SMALL)
        return run, list(logged(record(trainer, store, run), loggers, run, said.append))


def test_tensorboard_reads_the_curves(tmp_path):
    run, events = train(tmp_path, open_loggers([f"tensorboard:{tmp_path / 'tb'}"]), said := [])
    files = list((tmp_path / "tb" / f"run-{run}").iterdir())
    assert len(files) == 1 and not said
    found = {}
    for summary in read_events(files[0]):
        for value in summary.summary.value:
            found.setdefault(value.tag, []).append((summary.step, value.simple_value))
    updates = [event for event in events if isinstance(event, Update)]
    tried = [event for event in events if isinstance(event, Evaluated)]
    assert [step for step, _ in found["training/success_rate"]] == [update.moves for update in updates]
    rates = [value for _, value in found["training/success_rate"]]
    assert rates == pytest.approx([update.success_rate for update in updates])
    assert [step for step, _ in found["evaluation/success_rate"]] == [event.moves for event in tried]


def read_events(file):
    """Read TensorBoard's records: a length, its checksum, the message, its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    data = file.read_bytes()
    while data:
        length = int.from_bytes(data[:8], "little")
        yield Event.FromString(data[12 : 12 + length])
        data = data[12 + length + 4 :]


class Mine:
    def __init__(self, fails_at=None):
        self.run, self.events, self.closed, self.fails_at = None, [], False, fails_at

    def begin(self, run):
        self.run = run

    def __call__(self, event):
        self.events.append(event)
        if len(self.events) == self.fails_at:
            raise RuntimeError("no more room")

    def close(self):
        self.closed = True


def test_ones_own_object_is_called_with_each_event(tmp_path):
    mine = Mine()
    run, events = train(tmp_path, [NamedLogger("mine", mine)], said := [])
    assert (mine.run, mine.events, mine.closed) == (run, events, True) and not said
    assert isinstance(events[-1], Finished)


def test_one_that_fails_is_reported_once_and_the_training_goes_on(tmp_path):
    bad, good = Mine(fails_at=3), Mine()
    _, events = train(tmp_path, [NamedLogger("bad", bad), NamedLogger("good", good)], said := [])
    assert len(bad.events) == 3 and bad.closed
    assert good.events == events and isinstance(events[-1], Finished)
    assert len(said) == 1 and "'bad'" in said[0] and "no more room" in said[0] and "goes on" in said[0]


def test_what_cannot_be_opened_is_said_before_a_run_is_begun():
    for name, words in (("nonsense", "is unknown"), ("nosuch_module:x", "no module"), ("math:pi", "math")):
        with pytest.raises(SettingsError, match=words):
            open_loggers([name])
