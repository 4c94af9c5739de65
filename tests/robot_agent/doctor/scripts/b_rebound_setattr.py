# kind: weights-rebound
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(3, 1)
x = torch.randn(64, 3); y = x @ torch.tensor([[1.0], [-1.0], [0.5]])
params = list(net.parameters())
for i in range(40):
    loss = (net(x) - y).pow(2).mean()
    grads = torch.autograd.grad(loss, params)
    params = [p - 0.1 * g for p, g in zip(params, grads)]  #! for p, g in zip(params, grads): p.data.sub_(0.1 * g)
