import torch
from torch import nn
torch.manual_seed(0)
class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05, **kw):
        super().__init__(params, dict(rho=rho, **kw))
        self.base = base(self.param_groups, **kw)
        self.param_groups = self.base.param_groups
    @torch.no_grad()
    def first_step(self):
        n = torch.stack([p.grad.norm() for g in self.param_groups for p in g["params"]]).norm()
        for g in self.param_groups:
            for p in g["params"]:
                e = p.grad * g["rho"] / (n + 1e-12)
                p.add_(e); self.state[p]["e"] = e
        self.zero_grad()
    @torch.no_grad()
    def second_step(self):
        for g in self.param_groups:
            for p in g["params"]: p.sub_(self.state[p]["e"])
        self.base.step(); self.zero_grad()
x = torch.randn(256, 6); y = (x[:, 0] * x[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = SAM(net.parameters(), torch.optim.SGD, lr=0.1, momentum=0.9)
for e in range(20):
    for i in torch.randperm(256).split(32):
        nn.functional.cross_entropy(net(x[i]), y[i]).backward(); opt.first_step()
        loss = nn.functional.cross_entropy(net(x[i]), y[i]); loss.backward(); opt.second_step()
print(loss.item())
