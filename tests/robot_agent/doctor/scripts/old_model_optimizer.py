# kind: not-in-optimizer
import copy
import torch
from torch import nn
torch.manual_seed(0)
template = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(template.parameters(), lr=0.01)  #!-
net = copy.deepcopy(template)  #!+ optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
t = torch.randint(0, 3, (300,))
x = torch.randn(3, 6)[t] * 2 + torch.randn(300, 6)
for epoch in range(100):
    optimizer.zero_grad()
    net.zero_grad()
    loss = nn.functional.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
