import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 5); Y = 0.2 * X[:, :1] + torch.randn(400, 1)
net = nn.Linear(5, 1); opt = torch.optim.SGD(net.parameters(), lr=0.05)
for e in range(12):
    for i in torch.randperm(400).split(50): loss = ((net(X[i]) - Y[i]) ** 2).mean(); opt.zero_grad(); loss.backward(); opt.step()
