"""The picture of an experiment: two curves in a small SVG that uses the colours of the page around it."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from robot_agent.experiments.findings.curves import Curves

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 408, 40, 204
MOST_POINTS = 90
FAULTY, MENDED = "var(--red-ink, #b5141c)", "var(--accent, #0b6b63)"


def draw(curves: Curves) -> str:
    """Return the picture as SVG of about 2 kB."""
    low, high = _range(curves)
    longest = max(len(curves.faulty), len(curves.mended), 2)

    def place(index: int, value: float) -> str:
        share = (_scaled(curves, value) - low) / (high - low)
        x = LEFT + (RIGHT - LEFT) * index / (longest - 1)
        return f"{x:.0f},{BOTTOM - (BOTTOM - TOP) * min(max(share, 0.0), 1.0):.1f}"

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(described(curves))}" font-family="system-ui, sans-serif" font-size="13">'
    ]
    for number in range(3):
        scaled = low + (high - low) * number / 2
        y = BOTTOM - (BOTTOM - TOP) * number / 2
        value = 10**scaled if curves.log else scaled
        lines.append(f'<path d="M{LEFT} {y:.0f}H{RIGHT}" stroke="var(--line, #ccc)"/>')
        lines.append(_words(LEFT - 7, y + 4, _number(value, high - low), "end"))
    lines.append(_words(LEFT, BOTTOM + 20, "0", "middle"))
    lines.append(_words(RIGHT, BOTTOM + 20, f"{longest - 1} {curves.unit}", "end"))
    lines.append(_words(8, 18, curves.figure + (" (log)" if curves.log else ""), "start"))
    for start, color, dash, name in ((190, FAULTY, " 5 3", "with the fault"), (322, MENDED, "", "mended")):
        lines.append(f'<path d="M{start} 14h22" stroke="{color}" stroke-width="2.5"{_dash(dash)}/>')
        lines.append(_words(start + 28, 18, name, "start"))
    for values, color, dash in ((curves.mended, MENDED, ""), (curves.faulty, FAULTY, "5 3")):
        kept = _finite(values)
        points = " ".join(place(index, values[index]) for index in _chosen(len(kept)))
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5" '
            f'stroke-linejoin="round"{_dash(dash)}/>'
        )
        if len(kept) < longest and values is curves.faulty:
            x, y = (float(each) for each in place(len(kept) - 1, kept[-1]).split(","))
            lines.append(f'<path d="M{x - 5:.0f} {y - 5:.0f}l10 10m0-10l-10 10" stroke="{color}" '
                         'stroke-width="2.5"/>')  # fmt: skip
            lines.append(_words(min(x + 8, RIGHT - 60), max(y - 8, TOP + 12), "ends here", "start"))
    return "\n".join([*lines, "</svg>", ""])


def described(curves: Curves) -> str:
    """Return a description of the picture in words, with its figures."""
    ends = _finite(curves.faulty), _finite(curves.mended)
    words = [f"{_number(each[0], 1)} at first and {_number(each[-1], 1)} at last" for each in ends]
    broken = " (it ends early)" if len(ends[0]) < len(ends[1]) else ""
    return f"The {curves.figure}: with the fault {words[0]}{broken}; mended {words[1]}."


def _finite(values: Sequence[float]) -> Sequence[float]:
    bad = next((index for index, value in enumerate(values) if not math.isfinite(value)), len(values))
    return values[: max(bad, 1)]


def _scaled(curves: Curves, value: float) -> float:
    return math.log10(max(value, 1e-12)) if curves.log else value


def _range(curves: Curves) -> tuple[float, float]:
    """Return the lowest and highest value of the picture; curves that diverge are cut off at the top."""
    values = [_scaled(curves, each) for part in (curves.faulty, curves.mended) for each in _finite(part)]
    low, high = min(values), max(values)
    if curves.log:
        decades = math.ceil(high) - math.floor(low)
        return math.floor(low), math.floor(low) + decades + decades % 2
    if 0 <= low < 0.5 * high:
        low = 0.0
    return low, high if high > low else low + 1.0


def _chosen(count: int) -> list[int]:
    wanted = min(count, MOST_POINTS)
    return sorted({round(index * (count - 1) / max(wanted - 1, 1)) for index in range(wanted)})


def _number(value: float, span: float) -> str:
    if value == 0 or 0.01 <= abs(value) < 10_000:
        digits = 0 if span >= 20 and value == round(value) else 2
        return (
            f"{value:.{digits}f}".rstrip("0").rstrip(".") if "." in f"{value:.{digits}f}" else f"{value:.0f}"
        )
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{'' if mantissa == '1' else mantissa + '·'}10{str(int(exponent)).translate(RAISED)}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _dash(dash: str) -> str:
    return f' stroke-dasharray="{dash.strip()}"' if dash else ""


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="currentColor">{escape(words)}</text>'
