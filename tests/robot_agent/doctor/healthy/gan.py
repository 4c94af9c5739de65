import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
og, od = torch.optim.Adam(G.parameters(), lr=1e-3), torch.optim.Adam(D.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
for i in range(150):
    real = torch.randn(64, 2) * 0.5 + 2
    fake = G(torch.randn(64, 4))
    d = bce(D(real), torch.ones(64, 1)) + bce(D(fake.detach()), torch.zeros(64, 1))
    od.zero_grad(); d.backward(); od.step()
    g = bce(D(fake), torch.ones(64, 1))
    og.zero_grad(); g.backward(); og.step()
print(d.item(), g.item())
