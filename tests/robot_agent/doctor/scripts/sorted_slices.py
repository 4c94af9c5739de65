# kind: not-shuffled
import torch
from torch import nn
torch.manual_seed(0)
t = torch.arange(6).repeat_interleave(100)
x = torch.randn(6, 8)[t] + 0.5 * torch.randn(600, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 6))
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for epoch in range(10):
    order = torch.arange(600)  #! order = torch.randperm(600)
    for i in range(0, 600, 50):  #+
        xb = x[order[i:i + 50]]  #+
        yb = t[order[i:i + 50]]  #+
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
