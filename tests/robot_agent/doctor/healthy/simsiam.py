import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
f = nn.Sequential(nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8)); h = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8)); opt = torch.optim.SGD([*f.parameters(), *h.parameters()], lr=0.05)
x = torch.randn(200, 6)
for i in range(60):
    b = x[torch.randperm(200)[:32]]; z1, z2 = f(b + 0.1 * torch.randn_like(b)), f(b + 0.1 * torch.randn_like(b)); p1, p2 = h(z1), h(z2)
    l = -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean()) / 2; opt.zero_grad(); l.backward(); opt.step()
print(l.item())
