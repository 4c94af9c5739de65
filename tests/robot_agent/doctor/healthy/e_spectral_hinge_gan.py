import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 2), nn.Tanh())
D = nn.Sequential(spectral_norm(nn.Linear(2, 32)), nn.LeakyReLU(0.1), spectral_norm(nn.Linear(32, 1)))
og, od = torch.optim.Adam(G.parameters(), 2e-3, betas=(0.0, 0.9)), torch.optim.Adam(D.parameters(), 4e-3, betas=(0.0, 0.9))
for it in range(80):
    real = torch.randn(64, 2) * 0.1 + 0.5
    fake = G(torch.randn(64, 8))
    d = torch.relu(1 - D(real)).mean() + torch.relu(1 + D(fake.detach())).mean()
    od.zero_grad(); d.backward(); od.step()
    for p in D.parameters(): p.requires_grad_(False)
    g = -D(G(torch.randn(64, 8))).mean()
    og.zero_grad(); g.backward(); og.step()
    for p in D.parameters(): p.requires_grad_(True)
G.eval()
with torch.no_grad(): print(G(torch.randn(100, 8)).mean(0))
