import torch
from torch import nn
class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        g = g.clone()
        g[x < 0] = 0
        return g
class GradReverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)
    @staticmethod
    def backward(ctx, g): return -ctx.lam * g, None
torch.manual_seed(0)
feat, cls, dom = nn.Linear(6, 24), nn.Linear(24, 2), nn.Linear(24, 2)
opt = torch.optim.Adam([*feat.parameters(), *cls.parameters(), *dom.parameters()], lr=1e-2)
for step in range(120):
    d = torch.randint(0, 2, (64,))
    x = torch.randn(64, 6); y = (x[:, 0] > 0).long(); x[:, 5] += 2 * d
    h = MyReLU.apply(feat(x))
    loss = nn.functional.cross_entropy(cls(h), y) + nn.functional.cross_entropy(dom(GradReverse.apply(h, 0.3)), d)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
