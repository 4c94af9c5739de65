import torch
from torch import nn
from torch.func import functional_call
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.005)
for it in range(60):
    total = 0.0
    for task in range(3):
        a, ph = torch.rand(1) * 2 + 0.5, torch.rand(1) * 3
        xs, xq = torch.rand(10, 1) * 4 - 2, torch.rand(10, 1) * 4 - 2
        p = dict(net.named_parameters())
        l = nn.functional.mse_loss(functional_call(net, p, (xs,)), a * torch.sin(xs + ph))
        g = torch.autograd.grad(l, p.values(), create_graph=True)
        fast = {k: v - 0.05 * d for (k, v), d in zip(p.items(), g)}
        total = total + nn.functional.mse_loss(functional_call(net, fast, (xq,)), a * torch.sin(xq + ph))
    opt.zero_grad(); total.backward(); opt.step()
print(total.item())
