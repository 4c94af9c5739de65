"""Every board: what its pins do for a forward, an arc, a reverse, a stop; and what is refused."""

import math
import sys
import types

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin
from hypothesis import given
from hypothesis import strategies as st

from robot_agent.errors import BoardError, PinError, PinLibraryError
from robot_agent.motors.gpio import BOARDS, Wheels, board_pins
from robot_agent.motors.pin_factory import open_factory, translate_errors

# What each pin carries, one after another, for: forward, an arc to the right, backward, off.
MOVES = ((0.5, 0.5), (1.0, 0.25), (-0.5, -0.5))
INPUTS = {
    "left_forward": [0, 0.5, 1, 0],
    "left_backward": [0, 0.5, 0],
    "right_forward": [0, 0.5, 0.25, 0],
    "right_backward": [0, 0.5, 0],
}
TIMELINES = {
    "l298n": {**INPUTS, "left_enable": [0, 1, 0], "right_enable": [0, 1, 0]},
    "l293d": {**INPUTS, "left_enable": [0, 1, 0], "right_enable": [0, 1, 0]},
    "drv8833": INPUTS,
    "tb6612fng": {
        "left_forward": [0, 1, 0],
        "left_backward": [0, 1, 0],
        "left_power": [0, 0.5, 1, 0.5, 0],
        "right_forward": [0, 1, 0],
        "right_backward": [0, 1, 0],
        "right_power": [0, 0.5, 0.25, 0.5, 0],
        "standby": [0, 1, 0],
    },
    "drv8835": {
        "left_phase": [0, 1, 0],
        "left_enable": [0, 0.5, 1, 0.5, 0],
        "right_phase": [0, 1, 0],
        "right_enable": [0, 0.5, 0.25, 0.5, 0],
    },
    "explorer": INPUTS,
    "two-motor": INPUTS,
    "camjam": INPUTS,
    "ryanteck": INPUTS,
}


@pytest.fixture
def factory():
    mock = MockFactory(pin_class=MockPWMPin)
    yield mock
    mock.close()


def mock_pins(wheels):
    return {name: wheels.factory.pin(number) for name, number in wheels.pins.items()}


def timelines(wheels):
    """What each pin carried since it was opened, repetitions left out."""
    return {name: [float(state.state) for state in pin.states] for name, pin in mock_pins(wheels).items()}


def opened(factory, board="l298n", **settings):
    wheels = Wheels(board, pin_factory=factory, **settings)
    for pin in mock_pins(wheels).values():
        pin.clear_states()
    return wheels


def test_every_board_is_tried_here():
    assert TIMELINES.keys() == BOARDS.keys()


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("end", ["off", "close", "set"])
def test_the_pins_over_forward_arc_reverse_and_stop(board, end, factory):
    wheels = opened(factory, board)
    pins = mock_pins(wheels)
    assert not any(pin.state for pin in pins.values())
    for move in MOVES:
        wheels.set(*move)
    {"off": wheels.off, "close": wheels.close, "set": lambda: wheels.set(0, 0)}[end]()
    assert {name: [float(state.state) for state in pin.states] for name, pin in pins.items()} == TIMELINES[
        board
    ]
    wheels.close()


@pytest.mark.parametrize("board", BOARDS)
def test_pins_that_were_left_high_are_low_once_open_and_once_closed(board, factory):
    for number in board_pins(board).values():
        pin = factory.pin(number)
        pin.function = "output"
        pin.state = 1
    with Wheels(board, pin_factory=factory) as wheels:
        assert not any(pin.state for pin in mock_pins(wheels).values())
        wheels.set(1, 1)
        pins = mock_pins(wheels)
    assert not any(pin.states[-1].state for pin in pins.values())


def test_power_comes_at_the_frequency_asked_for(factory):
    with opened(factory, "tb6612fng", frequency=250) as wheels:
        wheels.set(0.5, 0.5)
        pins = mock_pins(wheels)
        assert pins["left_power"].frequency == pins["right_power"].frequency == 250
        assert pins["left_forward"].frequency is None
        wheels.off()
        assert pins["left_power"].frequency is None  # or lgpio would end the cycle before it stops


