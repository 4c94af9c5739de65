import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 5e-3)
x = torch.randn(256, 6); y = (x[:, 0] > 0).long()
for e in range(60):
    xa = x.clone().requires_grad_(True)
    g, = torch.autograd.grad(F.cross_entropy(net(xa), y), xa)
    adv = x + 0.1 * g.sign()
    loss = 0.5 * F.cross_entropy(net(x), y) + 0.5 * F.cross_entropy(net(adv), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
