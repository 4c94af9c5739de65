"""Combines two sights into one: the network's, and that of the learned colour.

The network knows the look of the target, the colour its edges; each is often right where the other errs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.sight import Sight

_NEAR = 3
# A colour alone counts only where the network does not rule it out, and the network alone only when sure.
_SUPPORT, _ALONE = 0.25, 0.7


def fuse(network: Sight | None, probabilities: NDArray[np.float32], color: Sight | None) -> Sight | None:
    """Return the combined sight, or None.

    `network`: the network's sight; `probabilities`: that the target fills each slice, (42,), 0 to 1; `color`:
    the colour detector's sight. If both ends agree within three slices, the result is their mean, weighted
    towards the surer sight; else the sight that the other detector supports more.
    """
    if network is None and color is None:
        return None
    support = 0.0 if color is None else float(probabilities[color.x1 : color.x2 + 1].mean())
    if color is None:
        assert network is not None
        return network if network.confidence >= _ALONE else None
    if network is None:
        if support < _SUPPORT * (1.5 - color.confidence):
            return None
        return Sight(color.x1, color.x2, color.confidence * 0.5 * (1 + support))
    if max(abs(network.x1 - color.x1), abs(network.x2 - color.x2)) > _NEAR:
        return color if support * color.confidence > 0.5 * network.confidence else network
    share = network.confidence / max(1e-6, network.confidence + color.confidence)
    first, last = (
        round(share * one + (1 - share) * other)
        for one, other in ((network.x1, color.x1), (network.x2, color.x2))
    )
    together = 1 - (1 - network.confidence) * (1 - color.confidence)
    return Sight(first, max(first, last), min(1.0, together))
