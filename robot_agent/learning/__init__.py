"""Policies, REINFORCE, the trainer and the evaluation."""
