import torch
from torch import nn
torch.manual_seed(0)
energy = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(energy.parameters(), lr=2e-3)
buffer = torch.randn(256, 2)
for it in range(60):
    real = torch.randn(64, 2) * 0.3 + 1
    idx = torch.randint(0, 256, (64,))
    x = buffer[idx].clone().requires_grad_(True)
    for p in energy.parameters(): p.requires_grad_(False)
    for k in range(8):
        e = energy(x).sum()
        g, = torch.autograd.grad(e, x)
        x.data.add_(-0.1 * g + 0.05 * torch.randn_like(x))
    for p in energy.parameters(): p.requires_grad_(True)
    x = x.detach(); buffer[idx] = x
    ep, en = energy(real), energy(x)
    loss = ep.mean() - en.mean() + 0.1 * (ep ** 2 + en ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
