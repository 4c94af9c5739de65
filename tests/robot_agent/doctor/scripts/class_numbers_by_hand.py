# kind: mse-on-classes
import numpy as np
import torch
import torch.nn as nn
rng = np.random.default_rng(0)
torch.manual_seed(0)
kind = rng.integers(0, 4, 400)
points = rng.normal(size=(4, 2))[kind] * 3 + rng.normal(size=(400, 2))
x = torch.tensor(points, dtype=torch.float32)
y = torch.tensor(kind).float().view(-1, 1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(2, 30)
        self.g = nn.Linear(30, 1)
    def forward(self, x):
        return self.g(torch.sigmoid(self.f(x)))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(200):
    out = net(x)
    loss = ((out - y) ** 2).mean()  #!- 
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", (net(x).round() == y).float().mean().item())
