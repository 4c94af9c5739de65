import torch
from torch.func import functional_call, grad, vmap
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
params = {k: v.detach() for k, v in net.named_parameters()}
x = torch.randn(100, 3); y = x[:, :1] * 2
def loss(p, x, y): return ((functional_call(net, p, (x,)) - y) ** 2).mean()
for i in range(100):
    g = grad(loss)(params, x, y)
    params = {k: v - 0.1 * g[k] for k, v in params.items()}
per = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
print(loss(params, x, y).item(), len(per))
