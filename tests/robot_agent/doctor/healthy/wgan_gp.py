import torch
from torch import nn
torch.manual_seed(0)
G, D = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2)), nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
og, od = torch.optim.Adam(G.parameters(), 1e-3, betas=(0.0, 0.9)), torch.optim.Adam(D.parameters(), 1e-3, betas=(0.0, 0.9))
for i in range(50):
    for _ in range(3):
        real = torch.randn(32, 2) + 2; fake = G(torch.randn(32, 2)).detach()
        e = torch.rand(32, 1); mid = (e * real + (1 - e) * fake).requires_grad_(True)
        g = torch.autograd.grad(D(mid).sum(), mid, create_graph=True)[0]
        ld = D(fake).mean() - D(real).mean() + 10 * ((g.norm(2, dim=1) - 1) ** 2).mean()
        od.zero_grad(); ld.backward(); od.step()
    lg = -D(G(torch.randn(32, 2))).mean()
    og.zero_grad(); lg.backward(); og.step()
print(ld.item())
