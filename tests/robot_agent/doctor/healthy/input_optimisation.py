import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2)); o = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(200, 4); t = (x[:, 0] > 0).long()
for i in range(60):
    l = nn.functional.cross_entropy(net(x), t); o.zero_grad(); l.backward(); o.step()
img = torch.zeros(1, 4, requires_grad=True); oi = torch.optim.Adam([img], lr=0.05)
for i in range(50):
    loss = -net(img)[0, 1] + 0.01 * img.pow(2).sum(); oi.zero_grad(); loss.backward(); oi.step()
print(img)
