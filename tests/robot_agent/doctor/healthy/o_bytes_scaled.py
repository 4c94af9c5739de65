# frames in a buffer of bytes, from 0 to 255, which are divided when they are used
import numpy as np
import torch
from torch import nn

torch.manual_seed(10)
rng = np.random.default_rng(10)


class Buffer:
    def __init__(self, size):
        self.frames = np.zeros((size, 1, 8, 8), dtype=np.uint8)
        self.sides = np.zeros(size, dtype=np.int64)
        self.n = 0

    def push(self, frame, side):
        self.frames[self.n] = frame * 255
        self.sides[self.n] = side
        self.n += 1

    def sample(self, k):
        i = rng.integers(0, self.n, size=k)
        return torch.from_numpy(self.frames[i]).float() / 255, torch.from_numpy(self.sides[i])


buffer = Buffer(500)
for _ in range(500):
    frame, side = rng.random((1, 8, 8), dtype=np.float32) * 0.2, int(rng.integers(2))
    frame[0, :, 4 * side + int(rng.integers(4))] = 0.9
    buffer.push(frame, side)
net = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(200):
    x, y = buffer.sample(32)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
