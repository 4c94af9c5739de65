import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
def tversky(p, t, a=0.3, b=0.7):
    tp = (p * t).sum(); fp = (p * (1 - t)).sum(); fn = ((1 - p) * t).sum()
    return 1 - tp / (tp + a * fp + b * fn + 1e-6)
for i in range(200):
    x = torch.randn(64, 5); t = (x[:, :1] + x[:, 1:2] > 0).float()
    l = tversky(torch.sigmoid(net(x)), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
