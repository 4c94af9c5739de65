import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 16)); opt = torch.optim.Adam(enc.parameters(), lr=1e-3)
x = torch.randn(256, 10)
for i in range(60):
    b = x[torch.randint(0, 256, (32,))]
    a, c = b + 0.1 * torch.randn_like(b), b + 0.1 * torch.randn_like(b)
    z = F.normalize(torch.cat([enc(a), enc(c)]), dim=1)
    s = z @ z.T / 0.2
    s.fill_diagonal_(-1e9) if False else None
    s = s.masked_fill(torch.eye(64, dtype=torch.bool), float("-inf"))
    loss = F.cross_entropy(s, torch.cat([torch.arange(32, 64), torch.arange(32)]))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
