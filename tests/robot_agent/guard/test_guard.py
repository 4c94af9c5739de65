"""The guard stops the wheels: real processes, real signals, and pins that keep their level when killed."""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from guards import WHEELS, Raw, client, environment, eventually, guard
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_pins import Record

from robot_agent.errors import BoardError, GuardError, Halted, PinError
from robot_agent.guard import client as guard_client
from robot_agent.guard.__main__ import _take_priority
from robot_agent.guard.client import GuardMotors, Supervisor
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.guard.watchdog import LOW_CODES, NOT_LOW

LONG = 1.4
"""Seconds of a pulse that is to be cut short."""

PULSE = f"""
motors = GuardMotors(sys.argv[1])
print("ready", flush=True)
motors.pulse(1, 0.5, {LONG})
"""


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One guard for all tests that leave it as they found it."""
    with guard(tmp_path_factory.mktemp("guard")) as running:
        yield running


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Make motors with a guard of their own, whose pins are recorded."""
    record = Record(tmp_path / "pins")
    for name, value in environment(record.path).items():
        monkeypatch.setenv(name, value)

    def make(**settings):
        motors = GuardMotors(**{**WHEELS, **settings})
        motors.record = record
        return motors

    return make


def driving(path):
    """Connect without the library, as the driver."""
    raw = Raw(path)
    assert "error" not in raw.call("role", role="driver")
    return raw


def await_moving(running):
    """Wait until the pins are high, and return the moment (ns) that the first one came to be."""
    eventually(running.record.high)
    return time.monotonic_ns()


def high_for(record):
    """Return for how many seconds, without a break, the pins have been high."""
    lows = [at for at, _, level in record.lines() if not level]
    since = next((at for at, _, level in record.lines() if level and at > max(lows, default=0)), None)
    return 0.0 if since is None else (time.monotonic_ns() - since) / 1e9


def assert_stopped_early(running, moved, since, *reasons):
    """The wheels stop, for one of these reasons, before the pulse would have ended."""
    eventually(lambda: not running.record.high())
    assert eventually(lambda: running.reasons(since))[0] in reasons
    assert running.record.last_low() < moved + LONG * 1e9


# ---------------------------------------------------------------------- the client ends


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_client_that_is_killed_within_a_pulse(standing, number):
    since = time.monotonic()
    with client(PULSE, standing.path) as process:
        moved = await_moving(standing)
        process.send_signal(number)
        # Ctrl-C is an exception in Python, and the library stops the wheels on every one.
        assert_stopped_early(standing, moved, since, "closed", "died", "stop")
        process.wait(10)


@pytest.mark.parametrize(
    "ending",
    [
        "os._exit(7)",
        "signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)",
        "motors.stop()",
        "motors.close()",
    ],
    ids=["os._exit", "an exception", "stop from a thread", "closed by a thread"],
)
def test_a_client_that_ends_within_a_pulse(standing, ending):
    since = time.monotonic()
    code = f"""
signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
def end():
    sys.stdin.readline()
    {ending}
threading.Thread(target=end, daemon=True).start()
print"""
    with client(PULSE.replace("print", code), standing.path) as process:
        moved = await_moving(standing)
        process.stdin.write("\n")
        process.stdin.flush()
        assert_stopped_early(standing, moved, since, "closed", "died", "stop")


def test_an_exception_in_the_loop_of_one_who_drives_by_hand(standing):
    since = time.monotonic()
    code = """
with GuardMotors(sys.argv[1]) as motors:
    for turn in range(5):
        motors.drive(1, 1)
        time.sleep(0.05)
    raise RuntimeError
"""
    with client(code, standing.path):
        await_moving(standing)
        eventually(lambda: not standing.record.high())
        assert standing.reasons(since)[0] in ("closed", "died")


def test_a_client_that_hangs_within_a_pulse(standing):
    since = time.monotonic()
    with client(PULSE, standing.path) as process:
        await_moving(standing)
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: not standing.record.high())
        assert standing.reasons(since) == ["deadline"]


