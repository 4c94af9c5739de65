import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 2)); D = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(), nn.Linear(24, 1))
og = torch.optim.RMSprop(G.parameters(), lr=5e-4); od = torch.optim.RMSprop(D.parameters(), lr=5e-4)
for it in range(40):
    for _ in range(3):
        real = torch.randn(64, 2) * 0.2 + 1; fake = G(torch.randn(64, 2)).detach()
        loss_d = -(D(real).mean() - D(fake).mean())
        od.zero_grad(); loss_d.backward(); od.step()
        for p in D.parameters(): p.data.clamp_(-0.1, 0.1)
    loss_g = -D(G(torch.randn(64, 2))).mean()
    og.zero_grad(); loss_g.backward(); og.step()
