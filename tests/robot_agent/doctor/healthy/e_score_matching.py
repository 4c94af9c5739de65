import torch
from torch import nn
torch.manual_seed(0)
score = nn.Sequential(nn.Linear(2, 64), nn.Softplus(), nn.Linear(64, 2))
opt = torch.optim.Adam(score.parameters(), lr=3e-3)
for it in range(100):
    x = torch.randn(64, 2) * 0.5 + torch.tensor([1.0, -1.0])
    x.requires_grad_(True)
    s = score(x)
    v = torch.randn_like(x)
    vs = (v * s).sum()
    g = torch.autograd.grad(vs, x, create_graph=True)[0]
    loss = ((v * g).sum(1) + 0.5 * (s ** 2).sum(1)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