def test_a_client_that_hangs_while_it_drives_by_hand(standing):
    since = time.monotonic()
    code = """
motors = GuardMotors(sys.argv[1])
while True:
    motors.drive(1, 1)
    time.sleep(0.1)
"""
    with client(code, standing.path) as process:
        await_moving(standing)
        eventually(lambda: high_for(standing.record) > LEASE_SECONDS + 0.1)  # it is renewed
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: not standing.record.high())
        assert set(standing.reasons(since)) == {"lease"}


def test_a_client_whose_child_has_inherited_the_connection(standing):
    since = time.monotonic()
    code = PULSE.replace(
        "print",
        """
child = os.fork()
if child == 0:
    time.sleep(30)
    os._exit(0)
print(child); print""",
    )
    with client(code, standing.path) as process:
        child = int(process.stdout.readline())
        try:
            moved = await_moving(standing)
            process.kill()
            assert_stopped_early(standing, moved, since, "died")
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_client_that_takes_no_answers(standing):
    since = time.monotonic()
    with driving(standing.path) as raw:
        raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": LONG})
        moved = await_moving(standing)
        raw.socket.settimeout(2)
        with pytest.raises(OSError):  # the guard closes the connection: reset, or a broken pipe
            while True:
                raw.say(*[{"do": "events"}] * 20)
        assert_stopped_early(standing, moved, since, "undelivered")


@pytest.mark.parametrize(
    "garbage",
    [b"\n", b"hello\n", b"[]\n", b"\0\xff\n", b"[" * 4000 + b"\n", b"x" * 5000],
    ids=["empty", "words", "no object", "bytes", "deep", "too long"],
)
def test_a_client_that_sends_garbage(standing, garbage):
    since = time.monotonic()
    with driving(standing.path) as raw:
        raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": LONG})
        moved = await_moving(standing)
        raw.socket.sendall(garbage)
        assert "The connection is closed" in raw.hear()["error"]
        assert raw.hear() is None
        assert_stopped_early(standing, moved, since, "garbage")


def test_garbage_of_one_who_does_not_drive_stops_nobody(standing):
    since = time.monotonic()
    with driving(standing.path) as raw, Raw(standing.path) as other:
        raw.say({"do": "pulse", "id": 1, "left": 1, "right": 1, "seconds": 0.3})
        eventually(lambda: ("started", "pulse") in standing.history(since))
        other.socket.sendall(b"hello\n")
        assert "error" in other.hear()
        assert raw.hear()["why"] == "deadline"
        assert standing.reasons(since) == ["deadline"]


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "values",
    [
        (math.nan, 0, 1),
        (1.01, 0, 1),
        (0, -1.01, 1),
        (1, 1, -1),
        (1, 1, 3600),
        (1, 1, math.nan),
        ("1", 1, 1),
        (1, True, 1),
        (1, None, 1),
        (1, [1], 1),
        (10**400, 1, 1),
        (1, 1, 10**400),
    ],
)
def test_no_pin_is_touched_when_a_value_is_refused(standing, values):
    with driving(standing.path) as raw:
        before = len(standing.record.lines())
        request = dict(zip(("left", "right", "seconds"), values, strict=True))
        assert raw.call("pulse", **request)["kind"] == "ValueError"
        if values[2] == 1:
            assert raw.call("drive", **request)["kind"] == "ValueError"
        assert len(standing.record.lines()) == before
        assert standing.history()[-2] == ("refused", "ValueError")  # before this connection came


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = (
    plain
    | st.lists(plain | st.lists(plain, max_size=2), max_size=3)
    | st.dictionaries(st.text(max_size=5), plain, max_size=3)
)
names = st.sampled_from(["pulse", "drive", "stop", "halt", "reset", "role", "status", "events"])
request = st.fixed_dictionaries(
    {"do": names | anything},
    optional={
        "left": st.floats(-1, 1) | anything,
        "right": st.floats(-1, 1) | anything,
        "seconds": st.floats(0, 0.02) | anything,
        "role": st.sampled_from(["driver", "supervisor"]) | anything,
        "id": anything,
    },
)


@settings(max_examples=60)
@given(st.lists(request, max_size=8))
def test_no_request_ends_the_guard(standing, requests):
    inside = standing.inside
    with Raw(standing.path) as raw:
        raw.say(*requests)
        with Raw(standing.path) as other:
            other.call("stop")
    assert standing.inside == inside
    eventually(lambda: not standing.record.high())
    with Supervisor(standing.path) as supervisor:
        supervisor.reset()


