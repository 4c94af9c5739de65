"""Optimisers: gradient descent with momentum, and Adam."""

import math
from typing import Protocol

import numpy as np

from robot_agent.learning.mlp import Parameters


class Optimiser(Protocol):
    """Changes parameters, in place, by their gradients."""

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step of gradient descent: the parameters change in place."""


class SGD:
    """v = m v + g;  p -= lr v, with momentum m (Polyak 1964)."""

    def __init__(self, momentum: float = 0.0) -> None:
        """Set the momentum, in [0, 1)."""
        self.momentum = momentum
        self.velocity: Parameters = {}

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step of gradient descent: the parameters change in place."""
        for name, g in gradients.items():
            v = self.velocity[name] = self.momentum * self.velocity.get(name, np.zeros_like(g)) + g
            parameters[name] -= learning_rate * v


class Adam:
    """Adam (Kingma & Ba 2015); with a weight decay, AdamW (Loshchilov & Hutter 2019).

    m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  both begin at 0 and are therefore divided by
    1 - b1^t and 1 - b2^t;  p -= lr m / (sqrt(v) + eps). The decay acts on p itself: p -= lr decay p.
    """

    def __init__(
        self, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        """Set b1 and b2, in [0, 1), eps, which keeps the division finite, and the weight decay."""
        self.beta1, self.beta2, self.epsilon, self.weight_decay = beta1, beta2, epsilon, weight_decay
        self.steps = 0
        self.first: Parameters = {}
        """m of each parameter."""
        self.second: Parameters = {}
        """v of each parameter."""

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step of gradient descent: the parameters change in place."""
        self.steps += 1
        grown1, grown2 = 1 - self.beta1**self.steps, 1 - self.beta2**self.steps
        for name, g in gradients.items():
            p = parameters[name]
            if name not in self.first:
                self.first[name], self.second[name] = np.zeros_like(p), np.zeros_like(p)
            m, v = self.first[name], self.second[name]
            if self.weight_decay:
                p *= 1 - learning_rate * self.weight_decay
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            p -= learning_rate / grown1 * m / (np.sqrt(v / grown2) + self.epsilon)


def clip_gradients(gradients: Parameters, longest: float) -> float:
    """Scale all gradients, in place, to at most `longest` together; return their length before."""
    norm = math.sqrt(sum(float(g.ravel() @ g.ravel()) for g in gradients.values()))
    for g in gradients.values():
        g *= min(1.0, longest / (norm + 1e-6))  # as PyTorch does
    return norm
