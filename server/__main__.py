"""The command line: `robot-server`."""

from robot_agent.signals import loading


def main() -> None:
    """Run the command line."""
    with loading():
        from server.command_line import main as command_line

    command_line()


if __name__ == "__main__":
    main()
