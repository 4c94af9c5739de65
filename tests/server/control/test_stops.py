"""Some cells of the stop matrix, one of each row; the whole is `python -m tests.benchmarks.stops`."""

import pytest

from tests.benchmarks.stops import MANUAL, ORDERS, SITUATIONS, Scene, applies, measure


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "")  # is given back at the end
        scene = Scene(tmp_path_factory.mktemp("stops"), MANUAL)
        yield scene
        scene.close()


@pytest.mark.parametrize(
    ("order", "situation"),
    [
        ("HALT", "driving"),
        ("hand", "search"),
        ("Pause", "pulse"),
        ("Stop", "update"),
        ("HALT", "recovery"),
        ("HALT", "calibration"),
        ("kill guard", "driving"),
        ("kill keeper", "by hand"),
        ("network gone", "by hand"),
        ("page closed", "by hand"),
        ("hand", "detector"),
        ("SIGHUP", "pulse"),
    ],
)
def test_every_order_ends_all_motion(scene, order, situation):
    assert applies(order, situation)
    taken = measure(scene, situation, order, 0.1, after=0.6)
    assert taken < 1000.0, f"{taken:.0f} ms until the last pin was low"


def test_the_matrix_has_every_order_and_every_situation():
    assert len(ORDERS) == 13 and len(SITUATIONS) == 9
    assert all(any(applies(order, one) for one in SITUATIONS) for order in ORDERS)


def test_what_will_begin_again_by_itself_can_be_stopped_before(scene):
    """While the trainer is started again there is nobody who could be told to stop."""
    SITUATIONS["pulse"][1](scene)
    scene.stack.close()
    ORDERS["kill worker"](scene)
    scene.server.await_state("failed")
    assert scene.server.post("/training/stop").status_code == 200
    scene.server.await_ready()
    assert scene.server.await_state("idle")["run"] is None or not scene.record.high()
    assert scene.server.post("/training/stop").status_code == 409
