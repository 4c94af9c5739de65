import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(300, 10); y = (x[:, 0] + x[:, 1] > 0).long()
def fit(n, masks=None):
    for e in range(n):
        for i in torch.randperm(300).split(50):
            opt.zero_grad(); loss = nn.functional.cross_entropy(net(x[i]), y[i]); loss.backward(); opt.step()
            if masks:
                with torch.no_grad():
                    for p, m in masks.items(): p.mul_(m)
    return loss.item()
fit(8)
masks = {}
for p in net.parameters():
    if p.dim() > 1: masks[p] = (p.abs() > p.abs().flatten().kthvalue(int(0.7 * p.numel())).values).float()
with torch.no_grad():
    for p, m in masks.items(): p.mul_(m)
print(fit(8, masks))
