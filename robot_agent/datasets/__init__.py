"""What a run has kept, in the formats of other programs: LeRobot, MCAP, Minari, and a table."""
