"""Draws a QR code in the terminal, for the camera of a phone."""

import io


def qr_code(text: str) -> str:
    """Return a QR code as lines of half blocks, in white on black whatever the terminal's colours are."""
    import segno  # here, as it is needed once, and only in a terminal

    lines = io.StringIO()
    segno.make(text, micro=False).terminal(out=lines, border=2, compact=True)
    return "\n".join(f"\x1b[97;40m{line}\x1b[0m" for line in lines.getvalue().splitlines())
