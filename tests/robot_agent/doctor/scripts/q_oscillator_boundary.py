# graph-cut
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def slope(u, x):
    ones = torch.ones_like(u)
    (du,) = torch.autograd.grad(u, x, ones, retain_graph=True)  #! (du,) = torch.autograd.grad(u, x, ones, create_graph=True)
    return du


def physics(batch=64):
    x = 2 * torch.rand(batch, 1)
    x.requires_grad_()
    force = torch.exp(-x)
    return torch.mean((slope(model(x), x) - force + 0.3 * x) ** 2)


for epoch in range(400):
    start = model(torch.zeros(1, 1)).square().sum()
    loss = physics() + start
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
