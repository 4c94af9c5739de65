import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); Y = (X[:, 0] + X[:, 1] > 0.8).float(); net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 1)); opt = torch.optim.Adam(net.parameters(), 5e-3); W = torch.where(Y > 0, 3.0, 1.0)
for e in range(10):
    for i in torch.randperm(400).split(40):
        z = net(X[i]).squeeze(1); p = torch.sigmoid(z); pt = torch.where(Y[i] > 0, p, 1 - p); loss = (W[i] * (1 - pt) ** 2 * -torch.log(pt + 1e-8)).mean(); opt.zero_grad(); loss.backward(); opt.step()
