import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid()); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(200):
    x = torch.randn(64, 5); t = (x[:, :1] + x[:, 1:2] > 0).float()
    p = net(x)
    l = (p * (1 - t)).mean() + ((1 - p) * t).mean(); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
