# D is never zeroed after G's step; kind: not-zeroed
import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2)); D = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
og = torch.optim.Adam(G.parameters(), 1e-3); od = torch.optim.Adam(D.parameters(), 1e-3); bce = nn.BCEWithLogitsLoss()
one, zero = torch.ones(64, 1), torch.zeros(64, 1)
for i in range(200):
    real = torch.randn(64, 2) * 0.3 + 2
    fake = G(torch.randn(64, 4))
    ld = bce(D(real), one) + bce(D(fake.detach()), zero)  #!+ od.zero_grad()
    ld.backward(); od.step()  #+
    lg = bce(D(fake), one)
    og.zero_grad(); lg.backward(); og.step()  #+
