"""From settings to parts: the only place where `Config` meets the plain keyword arguments of the rest.

What is heavy (OpenCV, Gymnasium, PyTorch, pins) is imported by the function that needs it: the server and the
commands build some parts only.
"""
