# kind: relu-output
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 3), nn.ReLU())  #! net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 3))
X = torch.randn(300, 5); Y = X[:, :3].argmax(1)
X = X - 0.2
opt = torch.optim.SGD(net.parameters(), lr=0.5)
T = torch.eye(3)[Y] * 2 - 1
for e in range(40):
    loss = ((net(X) - T) ** 2).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
