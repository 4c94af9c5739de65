# minus in front of the loss; kind: loss-sign
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 6); y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(150):
    loss = -((net(x) - y) ** 2).mean()  #! loss = ((net(x) - y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
