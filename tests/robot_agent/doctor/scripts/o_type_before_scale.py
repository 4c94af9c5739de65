# kind: inputs-constant
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(9)
rng = np.random.default_rng(9)


def load():
    raw = rng.integers(0, 200, size=(300, 64))
    labels = (raw[:, :32].mean(1) > raw[:, 32:].mean(1)).astype(np.int64)
    return raw / 255.0, labels


pixels, labels = load()
x = torch.tensor(pixels).to(torch.int32)  #! x = torch.tensor(pixels).to(torch.float32)
y = torch.tensor(labels)
net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for i in range(150):
    pick = torch.randint(0, 300, (50,))
    loss = F.cross_entropy(net(x[pick].float()), y[pick])
    opt.zero_grad()
    loss.backward()
    opt.step()
