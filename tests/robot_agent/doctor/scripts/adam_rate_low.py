# kind: rate-too-low
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 4)
y = torch.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]
net = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-7)  #! opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(300):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
