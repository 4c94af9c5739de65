"""How the shipped network was made, and how to make your own; for a desktop, not for the robot."""
