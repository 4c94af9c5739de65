import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
enc, dec, code = nn.Linear(8, 4), nn.Linear(4, 8), nn.Embedding(16, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *code.parameters()], lr=0.01)
x = torch.randn(200, 2) @ torch.randn(2, 8)
for i in range(150):
    z = enc(x); k = torch.cdist(z, code.weight).argmin(1); q = code(k)
    zq = z + (q - z).detach()
    loss = F.mse_loss(dec(zq), x) + F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
