import torch
from torch import nn
torch.manual_seed(0)
f = nn.Sequential(nn.Linear(3, 32), nn.SiLU(), nn.Linear(32, 1)); opt = torch.optim.AdamW(f.parameters(), 3e-3)
for i in range(80):
    x = torch.randn(32, 3); s = f(x); r = x[:, 0]
    diff = s - s.T; want = (r[:, None] > r[None]).float()
    loss = nn.functional.binary_cross_entropy_with_logits(diff, want); opt.zero_grad(); loss.backward(); opt.step()
