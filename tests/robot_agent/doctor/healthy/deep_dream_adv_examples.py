import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(300, 10); Y = (X[:, 0] > 0).long(); net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
def pgd(x, y):
    d = torch.zeros_like(x, requires_grad=True)
    for _ in range(3):
        nn.functional.cross_entropy(net(x + d), y).backward()
        d.data = (d + 0.05 * d.grad.sign()).clamp(-0.1, 0.1); d.grad.zero_()
    return d.detach()
for e in range(6):
    for i in range(0, 300, 50):
        x, y = X[i:i+50], Y[i:i+50]; d = pgd(x, y); loss = nn.functional.cross_entropy(net(x + d), y); opt.zero_grad(); loss.backward(); opt.step()
