import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=1e-3)
crit = nn.TripletMarginLoss(margin=1.0); c = torch.randn(4, 6) * 2
for i in range(80):
    k = torch.randint(0, 4, (32,)); o = (k + torch.randint(1, 4, (32,))) % 4
    loss = crit(net(c[k] + torch.randn(32, 6)), net(c[k] + torch.randn(32, 6)), net(c[o] + torch.randn(32, 6)))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
