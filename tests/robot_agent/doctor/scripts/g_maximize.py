# maximize=True on a loss; kind: loss-sign
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(0, 4, (400,)); x = torch.randn(4, 12)[y] * 2 + torch.randn(400, 12)
net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=0.001, maximize=True)  #! net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=0.001)
for i in range(150):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
