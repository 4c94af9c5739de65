import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2)); opt = torch.optim.Adam(net.parameters(), lr=2e-3)
ab = torch.cumprod(1 - torch.linspace(1e-3, 0.2, 20), 0)
for i in range(200):
    x0 = torch.randn(64, 2) * 0.3 + torch.sign(torch.randn(64, 1)); t = torch.randint(0, 20, (64,)); e = torch.randn_like(x0)
    xt = ab[t].sqrt()[:, None] * x0 + (1 - ab[t]).sqrt()[:, None] * e
    l = nn.functional.mse_loss(net(torch.cat([xt, t[:, None] / 20], 1)), e)
    opt.zero_grad(); l.backward(); opt.step()
print(l.item())
