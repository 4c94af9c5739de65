# kind: not-zeroed
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(600, 4)
y = torch.sin(3 * x[:, :1]) + x[:, 1:2]
net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
opt.zero_grad()  #+
for epoch in range(10):
    for i in range(0, 600, 30):
        loss = nn.functional.mse_loss(net(x[i:i + 30]), y[i:i + 30])
        loss.backward()  #+
        opt.step()  #!+ opt.zero_grad()
print("score", 1 - loss.item() / y.var().item())
