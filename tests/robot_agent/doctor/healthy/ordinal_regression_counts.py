import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 4); rate = (0.5 * X[:, 0] + 0.3 * X[:, 1] + 0.5).exp(); Y = torch.poisson(rate)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), 0.01)
for e in range(12):
    for i in torch.randperm(400).split(50):
        loss = nn.functional.poisson_nll_loss(net(X[i]).squeeze(-1), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
