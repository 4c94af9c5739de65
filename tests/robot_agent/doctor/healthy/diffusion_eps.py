import torch
from torch import nn
torch.manual_seed(0)
T = 50; beta = torch.linspace(1e-4, 0.05, T); ab = torch.cumprod(1 - beta, 0)
net = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2)); opt = torch.optim.Adam(net.parameters(), 2e-3)
for it in range(120):
    x0 = torch.randn(128, 2) * 0.1 + torch.tensor([1.0, -1.0]); t = torch.randint(0, T, (128,)); e = torch.randn_like(x0); xt = ab[t].sqrt()[:, None] * x0 + (1 - ab[t]).sqrt()[:, None] * e
    loss = (net(torch.cat([xt, t[:, None] / T], 1)) - e).pow(2).mean(); opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    x = torch.randn(16, 2)
    for t in reversed(range(T)):
        e = net(torch.cat([x, torch.full((16, 1), t / T)], 1)); x = (x - beta[t] / (1 - ab[t]).sqrt() * e) / (1 - beta[t]).sqrt() + (beta[t].sqrt() * torch.randn_like(x) if t else 0)
