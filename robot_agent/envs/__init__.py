"""The task as Gymnasium environments, and the one loop that plays episodes."""
