# kind: weights-rebound
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
x = torch.randn(200, 2)
y = x[:, :1] * x[:, 1:]
for epoch in range(300):
    loss = ((net(x) - y) ** 2).mean()
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p = p - 0.3 * p.grad  #! p -= 0.3 * p.grad
print("score", 1 - loss.item() / y.var().item())
