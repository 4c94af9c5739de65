# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 10)
y = x[:, :1] - x[:, 1:2]
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=5.0)  #! optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(100):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()  #+
print("score", 1 - loss.item() / 2)
