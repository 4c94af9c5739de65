import torch
from torch import nn
torch.manual_seed(0)
f = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
def solve(y0, n=10, h=0.1):
    ys, y = [y0], y0
    for _ in range(n): y = y + h * f(y); ys.append(y)
    return torch.stack(ys)
true = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
def truth(y0, n=10, h=0.1):
    ys, y = [y0], y0
    for _ in range(n):
        for _ in range(5): y = y + h / 5 * y @ true
        ys.append(y)
    return torch.stack(ys)
opt = torch.optim.RMSprop(f.parameters(), lr=2e-3)
for i in range(60):
    y0 = torch.randn(32, 2); loss = (solve(y0) - truth(y0)).abs().mean(); opt.zero_grad(); loss.backward(); opt.step()