def test_the_library_refuses_bad_values_as_every_motors_does(standing):
    with GuardMotors(standing.path) as motors:
        for values in ((math.nan, 0, 1), (0, 2, 1), (1, 1, 3600)):
            with pytest.raises(ValueError):
                motors.pulse(*values)
        with pytest.raises(ValueError):
            motors.drive(0, 2)
        motors.pulse(1, 1, 0)


def test_only_one_drives_and_only_one_supervises(standing):
    with GuardMotors(standing.path) as motors, Supervisor(standing.path):
        with pytest.raises(GuardError, match=f"driver already, process {os.getpid()}"):
            GuardMotors(standing.path)
        with pytest.raises(GuardError, match="supervisor already"):
            Supervisor(standing.path)
        with Raw(standing.path) as raw:
            assert "does not drive" in raw.call("drive", left=1, right=1)["error"]
            assert "supervisor" in raw.call("reset")["error"]
            assert "no role" in raw.call("role", role="king")["error"]
            assert "no request" in raw.call("fly")["error"]
            assert "no request" in raw.call(["halt"])["error"]
        motors.pulse(0.1, 0.1, 0.01)
    eventually(lambda: GuardMotors(standing.path).close() is None)


def test_a_second_pulse_waits_for_the_first(standing):
    with driving(standing.path) as raw:
        pulse = {"do": "pulse", "left": 1, "right": 1, "seconds": 0.2}
        raw.say({**pulse, "id": 1}, {**pulse, "id": 2})
        assert "under way" in raw.hear()["error"]
        assert raw.hear()["why"] == "deadline"


# ---------------------------------------------------------------------- halting


def test_a_halt_is_latched_whoever_comes_and_goes(standing):
    since = time.monotonic()
    with GuardMotors(standing.path) as motors:
        raised = []

        def pulse():
            with pytest.raises(Halted) as told:
                motors.pulse(1, 1, LONG)
            raised.append(told)

        thread = threading.Thread(target=pulse)
        thread.start()
        moved = await_moving(standing)
        with Raw(standing.path) as anyone:
            assert "error" not in anyone.call("halt")
            assert "error" not in anyone.call("halt")
        thread.join()
        assert raised
        assert_stopped_early(standing, moved, since, "halt")
        with pytest.raises(Halted):
            motors.pulse(1, 1, 0.1)
    for _ in range(2):  # all are gone, others come
        with eventually(lambda: GuardMotors(standing.path)) as motors:
            for forbidden in (lambda: motors.pulse(1, 1, 0.1), lambda: motors.drive(1, 1)):
                with pytest.raises(Halted):
                    forbidden()
            motors.stop()
            assert motors.status()["halted"]
    assert not standing.record.high()
    with Supervisor(standing.path) as supervisor:
        supervisor.reset()
        supervisor.reset()
        assert not supervisor.status()["halted"]
    with GuardMotors(standing.path) as motors:
        motors.pulse(1, 1, 0.05)
    history = standing.history(since)
    assert history.count(("halted", "halt")) == history.count(("reset", "reset")) == 1


def test_a_halt_goes_before_all_that_has_come_before_it(standing):
    with driving(standing.path) as raw, Supervisor(standing.path) as supervisor:
        before = len(standing.record.lines())
        raw.say({"do": "drive", "id": 1, "left": 1, "right": 1}, {"do": "halt", "id": 2})
        assert raw.hear()["id"] == 2
        assert raw.hear()["kind"] == "Halted"
        assert not any(level for _, _, level in standing.record.lines()[before:])
        supervisor.reset()


def test_a_halt_counts_also_of_one_who_has_gone_or_talks_nonsense(standing):
    for after in (b"", b"nonsense\n"):
        with Raw(standing.path) as raw:
            raw.socket.sendall(b'{"do":"halt"}\n' + after)
        with Supervisor(standing.path) as supervisor:
            eventually(lambda: supervisor.status()["halted"])
            supervisor.reset()
        eventually(lambda: ("disconnected", "closed") in standing.history()[-3:])


