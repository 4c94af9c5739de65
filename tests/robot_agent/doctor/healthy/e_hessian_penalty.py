import torch
from torch import nn
torch.manual_seed(0)
f = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(f.parameters(), lr=3e-3)
for step in range(150):
    x = (torch.rand(64, 1) * 2 - 1).requires_grad_()
    y = f(x)
    dy = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
    d2y = torch.autograd.grad(dy.sum(), x, create_graph=True)[0]
    res = (d2y + y).pow(2).mean()
    x0 = torch.zeros(1, 1, requires_grad=True)
    y0 = f(x0)
    dy0 = torch.autograd.grad(y0, x0, create_graph=True)[0]
    loss = res + (y0 ** 2).sum() + ((dy0 - 1) ** 2).sum()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
