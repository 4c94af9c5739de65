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


class BoardError(SettingsError):
    """A motor board, a pin or a wheel setting that there is not, or that cannot work."""


class PinError(RobotAgentError, OSError):
    """The pins cannot be had: no GPIO here, no permission, or another process holds them."""


class PinLibraryError(RobotAgentError, ImportError):
    """The library that drives the pins is not installed."""


class GuardError(RobotAgentError, ConnectionError):
    """The guard, the process that owns the motor pins, did not start, ended, refused or does not answer."""


class GuardBusy(GuardError):
    """Somebody else drives through the guard."""
