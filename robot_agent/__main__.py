"""The command line: `robot-agent train`, `drive`, `evaluate`, `look`, `runs`, ..."""

import sys

from robot_agent.signals import listen, loading


def main() -> None:
    """Run the command line.

    `doctor my_script.py` goes past what reads the options of the other commands: to load that would take
    longer than the first steps of a training.
    """
    try:
        if sys.argv[1:2] == ["doctor"] and sys.argv[2:3] and not sys.argv[2].startswith("-"):
            with loading():
                from robot_agent.doctor.command import examine

            listen()
            sys.exit(examine(sys.argv[2], sys.argv[3:]))
    except (Exception, KeyboardInterrupt):
        from robot_agent.commands import in_words

        with in_words():
            raise
    with loading():
        from robot_agent.commands import main as command_line

    command_line()


if __name__ == "__main__":
    main()
