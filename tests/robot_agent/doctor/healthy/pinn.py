import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for i in range(200):
    x = torch.rand(64, 1, requires_grad=True)
    u = net(x)
    du = torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0]
    residual = du + u
    u0 = net(torch.zeros(1, 1))
    loss = nn.functional.mse_loss(residual, torch.zeros_like(residual)) + (u0 - 1).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
