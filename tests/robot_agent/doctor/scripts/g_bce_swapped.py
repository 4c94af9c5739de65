# arguments of BCE are exchanged; kind: arguments-swapped
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); y = (x[:, :1] > 0).float()
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 1), nn.Sigmoid()); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(100):
    loss = nn.BCELoss()(y, net(x))  #! loss = nn.BCELoss()(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
