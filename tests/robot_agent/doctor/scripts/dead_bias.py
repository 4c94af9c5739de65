# kind: dead-relu
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))  #+
for layer in net:
    if isinstance(layer, nn.Linear):
        nn.init.constant_(layer.bias, -8.0)  #! nn.init.constant_(layer.bias, 0.0)
opt = torch.optim.Adam(net.parameters(), lr=0.005)
x = torch.randn(300, 4)
y = x[:, :1] ** 2
for i in range(200):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
