import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 16))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
A = torch.randn(4, 10)
for s in range(80):
    z = torch.randn(128, 4) @ A
    a, b = net(z + 0.2 * torch.randn_like(z)), net(z + 0.2 * torch.randn_like(z))
    a, b = (a - a.mean(0)) / a.std(0), (b - b.mean(0)) / b.std(0)
    c = a.T @ b / 128
    on = (torch.diagonal(c) - 1).pow(2).sum()
    off = c.pow(2).sum() - torch.diagonal(c).pow(2).sum()
    loss = on + 0.01 * off
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
