import torch
from torch import nn
torch.manual_seed(0)
centres = torch.randn(10, 8) * 2; emb = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(emb.parameters(), 5e-3)
for ep in range(80):
    cls = torch.randperm(10)[:4]; sup = centres[cls].repeat_interleave(3, 0) + torch.randn(12, 8); qry = centres[cls].repeat_interleave(5, 0) + torch.randn(20, 8); y = torch.arange(4).repeat_interleave(5)
    protos = emb(sup).view(4, 3, -1).mean(1); logits = -torch.cdist(emb(qry), protos) ** 2; loss = nn.functional.cross_entropy(logits, y); opt.zero_grad(); loss.backward(); opt.step()
