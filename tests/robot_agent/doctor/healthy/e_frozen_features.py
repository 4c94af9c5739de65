import torch
from torch import nn
torch.manual_seed(0)
backbone = nn.Sequential(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(3), nn.Flatten())
backbone.requires_grad_(False).eval()
y = torch.randint(0, 3, (300,))
x = torch.randn(300, 1, 10, 10) * 0.5 + torch.randn(3, 1, 10, 10)[y]
head = nn.Linear(144, 3)
opt = torch.optim.Adam(head.parameters(), lr=1e-2)
@torch.no_grad()
def features(b): return backbone(b)
for epoch in range(10):
    for i in torch.randperm(300).split(50):
        loss = nn.functional.cross_entropy(head(features(x[i])), y[i])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
