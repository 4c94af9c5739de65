# kind: no-step
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)); optimizer = torch.optim.Adam(net.parameters(), 0.01)
best = 0.0
for e in range(40):
    x = torch.randn(64, 4); loss = (net(x) - x[:, :1]).pow(2).mean()
    optimizer.zero_grad(); loss.backward()  #+
    if loss.item() < best:  #! if True:
        best = loss.item()
        optimizer.step()  #+
