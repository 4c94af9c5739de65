# kind: batch-of-one
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.01)
X = torch.randn(50, 3); Y = X.sum(1)
for e in range(3):
    for x, y in zip(X, Y):
        out = net(x.unsqueeze(0))  #+
        loss = (out.squeeze() - y) ** 2; opt.zero_grad(); loss.backward(); opt.step()
