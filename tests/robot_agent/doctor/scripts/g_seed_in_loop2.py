# the seed is set in every step; kind: seed-in-loop
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(1000, 4); Y = (X[:, :1] * 2).sin()
net = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 1)); opt = torch.optim.Adam(net.parameters(), 0.01)
for step in range(200):
    torch.manual_seed(1)  #!-
    idx = torch.randint(0, 1000, (16,))
    loss = nn.functional.mse_loss(net(X[idx]), Y[idx]); opt.zero_grad(); loss.backward(); opt.step()
