# kind: labels-shuffled
import torch
from torch import nn
torch.manual_seed(0)
t = torch.randint(0, 4, (800,))
x = torch.randn(4, 10)[t] * 1.5 + torch.randn(800, 10)
x = x[torch.randperm(800)]  #! p = torch.randperm(800); x = x[p]
t = t[torch.randperm(800)]  #! t = t[p]
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(8):
    for i in range(0, 600, 50):
        loss = nn.functional.cross_entropy(net(x[i:i + 50]), t[i:i + 50])
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", (net(x[600:]).argmax(1) == t[600:]).float().mean().item())
