# kind: not-a-number
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(100, 3)
goal = torch.stack([x[:, 0], x[:, 1]], 1)
known = (torch.rand(100, 1) > 0.3).float()
for i in range(100):
    out = net(x)
    gap = (out - goal) * known
    loss = gap.pow(2).sum(1).sqrt().mean()  #! loss = (gap.pow(2).sum(1) + 1e-8).sqrt().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item())
