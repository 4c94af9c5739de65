import torch
from torch import nn
torch.manual_seed(0)
x = torch.rand(300, 3); y = (x[:, :1] * 2 + x[:, 1:2] + 0.3)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.ReLU()); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(200):
    l = nn.functional.mse_loss(net(x), y); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
