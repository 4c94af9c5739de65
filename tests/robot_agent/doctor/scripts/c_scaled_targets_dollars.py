# kind: not-scaled
import torch
from torch import nn
torch.manual_seed(0)
X = torch.rand(300, 4); Y = 200000 + 300000 * X[:, :1] - 50000 * X[:, 1:2]  #+
net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 1e-3)
for e in range(80):
    out = net(X)  #+
    loss = nn.functional.l1_loss(out, Y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
