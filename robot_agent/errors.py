"""Errors that are told to a person: one sentence that says the cure."""


class RobotAgentError(Exception):
    """Something a person can put right; its text is one sentence that says how."""


class SettingsError(RobotAgentError, ValueError):
    """A setting that is unknown, or whose value cannot be used."""


class StoreError(RobotAgentError, OSError):
    """The store cannot be read or written, or does not hold what was asked for."""


class RobotFailedError(RobotAgentError, RuntimeError):
    """The code of a robot of one's own raised something it should not have."""


class Halted(RobotAgentError, RuntimeError):
    """The motors refuse to move: an emergency stop is latched until it is reset."""
