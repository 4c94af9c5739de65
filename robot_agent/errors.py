"""Errors that a person reads: one sentence that says the cure."""


class RobotAgentError(Exception):
    """Something that a person can put right; its text is one sentence that says how."""


class SettingsError(RobotAgentError, ValueError):
    """A setting that is unknown, or whose value cannot be used."""


class StoreError(RobotAgentError, OSError):
    """The store cannot be read or written, or does not hold what was asked for."""


class StoreBusy(StoreError):
    """Another program is writing to the store; what was to be written can be written later."""


class StoreFull(StoreError):
    """There is no room for what was to be written; what was written before is whole."""


class RunHeld(StoreError):
    """Another program works on this run, or with this store as its server."""


class RobotFailedError(RobotAgentError, RuntimeError):
    """The user's own robot raised an error that it should not have."""


class Halted(RobotAgentError, RuntimeError):
    """The motors refuse to move: a halt holds until it is reset."""


class BoardError(SettingsError):
    """A motor board, a pin or a wheel setting that does not exist or cannot work."""


class PinError(RobotAgentError, OSError):
    """The pins cannot be opened: no GPIO, no permission, or another process holds them."""


class PinLibraryError(RobotAgentError, ImportError):
    """The library that drives the pins is not installed."""


class GuardError(RobotAgentError, ConnectionError):
    """The guard, the process that owns the motor pins, did not start, ended, refused or does not answer."""


class GuardBusy(GuardError):
    """Another client drives through the guard."""


class CommandTooOld(GuardError):
    """A command to the wheels that waited too long on its way; the wheels have not moved."""
