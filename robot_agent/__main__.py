"""The command line: `robot-agent train`, `drive`, `evaluate`, `look`, `runs`, ..."""

from robot_agent.commands import main

if __name__ == "__main__":
    main()
