# pos_weight = positives / negatives, should be the inverse; kind: imbalanced
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(1000, 6); y = ((X[:, 0] + 0.3 * torch.randn(1000)) > 1.4).float()
pos = y.sum(); neg = len(y) - pos
crit = nn.BCEWithLogitsLoss(pos_weight=pos / neg) #! crit = nn.BCEWithLogitsLoss(pos_weight=neg / pos)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    p = torch.randperm(1000)
    for i in range(0, 1000, 50):
        b = p[i:i + 50]
        loss = crit(net(X[b]).squeeze(1), y[b]); opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item(), (net(X) > 0).float().mean().item())
