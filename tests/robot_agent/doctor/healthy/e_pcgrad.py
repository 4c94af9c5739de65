import torch
from torch import nn
torch.manual_seed(0)
body, h1, h2 = nn.Sequential(nn.Linear(6, 32), nn.ReLU()), nn.Linear(32, 1), nn.Linear(32, 1)
shared = list(body.parameters()); params = shared + [*h1.parameters(), *h2.parameters()]
opt = torch.optim.Adam(params, 5e-3)
x = torch.randn(256, 6); y1, y2 = x[:, :1].abs(), -x[:, :1].abs() + x[:, 1:2]
for step in range(120):
    z = body(x)
    losses = [(h1(z) - y1).pow(2).mean(), (h2(z) - y2).pow(2).mean()]
    grads = []
    for l in losses:
        g = torch.autograd.grad(l, params, retain_graph=True, allow_unused=True)
        grads.append([torch.zeros_like(p) if a is None else a for a, p in zip(g, params)])
    a, b = (torch.cat([q.flatten() for q in g[:2]]) for g in grads)
    dot = (a * b).sum()
    opt.zero_grad()
    for k, p in enumerate(params):
        g = grads[0][k] + grads[1][k]
        if dot < 0 and k < 2: g = g - dot / b.pow(2).sum() * grads[1][k]
        p.grad = g
    opt.step()
print([l.item() for l in losses])
