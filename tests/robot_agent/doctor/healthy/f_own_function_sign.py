import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): ctx.save_for_backward(x); return x.sign()
    @staticmethod
    def backward(ctx, g): x, = ctx.saved_tensors; return g * (x.abs() <= 1)
net = nn.Linear(8, 32); out = nn.Linear(32, 2); opt = torch.optim.Adam([*net.parameters(), *out.parameters()], 1e-2)
x = torch.randn(300, 8); y = (x[:, 0] + x[:, 1] > 0).long()
for e in range(60):
    loss = F.cross_entropy(out(Sign.apply(net(x))), y); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
