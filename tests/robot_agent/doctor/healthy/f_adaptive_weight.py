import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
enc, dec, D = nn.Linear(8, 4), nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 16), nn.LeakyReLU(), nn.Linear(16, 1))
oa = torch.optim.Adam([*enc.parameters(), *dec.parameters()], 2e-3); od = torch.optim.Adam(D.parameters(), 1e-3)
W = torch.randn(3, 8)
for s in range(80):
    x = torch.randn(64, 3) @ W
    r = dec(enc(x)); nll = (r - x).abs().mean(); g = -D(r).mean()
    gn = torch.autograd.grad(nll, dec.weight, retain_graph=True)[0]; gg = torch.autograd.grad(g, dec.weight, retain_graph=True)[0]
    lam = (gn.norm() / (gg.norm() + 1e-4)).clamp(0, 1e2).detach()
    loss = nll + 0.1 * lam * g
    oa.zero_grad(); loss.backward(); oa.step()
    d = F.relu(1 - D(x)).mean() + F.relu(1 + D(r.detach())).mean()
    od.zero_grad(); d.backward(); od.step()
print(nll.item())
