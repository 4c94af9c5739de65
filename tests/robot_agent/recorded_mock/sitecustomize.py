"""On PYTHONPATH: a guard's mock pins write down what they carry, in the file that $RECORDED_PINS names.

The simulator's guard has mock pins, whatever the settings say; so its tests can look at them all the same.
"""

import os
import sys

if "RECORDED_PINS" in os.environ and "robot_agent.guard" in sys.orig_argv:
    from robot_agent.motors import pin_factory

    open_factory = pin_factory.open_factory

    def open_recorded(name):
        """Open a pin factory; a recorded one for mock pins."""
        return open_factory("recording_pins:make" if name == "mock" else name)

    pin_factory.open_factory = open_recorded
