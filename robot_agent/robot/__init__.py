"""One robot, real or simulated: it looks, it acts, and it comes to a new start."""
