import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(600, 5); y = (x[:, 0] > 1.6).float(); print(y.mean())
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(10.0))
for ep in range(10):
    for i in torch.randperm(600).split(30):
        l = crit(net(x[i]).squeeze(1), y[i]); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
