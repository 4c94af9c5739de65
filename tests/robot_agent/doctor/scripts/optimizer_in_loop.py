# kind: made-anew
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 6)
y = (x[:, :1] * x[:, 1:2])
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
for epoch in range(300):
    opt = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.99)  #!-
    loss = nn.functional.mse_loss(net(x), y)
    if epoch == 0: opt = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)  #! if epoch == 0: opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
