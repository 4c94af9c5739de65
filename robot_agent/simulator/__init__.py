"""The simulated robot: its geometry, its world, and the pictures that its camera sees."""
