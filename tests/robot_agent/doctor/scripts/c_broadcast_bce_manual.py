# kind: broadcast
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), 0.01)
X = torch.randn(128, 3); Y = (X[:, 0] > 0).float()
for e in range(60):
    p = torch.sigmoid(net(X))
    loss = -(Y * torch.log(p + 1e-7) + (1 - Y) * torch.log(1 - p + 1e-7)).mean()  #! loss = -(Y[:, None] * torch.log(p + 1e-7) + (1 - Y[:, None]) * torch.log(1 - p + 1e-7)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
