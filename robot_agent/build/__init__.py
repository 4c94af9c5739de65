"""Builds all parts from the settings: the only package that turns `Config` into plain keyword arguments.

Heavy libraries (OpenCV, Gymnasium, PyTorch, pins) are imported by the function that needs them: the server
and the commands build only some of the parts.
"""
