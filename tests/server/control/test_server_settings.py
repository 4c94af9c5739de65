"""What a request asks for is checked before the worker gets it."""

import pytest

from robot_agent.errors import SettingsError
from server.control.server_settings import ServerSettings


def test_what_a_request_asks_for_is_checked_before_the_worker_gets_it():
    settings = ServerSettings(None, {"seed": 4})
    config = settings.training(robot="sim", moves=500, action="wheels", settings={"learner.gamma": 0.5})
    assert (config.train.moves, config.task.action, config.learner.gamma, config.seed) == (
        500,
        "wheels",
        0.5,
        4,
    )
    assert settings.training(robot="robot").one_robot
    with pytest.raises(SettingsError, match=r"robot\.toml"):
        settings.training(robot="sim", settings={"store": "x"})
    with pytest.raises(SettingsError, match=r"robot\.toml"):
        settings.training(robot="sim", settings={"vision.objects.labels": "/etc/passwd"})
    with pytest.raises(SettingsError, match="at most"):
        settings.training(robot="sim", settings={"train.robots": 100_000})
    settings.learn({"task": {"goal": [12, 29]}})
    assert settings.training(robot="sim").task.goal == (12, 29)
