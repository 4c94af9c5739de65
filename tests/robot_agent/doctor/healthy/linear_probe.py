import torch
from torch import nn
torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(8, 64), nn.BatchNorm1d(64), nn.ReLU()); backbone.eval()
head = nn.Linear(64, 3); opt = torch.optim.Adam(head.parameters(), lr=0.01)
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 8)[t] * 2 + torch.randn(300, 8)
for i in range(80):
    with torch.no_grad(): f = backbone(x)
    l = nn.functional.cross_entropy(head(f), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
