"""Errors whose text is shown to a person: one sentence that says what to do."""


class RobotAgentError(Exception):
    """An error that a person can put right; the text of the error is one sentence that says how."""


class SettingsError(RobotAgentError, ValueError):
    """A setting that is unknown, or whose value cannot be used."""


class StoreError(RobotAgentError, OSError):
    """The store cannot be read or written, or the run or checkpoint asked for is not in the store."""


class StoreBusy(StoreError):
    """Another program is writing to the store; the same write can be tried again later."""


class RunHeld(StoreError):
    """Another program is training this run, or another server uses this store."""


class RobotFailedError(RobotAgentError, RuntimeError):
    """The code of the user's own robot raised an unexpected error."""


class Halted(RobotAgentError, RuntimeError):
    """The motors refuse to move: the robot is halted until a person resets the halt."""


class BoardError(SettingsError):
    """The name of a motor board, a pin or a wheel setting is unknown or cannot work."""


class PinError(RobotAgentError, OSError):
    """The pins cannot be opened: no GPIO, no permission, or another process holds them."""


class PinLibraryError(RobotAgentError, ImportError):
    """The library that drives the pins is not installed."""


class GuardError(RobotAgentError, ConnectionError):
    """The guard, the process that owns the motor pins, did not start, ended, refused or does not answer."""


class GuardBusy(GuardError):
    """Another client drives through the guard."""


class CommandTooOld(GuardError):
    """A command to the wheels arrived too late; the wheels have not moved."""