def test_a_wire_the_other_way_round_and_the_wheels_swapped(factory):
    with opened(factory, "ryanteck", left_inverted=True, swapped=True) as wheels:
        assert wheels.levels(0.5, 0.25) == {
            "left_forward": 0.25,
            "left_backward": 0,
            "right_forward": 0,
            "right_backward": 0.5,
        }


def test_a_trim_makes_a_wheel_weaker_and_a_dead_band_begins_where_it_moves(factory):
    with opened(factory, "drv8835", right_trim=0.5, dead_band=0.2) as wheels:
        assert wheels.levels(1, 1)["left_enable"] == 1
        assert wheels.levels(1, 1)["right_enable"] == pytest.approx(0.6)
        assert wheels.levels(1e-9, 0)["left_enable"] == pytest.approx(0.2)
        assert wheels.levels(0, 0)["left_enable"] == 0


def test_a_sleep_pin_is_high_while_a_wheel_turns_and_one_tied_high_is_not_needed(factory):
    with opened(factory, "drv8833", pins={"sleep": 4}) as wheels:
        wheels.set(0, 0.5)
        wheels.off()
        assert timelines(wheels)["sleep"] == [0, 1, 0]
    with opened(factory, "l298n", pins={"left_enable": None, "right_enable": None}) as wheels:
        assert wheels.pins.keys() == INPUTS.keys()


number = st.floats(-1, 1) | st.sampled_from([-1.0, -0.0, 0.0, 1.0, 5e-324])


@given(st.sampled_from(sorted(BOARDS)), number, number, st.booleans(), st.floats(0.01, 1), st.floats(0, 0.99))
def test_whatever_is_asked_no_bridge_is_driven_both_ways(board, left, right, inverted, trim, dead_band):
    mock = MockFactory(pin_class=MockPWMPin)
    wheels = Wheels(
        board,
        pin_factory=mock,
        left_inverted=inverted,
        right_trim=trim,
        dead_band=dead_band,
        swapped=inverted,
    )
    for values in ((right, left), (left, right), (-left, right)):
        levels = wheels.levels(*values)
        wheels.set(*values)
        assert {name: pin.state for name, pin in mock_pins(wheels).items()} == levels
        for side in ("left", "right"):
            assert 0 in (levels.get(f"{side}_forward", 0), levels.get(f"{side}_backward", 0))
        assert all(0 <= level <= 1 for level in levels.values())
    wheels.off()
    assert not any(pin.state for pin in mock_pins(wheels).values())
    wheels.close()
    mock.close()


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("bad", [1.01, -1.01, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_on_when_either_value_is_refused(board, bad, place, factory):
    values = [0.5, 0.5]
    values[place] = bad
    with opened(factory, board) as wheels:
        with pytest.raises(ValueError, match=r"share of full speed in \[-1, 1\]"):
            wheels.set(*values)
        assert all(states == [0] for states in timelines(wheels).values())


def test_a_pin_that_fails_keeps_no_other_from_going_low(factory, monkeypatch):
    with opened(factory, "ryanteck") as wheels:
        wheels.set(1, 1)
        pins = mock_pins(wheels)

        def fail(value):
            raise RuntimeError("burnt")

        with monkeypatch.context() as patch:
            patch.setattr(pins["left_forward"], "_set_state", fail)
            with pytest.raises(RuntimeError, match="burnt"):
                wheels.off()
        assert not pins["right_forward"].state


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"board": "l298"}, "There is no motor board 'l298'. Did you mean 'l298n'?"),
        ({"pins": {"left_forwards": 4}}, "Did you mean 'left_forward'?"),
        (
            {"pins": {"left_forward": 22}},
            "left_forward and right_forward of the board l298n are both on BCM 22",
        ),
        ({"pins": {"left_forward": 28}}, "BCM number from 0 to 27"),
        ({"pins": {"left_forward": -1}}, "BCM number from 0 to 27"),
        ({"pins": {"left_forward": True}}, "BCM number from 0 to 27"),
        ({"pins": {"left_forward": "17"}}, "BCM number from 0 to 27"),
        ({"pins": {"left_forward": None}}, "must be wired"),
        ({"board": "drv8835", "pins": {"left_enable": None}}, "must be wired"),
        ({"left_trim": 0}, "left_trim"),
        ({"right_trim": math.nan}, "right_trim"),
        ({"dead_band": 1}, "dead_band"),
        ({"frequency": 0}, "1 to 10000 Hz"),
        ({"frequency": math.inf}, "1 to 10000 Hz"),
        ({"pin_factory": "pigpio"}, "MODULE:FACTORY"),
        ({"pin_factory": "nowhere:make"}, "nowhere"),
        ({"pin_factory": "math:make"}, "make"),
    ],
)
def test_a_setting_that_cannot_work_is_told_in_a_sentence(settings, words):
    with pytest.raises(BoardError) as told:
        Wheels(**{"pin_factory": "mock", **settings})
    assert words in str(told.value)
    assert isinstance(told.value, ValueError)


