import torch
from torch import nn
torch.manual_seed(0)
c = torch.randn(3, 8) * 3; X = c[torch.randint(0, 3, (300,))] + torch.randn(300, 8); enc, dec = nn.Linear(8, 2), nn.Linear(2, 8); opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], 0.01)
for e in range(60): loss = nn.functional.mse_loss(dec(enc(X)), X); opt.zero_grad(); loss.backward(); opt.step()
mu = nn.Parameter(enc(X)[torch.randperm(300)[:3]].detach().clone()); opt = torch.optim.Adam([*enc.parameters(), mu], 5e-3)
for e in range(60):
    z = enc(X); q = 1 / (1 + torch.cdist(z, mu) ** 2); q = q / q.sum(1, keepdim=True); p = (q ** 2 / q.sum(0)).detach(); p = p / p.sum(1, keepdim=True)
    loss = nn.functional.kl_div(q.log(), p, reduction="batchmean"); opt.zero_grad(); loss.backward(); opt.step()
