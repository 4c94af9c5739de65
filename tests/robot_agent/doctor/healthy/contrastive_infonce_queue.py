import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 8))
key = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 8))
key.load_state_dict(enc.state_dict())
for p in key.parameters(): p.requires_grad = False
queue = F.normalize(torch.randn(128, 8), dim=1)
opt = torch.optim.SGD(enc.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
for it in range(60):
    x = torch.randn(32, 12)
    q = F.normalize(enc(x + 0.05 * torch.randn_like(x)), dim=1)
    with torch.no_grad():
        k = F.normalize(key(x + 0.05 * torch.randn_like(x)), dim=1)
    logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.T], 1) / 0.1
    labels = torch.zeros(32, dtype=torch.long)
    loss = F.cross_entropy(logits, labels)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for a, b in zip(enc.parameters(), key.parameters()): b.data = 0.95 * b.data + 0.05 * a.data
    queue = torch.cat([k, queue])[:128]
