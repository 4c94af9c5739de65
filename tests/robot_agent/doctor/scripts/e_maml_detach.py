# MAML whose adapted weights are new leaves, so that the outer loss reaches no weight; kind: graph-cut
import math
import torch
import torch.nn.functional as F

torch.manual_seed(0)


def net(x, w):
    h = torch.relu(F.linear(x, w[0], w[1]))
    return F.linear(h, w[2], w[3])


theta = [
    torch.nn.Parameter(torch.randn(40, 1) * 0.5),
    torch.nn.Parameter(torch.zeros(40)),
    torch.nn.Parameter(torch.randn(1, 40) * 0.15),
    torch.nn.Parameter(torch.zeros(1)),
]
meta_opt = torch.optim.Adam(theta, lr=1e-2)


def task():
    amp, phase = 0.5 + 2 * torch.rand(1), math.pi * torch.rand(1)
    def f(x):
        return amp * torch.sin(x + phase)
    return f


for it in range(60):
    meta_loss = 0.0
    for _ in range(4):
        f = task()
        xs, xq = 6 * torch.rand(10, 1) - 3, 6 * torch.rand(10, 1) - 3
        fast = list(theta)
        for _ in range(2):
            inner = F.mse_loss(net(xs, fast), f(xs))
            grads = torch.autograd.grad(inner, fast, create_graph=True)
            fast = [(w - 0.05 * g).detach().requires_grad_(True) for w, g in zip(fast, grads)]  #! fast = [w - 0.05 * g for w, g in zip(fast, grads)]
        meta_loss = meta_loss + F.mse_loss(net(xq, fast), f(xq))
    meta_opt.zero_grad()
    meta_loss.backward()
    meta_opt.step()
print(meta_loss.item())
