"""A robot over the network: its address, its key, and the robot itself as a camera and motors."""
