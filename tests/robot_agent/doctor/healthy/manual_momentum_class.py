import torch
from torch import nn
torch.manual_seed(0)
class MySGD:
    def __init__(self, params, lr=0.05, m=0.9): self.params, self.lr, self.m = list(params), lr, m; self.v = [torch.zeros_like(p) for p in self.params]
    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v): v.mul_(self.m).add_(p.grad); p.sub_(self.lr * v)
    def zero_grad(self):
        for p in self.params: p.grad = None
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)); opt = MySGD(net.parameters()); X = torch.randn(200, 4); Y = X.prod(1, keepdim=True)
for e in range(40): opt.zero_grad(); loss = nn.functional.mse_loss(net(X), Y); loss.backward(); opt.step()
