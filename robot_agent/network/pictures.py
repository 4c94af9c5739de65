"""Check of a JPEG's size before it is decoded: a few bytes can claim to be a picture of gigabytes."""

LARGEST_PIXELS = 4096 * 3072
"""Largest picture that is accepted from a robot, pixels."""

_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that are followed by the picture's size (ISO/IEC 10918-1, table B.1)."""


def size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a JPEG in pixels; None if `data` does not begin as a JPEG."""
    place = 2 if data.startswith(b"\xff\xd8") else len(data)
    while place + 9 <= len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF:  # a fill byte
            place += 1
        elif kind in _SIZES:
            height, width = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def is_fit(jpeg: bytes, most: int = LARGEST_PIXELS) -> bool:
    """Return whether this is a JPEG of at most `most` pixels."""
    size = size_of_jpeg(jpeg)
    return size is not None and 0 < size[0] * size[1] <= most
