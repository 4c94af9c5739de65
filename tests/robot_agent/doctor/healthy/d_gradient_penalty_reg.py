import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(300, 5); Y = (X[:, 0] > 0).long(); net = nn.Sequential(nn.Linear(5, 32), nn.Softplus(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 5e-3)
for e in range(8):
    for i in torch.randperm(300).split(30):
        x = X[i].clone().requires_grad_(True); out = net(x); ce = nn.functional.cross_entropy(out, Y[i]); g, = torch.autograd.grad(ce, x, create_graph=True)
        loss = ce + 0.1 * g.pow(2).sum(1).mean(); opt.zero_grad(); loss.backward(); opt.step()
