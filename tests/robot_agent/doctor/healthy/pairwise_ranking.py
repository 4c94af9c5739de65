import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.005)
for i in range(100):
    x = torch.randn(24, 5); rel = x[:, 0] + x[:, 1]; s = net(x).squeeze(1)
    d = s[:, None] - s[None, :]; m = (rel[:, None] > rel[None, :]).float()
    l = (nn.functional.softplus(-d) * m).sum() / m.sum(); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
