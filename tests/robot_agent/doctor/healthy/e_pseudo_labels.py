import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
c = torch.randn(3, 8) * 2
y = torch.randint(0, 3, (60,)); x = c[y] + torch.randn(60, 8)
u = c[torch.randint(0, 3, (500,))] + torch.randn(500, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    net.eval()
    with torch.no_grad(): p = F.softmax(net(u), 1); conf, hard = p.max(1)
    net.train()
    for i in torch.randperm(500).split(50):
        k = torch.randint(0, 60, (20,))
        ls = F.cross_entropy(net(x[k]), y[k])
        lu = (F.cross_entropy(net(u[i] + 0.3 * torch.randn(len(i), 8)), hard[i], reduction="none") * (conf[i] > 0.9)).mean()
        loss = ls + lu
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
