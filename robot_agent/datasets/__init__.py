"""Export of kept episodes to the formats of other programs: LeRobot, MCAP, Minari, and a table."""
