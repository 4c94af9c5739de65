import torch
from torch import nn
torch.manual_seed(0)
body = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()); head = nn.Linear(32, 2)
for p in body.parameters(): p.requires_grad = False
body.eval(); X = torch.randn(200, 1, 8, 8); Y = (X[:, 0, :4].mean((1, 2)) > 0).long(); opt = torch.optim.Adam(head.parameters(), 0.02)
for e in range(8):
    for i in torch.randperm(200).split(20): loss = nn.functional.cross_entropy(head(body(X[i])), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