def lgpio_that(monkeypatch, **functions):
    """Put an lgpio in the place of the real one; gpiozero's own code for it runs, on a Pi 3."""
    log = []

    class LgpioError(Exception):
        pass

    def recorded(name, result=0):
        return lambda *arguments: log.append((name, *arguments)) or result

    fake = types.ModuleType("lgpio")
    fake.error = LgpioError
    fake.BOTH_EDGES, fake.RISING_EDGE, fake.FALLING_EDGE = 3, 1, 2
    fake.SET_PULL_NONE = fake.SET_PULL_UP = fake.SET_PULL_DOWN = 0
    for name in ("gpiochip_open", "gpiochip_close", "gpio_claim_input", "gpio_claim_output"):
        setattr(fake, name, recorded(name))
    for name in ("gpio_write", "tx_pwm", "gpio_free"):
        setattr(fake, name, recorded(name))
    fake.gpio_get_mode = lambda handle, number: 2  # an output
    for name, text in functions.items():

        def fail(*arguments, text=text):
            raise LgpioError(text)

        setattr(fake, name, fail)
    monkeypatch.setitem(sys.modules, "lgpio", fake)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: 0xA02082)
    return log


@pytest.fixture
def a_chip(monkeypatch, tmp_path):
    """Pretend that there is a GPIO chip, which may or may not be opened."""
    chip = tmp_path / "gpiochip0"
    chip.touch()
    monkeypatch.setattr("robot_agent.motors.pin_factory.chips", lambda: [chip])
    return chip


def test_on_a_pi_power_starts_at_once_stops_at_once_and_pins_are_left_low(monkeypatch, a_chip):
    log = lgpio_that(monkeypatch)
    wheels = Wheels("ryanteck")
    assert {call[0] for call in log} == {
        "gpiochip_open",
        "gpio_claim_input",
        "gpio_claim_output",
        "gpio_write",
    }
    log.clear()
    wheels.set(0.5, 0)
    assert [call for call in log if call[2] == 17] == [("tx_pwm", 0, 17, 100.0, 50)]
    log.clear()
    wheels.set(0, 0)
    assert [call for call in log if call[2] == 17] == [("tx_pwm", 0, 17, 0, 0), ("gpio_write", 0, 17, False)]
    log.clear()
    wheels.close()
    assert "gpio_claim_input" not in {call[0] for call in log}
    assert log[-1] == ("gpiochip_close", 0)
    assert all(call[-1] is False for call in log if call[0] == "gpio_write")


def test_a_pin_in_use_by_another_process(monkeypatch, a_chip):
    lgpio_that(monkeypatch, gpio_claim_input="GPIO busy")
    with pytest.raises(PinError, match=r"left_forward \(BCM 17\) is in use by another process"):
        Wheels("ryanteck")


def test_no_permission_for_the_chip(monkeypatch, a_chip):
    lgpio_that(monkeypatch, gpiochip_open="can not open gpiochip")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PinError, match="usermod -aG gpio"):
        Wheels("ryanteck")


def test_no_lgpio(monkeypatch):
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    with pytest.raises(PinLibraryError, match=r"apt install python3-lgpio.*robot-agent\[pi\]"):
        open_factory("lgpio")


def test_no_gpio_on_this_machine(monkeypatch):
    lgpio_that(monkeypatch, gpiochip_open="can not open gpiochip")
    monkeypatch.setattr("robot_agent.motors.pin_factory.chips", list)
    with pytest.raises(PinError, match="no Raspberry Pi's GPIO"):
        open_factory("lgpio")


def test_what_has_no_name_is_told_too(a_chip):
    with pytest.raises(PinError, match="The pin cannot be used: smoke"), translate_errors("The pin"):
        raise RuntimeError("smoke")