def test_a_halt_counts_when_it_was_the_last_word_of_a_process(standing):
    code = """
print("ready", flush=True)
input()
raw = Connection(Path(sys.argv[1]), 5)
raw._socket.send(b'{"do":"status"}\\n' * 150 + b'{"do":"halt"}\\n')
os._exit(0)
"""
    imports = "from pathlib import Path\nfrom robot_agent.guard.connection import Connection\n"
    inside = standing.inside
    with client(imports + code, standing.path) as process:
        assert process.stdout.readline() == "ready\n"
        os.kill(inside, signal.SIGSTOP)  # so that it finds the connection of a process that is no more
        try:
            process.communicate("\n", timeout=10)
        finally:
            os.kill(inside, signal.SIGCONT)
    with Supervisor(standing.path) as supervisor:
        eventually(lambda: supervisor.status()["halted"])
        supervisor.reset()


def test_the_supervisor_hears_of_everything_as_it_happens(standing):
    with Supervisor(standing.path) as supervisor, GuardMotors(standing.path) as motors:
        motors.pulse(0.25, -0.5, 0.1)
        seen = list(supervisor.events(timeout=0.3))
        assert [(event.what, event.why) for event in seen] == [
            ("connected", ""),
            ("started", "pulse"),
            ("stopped", "deadline"),
        ]
        stopped = seen[-1]
        assert (stopped.left, stopped.right, stopped.asked, stopped.who) == (0.25, -0.5, 0.1, os.getpid())
        assert stopped.seconds >= 0.1
        assert abs(stopped.wall - time.time()) < 60
        assert seen[1].monotonic < stopped.monotonic < time.monotonic()
        assert supervisor.history()[-3:] == motors.history()[-3:] == seen


def test_a_supervisor_can_halt_while_another_thread_waits_for_events(standing):
    with Supervisor(standing.path) as supervisor:
        seen = []

        def read():
            for event in supervisor.events(timeout=10):
                seen.append(event.what)
                if event.what == "reset":
                    return

        reader = threading.Thread(target=read)
        reader.start()
        supervisor.halt()
        supervisor.reset()
        reader.join()
        assert seen == ["halted", "reset"]


# ---------------------------------------------------------------------- the guard ends


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("whom", ["watchdog", "inside"])
def test_a_guard_that_is_told_to_end_within_a_pulse(tmp_path, number, whom):
    with guard(tmp_path) as running, driving(running.path) as raw, Raw(running.path) as supervisor:
        supervisor.call("role", role="supervisor")
        raw.say({"do": "pulse", "id": 1, "left": 1, "right": 1, "seconds": LONG})
        moved = await_moving(running)
        os.kill(running.process.pid if whom == "watchdog" else running.inside, number)
        assert running.process.wait(10) == 0
        assert not running.record.high()
        assert running.record.last_low() < moved + LONG * 1e9
        told = []
        while (message := supervisor.hear()) is not None:
            told.append((message["event"]["what"], message["event"]["why"]))
        assert ("stopped", "signal") in told
        assert told[-1] == ("ended", "signal")
        assert "signal" in raw.hear()["error"]
        assert not running.path.exists()


def test_a_guard_that_nobody_can_reach_any_more_ends_so_that_its_supervisor_starts_another(tmp_path):
    with guard(tmp_path) as running, Supervisor(running.path) as supervisor:
        supervisor.status()
        running.path.unlink()  # as at the logout of its user
        assert running.process.wait(10) == 0


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGKILL, "was killed by SIGKILL"), (signal.SIGSTOP, "hung and was killed")]
)
def test_the_watchdog_makes_the_pins_low_when_the_guard_is_killed_or_hangs(tmp_path, number, words):
    with guard(tmp_path, stderr=subprocess.PIPE) as running, driving(running.path) as raw:
        raw.say({"do": "pulse", "left": 1, "right": 1, "seconds": LONG})
        moved = await_moving(running)
        os.kill(running.inside, number)
        assert running.process.wait(10) == 1
        assert not running.record.high()
        assert running.record.last_low() < moved + LONG * 1e9
        assert words in running.process.stderr.read()


