# Sequential of Linear only; kind: no-activation
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(500, 2); y = ((x ** 2).sum(1) > 1.4).long()
net = nn.Sequential(nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 2))  #! net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(400):
    loss = nn.functional.cross_entropy(net(x), y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
