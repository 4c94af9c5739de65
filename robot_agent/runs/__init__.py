"""What was learned, kept: runs, episodes, checkpoints, policy files."""
