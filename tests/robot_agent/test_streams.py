"""A program that was started without its standard streams gives their numbers to nothing else."""

import os
import subprocess
import sys

CODE = """
import os
for number in (0, 1, 2):
    os.close(number)
from robot_agent.streams import keep_standard_streams
keep_standard_streams()
print("nobody reads this")
file = os.open(os.devnull, os.O_RDONLY)
os._exit(file == 3 and os.get_inheritable(2) and 7)
"""


def test_closed_streams_are_opened_on_the_null_device():
    assert subprocess.run([sys.executable, "-c", CODE], env=os.environ, check=False).returncode == 7


def test_a_letter_that_the_terminal_lacks_ends_nothing():
    code = (
        "from robot_agent.streams import keep_standard_streams as keep; keep(); print('gr\\u00fcn \\u2192')"
    )
    strict = os.environ | {"PYTHONIOENCODING": "ascii"}
    run = subprocess.run([sys.executable, "-c", code], env=strict, capture_output=True, text=True, check=True)
    assert run.stdout == "gr?n ?\n"
