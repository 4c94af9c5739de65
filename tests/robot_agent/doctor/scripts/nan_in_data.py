# kind: not-a-number
import numpy as np
import torch
from torch import nn
torch.manual_seed(0)
table = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
target = table.sum(1)
table[17, 2] = np.nan  #!-
x = torch.tensor(table)  #+
y = torch.tensor(target).unsqueeze(1)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(100):
    loss = nn.functional.mse_loss(net(x), y)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
