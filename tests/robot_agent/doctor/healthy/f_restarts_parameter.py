import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
def energy(x): return ((x ** 2 - 1) ** 2).sum() + 0.1 * x.sum()
best = None
for restart in range(6):
    x = nn.Parameter(torch.randn(4) * 2)
    opt = torch.optim.Adam([x], lr=0.1)
    for s in range(60):
        e = energy(x); opt.zero_grad(); e.backward(); opt.step()
    if best is None or e.item() < best: best = e.item()
print(best)
