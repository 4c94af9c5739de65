"""Decodes text files as people have them, whatever program saved them."""

from __future__ import annotations

import codecs
import re


def decode_text(data: bytes) -> str | None:
    """Decode a text file: UTF-8, UTF-16, UTF-32 or Windows-1252; None if it is none of these.

    Windows-1252 fits almost any bytes, so it is believed only where most letters are English ones: a
    Chinese or Cyrillic file in an old encoding would become nonsense.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _clean(data, "utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _clean(data, "utf-16")
    if b"\0" in data:
        for zeros, encoding in ((data[1::2], "utf-16-le"), (data[::2], "utf-16-be")):
            if zeros.count(0) * 4 >= len(zeros) * 3:
                return _clean(data, encoding)
        return None
    text = _clean(data, "utf-8-sig")
    if text is None and _mostly_printable(data):
        text = _clean(data, "cp1252")
        letters = [c for c in text or "" if c.isalpha() or ord(c) > 127]
        if 3 * sum(ord(c) > 127 for c in letters) > len(letters):
            return None
    return text


def _clean(data: bytes, encoding: str) -> str | None:
    """Return the text without marks that nobody sees; None if the bytes are not in this encoding."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    # Marks that nobody sees, and the end of a file of MS-DOS.
    return None if "\0" in text else re.sub("[\ufeff\u200b\u2060\x1a]", "", text)


def _mostly_printable(data: bytes) -> bool:
    """Return whether at most one byte in a hundred is a control character."""
    return sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in data) * 100 <= len(data)
