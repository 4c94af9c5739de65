"""The worker: the process that trains, drives and looks through the camera."""
