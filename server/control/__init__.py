"""What can be done with the one robot: worker process, guard, halt, driving by hand, state."""
