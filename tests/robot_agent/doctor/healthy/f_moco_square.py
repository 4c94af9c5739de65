import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
q = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 8)); opt = torch.optim.Adam(q.parameters(), 5e-3)
for s in range(80):
    z = torch.randn(32, 6); a = F.normalize(q(z + 0.1 * torch.randn_like(z)), dim=1); b = F.normalize(q(z + 0.1 * torch.randn_like(z)), dim=1)
    pos = (a * b).sum(1, keepdim=True); neg = a @ b[torch.randperm(32)[:31]].t()
    logits = torch.cat([pos, neg], 1) / 0.2
    loss = F.cross_entropy(logits, torch.zeros(32, dtype=torch.long))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
