"""The slice network that ships, by the name under which scripts have found it since the first version."""

from vision.detectors.slices import SHIPPED

__all__ = ["SHIPPED"]
