import copy
import torch
from torch import nn
torch.manual_seed(0)
online = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8))
target = copy.deepcopy(online).requires_grad_(False)
predictor = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.AdamW([*online.parameters(), *predictor.parameters()], lr=1e-3)
def loss_fn(p, z):
    return 2 - 2 * nn.functional.cosine_similarity(p, z.detach()).mean()
for it in range(60):
    base = torch.randn(64, 16)
    a, b = base + 0.1 * torch.randn_like(base), base + 0.1 * torch.randn_like(base)
    with torch.no_grad():
        za, zb = target(a), target(b)
    loss = loss_fn(predictor(online(a)), zb) + loss_fn(predictor(online(b)), za)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for o, t in zip(online.parameters(), target.parameters()):
            t.mul_(0.99).add_(o, alpha=0.01)
