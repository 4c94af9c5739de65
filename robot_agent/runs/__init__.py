"""What was learned, on disk: runs, episodes, checkpoints, policy files."""
