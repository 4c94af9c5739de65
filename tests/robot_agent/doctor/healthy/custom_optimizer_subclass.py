import torch
from torch import nn
torch.manual_seed(0)
class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99)): super().__init__(params, dict(lr=lr, betas=betas))
    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            for p in g["params"]:
                if p.grad is None: continue
                s = self.state[p]; m = s.setdefault("m", torch.zeros_like(p)); b1, b2 = g["betas"]; p.add_((m * b1 + p.grad * (1 - b1)).sign(), alpha=-g["lr"]); m.mul_(b2).add_(p.grad, alpha=1 - b2)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3)); opt = Lion(net.parameters(), lr=2e-3); X = torch.randn(300, 6); Y = X[:, :3].argmax(1)
for e in range(8):
    for i in torch.randperm(300).split(30): opt.zero_grad(); loss = nn.functional.cross_entropy(net(X[i]), Y[i]); loss.backward(); opt.step()
