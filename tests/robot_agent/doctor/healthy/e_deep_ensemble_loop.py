import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(200, 4); y = x[:, :1] * x[:, 1:2]
nets = []
for k in range(5):
    net = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for e in range(60):
        loss = (net(x) - y).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    nets.append(net)
with torch.no_grad(): print(torch.stack([n(x) for n in nets]).std(0).mean(), loss.item())
