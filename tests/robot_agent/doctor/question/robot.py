"""The question this project began with, as asked: a robot, its camera, and a loss."""

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
rng, N, GOAL = np.random.default_rng(0), 64, np.array([10.0, 31.0])


def start():
    global centre, width
    centre, width = rng.uniform(5, 36, N), np.full(N, 6.0)


def picture():  # the camera: first and last slice in which the target is seen, of 42
    return np.stack([centre - width / 2, centre + width / 2], 1)


def move(curvature, seconds):  # the motors
    global centre, width
    c, s = np.clip(curvature, -1, 1), np.clip(seconds, 0, 1)
    centre, width = np.clip(centre + 12 * c * s, 0, 41), np.clip(width + 8 * s * (1 - abs(c)), 1, 41)


policy = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.AdamW(policy.parameters(), lr=0.005)
goal = torch.tensor([[10.0, 31.0]])
for _ in range(400):
    start()
    optimizer.zero_grad()
    prediction = policy(torch.tensor((picture() - 20.5) / 20).float())
    move(*prediction.clone().detach().numpy().T)
    loss = nn.functional.mse_loss(prediction, goal.expand(N, 2))
    loss.backward()
    optimizer.step()
start()
for _ in range(8):
    move(*policy(torch.tensor((picture() - 20.5) / 20).float()).detach().numpy().T)
print(f"score {np.mean(np.abs(picture() - GOAL).sum(1) < 8):.3f}")