def test_an_exception_in_the_guard(tmp_path):
    broken = tmp_path / "broken"
    with (
        guard(tmp_path, stderr=subprocess.PIPE, PINS_FAIL=str(broken)) as running,
        driving(running.path) as raw,
        Raw(running.path) as supervisor,
    ):
        supervisor.call("role", role="supervisor")
        raw.call("drive", left=0.5, right=0.5)
        await_moving(running)
        broken.touch()
        raw.say({"do": "drive", "left": 1, "right": 1})
        assert running.process.wait(10) == 1
        assert not running.record.high()
        told = []
        while (message := supervisor.hear()) is not None:
            told.append((message["event"]["what"], message["event"]["why"]))
        assert told[-2:] == [("stopped", "exception"), ("ended", "exception")]
        said = running.process.stderr.read()
        assert "This pin burnt." in said
        assert "The guard failed; its watchdog has driven the pins low." in said


def test_a_guard_whose_watchdog_is_killed_ends_with_the_pins_low(tmp_path):
    with guard(tmp_path) as running, driving(running.path) as raw:
        raw.say({"do": "pulse", "id": 1, "left": 1, "right": 1, "seconds": LONG})
        moved = await_moving(running)
        running.process.kill()
        eventually(lambda: not running.record.high())
        assert running.record.last_low() < moved + LONG * 1e9
        assert "watchdog" in raw.hear()["error"]
        assert raw.hear() is None


def test_a_halt_outlives_a_guard_that_is_killed(tmp_path):
    with guard(tmp_path, stderr=subprocess.DEVNULL) as running:
        with Raw(running.path) as raw:
            raw.call("halt")
        os.kill(running.inside, signal.SIGKILL)
        running.process.wait(10)
    with guard(tmp_path) as running:
        with pytest.raises(Halted), GuardMotors(running.path) as motors:
            motors.pulse(1, 1, 0.1)
        assert running.history()[0] == ("opened", "halted")


def test_pins_that_were_left_high_are_driven_low_at_the_start(tmp_path):
    (tmp_path / "pins").write_text("".join(f"0 {pin} 1.0\n" for pin in (17, 18, 22, 23)))
    with guard(tmp_path) as running:
        assert not running.record.high()


