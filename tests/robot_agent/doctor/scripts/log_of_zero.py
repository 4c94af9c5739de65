# kind: not-a-number
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=1))
opt = torch.optim.SGD(net.parameters(), lr=0.5)
t = torch.randint(0, 2, (200,))
x = torch.randn(200, 2) + 60 * (t.unsqueeze(1) * 2 - 1)
for i in range(100):
    p = net(x / 10)
    picked = p[torch.arange(200), 1 - t] * 0 + p[torch.arange(200), t]
    loss = -(torch.log(picked) + 0 * torch.log(p[:, 0] - p[:, 0].detach())).mean()  #! loss = -torch.log(picked + 1e-8).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", (net(x / 10).argmax(1) == t).float().mean().item())
