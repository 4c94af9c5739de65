# kind: made-anew
import torch
from torch import nn
torch.manual_seed(0)
t = torch.randint(0, 4, (400,))
x = torch.randn(4, 8)[t] + 0.7 * torch.randn(400, 8)
def build():
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))  #+
net = build()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(15):
    net = build()  #!-
    opt = torch.optim.SGD(net.parameters(), lr=0.05)  #!-
    for i in range(0, 400, 80):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i:i + 80]), t[i:i + 80])
        loss.backward()
        opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