def test_the_socket_is_this_users_alone_and_one_guards_alone(tmp_path):
    with guard(tmp_path, stderr=subprocess.DEVNULL) as running:
        assert running.path.stat().st_mode & 0o777 == 0o600
        before = running.record.lines()
        second = [sys.executable, "-m", "robot_agent.guard", "--standing", "--socket", str(running.path)]
        told = subprocess.run(
            [*second, "--wheels", json.dumps(WHEELS)],
            env=environment(running.record.path),
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert told.returncode == 2
        assert "listens at" in json.loads(told.stdout)["error"]
        assert running.record.lines() == before
        os.kill(running.inside, signal.SIGKILL)
        running.process.wait(10)
        assert running.path.exists()
    with guard(tmp_path) as running:  # which takes the place of what was left behind
        assert running.history()


# ---------------------------------------------------------------------- a guard of one's own


def test_the_pins_follow_the_ramps_of_a_pulse(own):
    with own(ramp_seconds=0.02) as motors:
        before = len(motors.record.lines())
        motors.pulse(1, -0.5, 0.2)
        levels = {}
        for _, pin, level in motors.record.lines()[before:]:
            if level != levels.setdefault(pin, [0.0])[-1]:
                levels[pin].append(level)
    assert levels == {
        17: [0, 0.25, 0.75, 1, 0.75, 0.25, 0],
        18: [0],
        22: [0],
        23: [0, 0.125, 0.375, 0.5, 0.375, 0.125, 0],
    }


def test_an_own_guard_ends_with_its_client_and_leaves_nothing(own, tmp_path):
    record = Record(tmp_path / "pins")
    code = "motors = GuardMotors(board='ryanteck', pin_factory='recording_pins:make')\n" + (
        "print(motors.socket, motors.status()['process'], motors._own.process.pid, flush=True)\n"
        "motors.pulse(1, 1, 1.4)\n"
    )
    with client(code, record=record.path) as process:
        path, inside, watchdog = process.stdout.readline().split()
        eventually(record.high)
        process.kill()
        eventually(lambda: not record.high())
        for number in (inside, watchdog):
            eventually(lambda: not alive(int(number)))  # noqa: B023
        assert not Path(path).parent.exists()


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it has ended, also while its file is read
        return False


def test_an_own_guard_stays_while_a_supervisor_watches(own):
    motors = own()
    with Supervisor(motors.socket) as supervisor:
        folder = motors.socket.parent
        motors._disconnect()
        assert supervisor.status()["driver"] is None
    motors.close()
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_motors_whose_guard_dies_say_so_and_start_another(own, number, capfd):
    with own() as motors:
        inside = motors.status()["process"]
        killer = threading.Thread(target=lambda: eventually(motors.record.high) and os.kill(inside, number))
        killer.start()
        with pytest.raises(GuardError, match=r"pins were driven low\. The next call starts a new guard"):
            motors.pulse(1, 1, LONG)
        killer.join()
        assert not motors.record.high()
        motors.stop()
        motors.pulse(0.5, 0.5, 0.05)
        assert motors.status()["process"] != inside
        assert not motors.record.high()


def test_a_halt_outlives_an_own_guard_too(own, capfd):
    with own() as motors:
        motors.halt()
        os.kill(motors.status()["process"], signal.SIGKILL)
        with pytest.raises(GuardError):
            motors.pulse(1, 1, 0.1)
        with pytest.raises(Halted):
            motors.pulse(1, 1, 0.1)


def be_impatient(motors):
    """Wait no longer for a guard that hangs; before that, also a slow one has answered."""
    motors._timeout = motors._connection._timeout = 0.3


@pytest.mark.parametrize(
    ("kernels", "words"), [(True, "pins were driven low"), (False, "look whether the wheels stand still")]
)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_when_guard_and_watchdog_are_killed_or_hang_their_client_makes_the_pins_low(
    own, monkeypatch, capfd, number, kernels, words
):
    made = []
    with own() as motors:
        watchdog, inside = processes = motors._own.process.pid, motors.status()["process"]
        be_impatient(motors)

        def drive_low(pins):  # the kernel gives them to nobody else as long as one of the two is there
            eventually(lambda: not any(map(alive, processes)), 2.0)
            made.append(set(pins))

        monkeypatch.setattr(guard_client, "drive_low", drive_low)
        if kernels:
            monkeypatch.setattr(
                motors._own, "_wheels", {"board": "ryanteck"}
            )  # as if the kernel had the pins
        for process in processes:
            os.kill(process, number)
        with pytest.raises(GuardError, match=words):
            motors.pulse(1, 1, 0.1)
        assert made == [{17, 18, 22, 23}] * kernels
        eventually(lambda: not any(map(alive, processes)))


def test_a_guard_that_hangs_while_its_watchdog_is_killed_is_killed_too(own, capfd):
    with own() as motors:
        inside = motors.status()["process"]
        be_impatient(motors)
        os.kill(inside, signal.SIGSTOP)
        motors._own.process.kill()
        with pytest.raises(GuardError):
            motors.pulse(1, 1, 0.1)
        eventually(lambda: not alive(inside))


def test_a_watchdog_that_cannot_make_the_pins_low_says_so():
    code = """
import os, signal, sys
from robot_agent.guard.watchdog import supervise
def burnt():
    raise RuntimeError("pin 17 burnt")
sys.exit(supervise(lambda heart: os.kill(os.getpid(), signal.SIGKILL), burnt))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment("-"))
    assert ended.returncode == NOT_LOW and NOT_LOW not in LOW_CODES
    assert ended.stderr == (
        "The guard was killed by SIGKILL; its watchdog could not drive the pins low (pin 17 burnt): "
        "take the motors' supply away.\n"
    )


def test_a_stop_in_a_signal_handler_within_a_pulse(own):
    with own() as motors:
        before = signal.signal(signal.SIGALRM, lambda *_: motors.stop())
        main = threading.get_ident()

        def ring():
            eventually(motors.record.high)
            signal.pthread_kill(main, signal.SIGALRM)

        ringing = threading.Thread(target=ring)
        try:
            ringing.start()
            motors.pulse(1, 1, LONG)  # returns, for the wheels have stopped
        finally:
            ringing.join()
            signal.signal(signal.SIGALRM, before)
        assert motors.history()[-1].why == "stop"
        assert not motors.record.high()
        motors.pulse(1, 1, 0.05)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"board": "l298"}, BoardError, "l298n"),
        ({"pins": {"left_forward": 22}}, BoardError, "both on BCM 22"),
        ({"pins": {"left_forward": 99}}, BoardError, "0 to 27"),
        ({"ramp_seconds": 3}, BoardError, "ramp_seconds"),
        ({"pin_factory": "lgpio"}, PinError, "no Raspberry Pi's GPIO"),
    ],
)
def test_why_a_guard_could_not_start_is_raised_here(own, settings, error, words, monkeypatch):
    if settings.get("pin_factory") == "lgpio" and Path("/dev/gpiochip0").exists():
        pytest.skip("this machine has GPIO")
    with tempfile.TemporaryDirectory() as run:  # a socket's path may have about 100 characters
        monkeypatch.setenv("XDG_RUNTIME_DIR", run)
        with pytest.raises(error, match=words):
            own(**settings)
        assert list(Path(run).iterdir()) == []


def test_closed_motors_drive_no_more(own):
    motors = own()
    motors.close()
    motors.close()
    motors.stop()
    with pytest.raises(GuardError, match="closed"):
        motors.pulse(1, 1, 0.1)
    assert not motors.socket.parent.exists()


def test_there_is_no_guard_to_connect_to(tmp_path):
    for connect in (GuardMotors, Supervisor):
        with pytest.raises(GuardError, match="There is no guard at"):
            connect(tmp_path / "nobody.sock")


def test_a_command_older_than_the_lease_moves_no_wheel(standing):
    with driving(standing.path) as raw:
        begun = time.monotonic()
        for late in (LEASE_SECONDS + 0.01, 8.0, 1e9, -1.0):
            for do in ("pulse", "drive"):
                at = time.monotonic() - late
                refused = raw.call(do, left=1, right=1, seconds=0.2, at=at)
                assert refused["kind"] == "CommandTooOld"
        assert raw.call("pulse", left=1, right=1, seconds=0.2, at=None)["kind"] == "ValueError"
        assert not standing.record.high()
        assert "started" not in [what for what, _ in standing.history(begun)]


def test_commands_that_waited_while_everything_was_stopped_are_dropped(tmp_path):
    with guard(tmp_path) as running, driving(running.path) as raw:
        inside, before = running.inside, time.monotonic()
        os.kill(
            running.process.pid, signal.SIGSTOP
        )  # the watchdog first, which would kill a guard that hangs
        os.kill(inside, signal.SIGSTOP)
        raw.say({"do": "pulse", "id": 1, "left": 1, "right": 1, "seconds": 0.3})
        raw.say({"do": "drive", "id": 2, "left": 1, "right": 1})
        eventually(lambda: time.monotonic() - before > 1.5 * LEASE_SECONDS)
        os.kill(inside, signal.SIGCONT)
        os.kill(running.process.pid, signal.SIGCONT)
        assert [raw.hear()["kind"] for _ in range(2)] == ["CommandTooOld", "CommandTooOld"]
        assert ("started", "pulse") not in running.history(before)
        assert ("started", "lease") not in running.history(before)


@pytest.mark.parametrize(
    ("begun", "lowest_nice", "highest_level", "taken"),
    [(19, 0, 0, ("nice", 0)), (19, -5, 0, ("nice", -5)), (19, 19, 0, None), (0, 0, 3, ("level", 3)),
     (0, -20, 99, ("level", 10)), (0, 0, 0, None)],
)  # fmt: skip
def test_the_guard_takes_the_best_priority_that_is_allowed(
    monkeypatch, begun, lowest_nice, highest_level, taken
):
    """The kernel's answers are given here by its rules (sched(7)): the limits of a test cannot be raised."""
    got = []

    def set_scheduler(process, policy, parameter):
        if policy == os.SCHED_RR:
            if parameter.sched_priority > highest_level:
                raise PermissionError
            got.append(("level", parameter.sched_priority))

    def set_priority(which, process, nice):
        if nice < lowest_nice:
            raise PermissionError
        got.append(("nice", nice))

    monkeypatch.setattr(os, "sched_setscheduler", set_scheduler)
    monkeypatch.setattr(os, "setpriority", set_priority)
    monkeypatch.setattr(os, "getpriority", lambda which, process: begun)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (highest_level, highest_level))
    _take_priority()
    assert got == ([] if taken is None else [taken])
