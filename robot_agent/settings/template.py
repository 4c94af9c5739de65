"""Makes the first robot.toml of a motor board, with its wiring as comments; the argument is the board."""

import sys

from robot_agent.errors import RobotAgentError
from robot_agent.motors.boards import BOARDS, OPTIONAL, board_pins

HEADER = {
    2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33, 14: 8,
    15: 10, 16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
    0: 27, 1: 28,
}  # fmt: skip
"""Pin of each BCM number on the 40-pin header, counted from the corner of the card."""


def wiring(board: str) -> list[str]:
    """Return the lines of a board's wiring table; raises BoardError if the board is unknown."""
    rows = [("signal", "BCM", "pin", "board")]
    for name, number in board_pins(board).items():
        rows.append((name, str(number), str(HEADER[number]), BOARDS[board].printed.get(name, "")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def template(board: str) -> str:
    """Return the sections of robot.toml for a motor board; raises BoardError if the board is unknown."""
    lines = ["[motors]", f'board = "{board}"']
    lines += ["# Wires, from the Pi (BCM number, pin of the header) to the board:"]
    lines += [f"#   {line}" for line in wiring(board)]
    lines.append("# Those that differ: pins = {left_forward = 5}")
    if board != "drv8835" and (fixed := sorted(OPTIONAL & BOARDS[board].pins.keys())):
        lines.append(f"# Not wired, because the board holds it high: pins = {{{fixed[0]} = false}}")
    lines += [
        "",
        "[camera]",
        'source = "pi"  # or a number for a USB camera, or the address of a stream',
        "",
        "[episodes]",
        'start = "manual"  # or "back_and_search": it brings itself to each new start, in a pen',
        "max_distance = 2.2  # metres; in a pen it stays within this distance of its target",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Print the template of the board named by the argument; return the exit status."""
    names = sys.argv[1:] if arguments is None else arguments
    if len(names) != 1:
        print(f"Error: name one board: {', '.join(BOARDS)}.", file=sys.stderr)
        return 2
    try:
        print(template(names[0]), end="")
    except RobotAgentError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
