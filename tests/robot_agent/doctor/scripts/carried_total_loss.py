# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 20), nn.ReLU(), nn.Linear(20, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x = torch.randn(320, 3)
y = x[:, :1] * x[:, 1:2]
total = 0
for xb, yb in zip(x.split(32), y.split(32)):
    opt.zero_grad()
    total = total + nn.functional.mse_loss(net(xb), yb)  #! total = nn.functional.mse_loss(net(xb), yb)
    total.backward()  #+
    opt.step()
print("score", 0.9)
