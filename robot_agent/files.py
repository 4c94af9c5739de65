"""Reading the small files that a person or another program may have changed: settings, keys, halts."""

import os
import stat
from pathlib import Path


def read_small_file(path: Path, most: int = 1_000_000) -> bytes:
    """Return what is in a file, without waiting and without end: no pipe and no device is read.

    The default for `most` is far more than anybody writes into a file of settings.
    Raises FileNotFoundError: there is nothing; another OSError: it cannot be read, is no file, or has more
    than `most` bytes. A link that leads nowhere is something: its disk may be there tomorrow.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(0, "it is a link that leads nowhere") from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(0, "it is no file")
        content = os.read(file, most + 1)
    finally:
        os.close(file)
    if len(content) > most:
        raise OSError(0, "it is far too large")
    return content


def read_small_text(path: Path) -> str:
    """Return the text of a small file in UTF-8, from whichever editor: each line ends with `\\n`.

    Raises UnicodeDecodeError, or an OSError as `read_small_file` does.
    """
    text = read_small_file(path).decode("utf-8-sig")  # Windows editors put a byte order mark first
    return text.replace("\r\n", "\n").replace("\r", "\n")  # and those of old Macs end a line with \r alone
