import torch
from torch import nn
torch.manual_seed(0)
class CA(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 24, 3, padding=1), nn.Conv2d(24, 4, 1, bias=False)
        nn.init.zeros_(self.b.weight)
    def forward(self, x): return x + self.b(torch.relu(self.a(x))) * (torch.rand(len(x), 1, 8, 8) < 0.7).float()
ca = CA(); opt = torch.optim.Adam(ca.parameters(), 3e-3)
target = torch.zeros(1, 8, 8); target[0, 2:6, 2:6] = 1
seed = torch.zeros(1, 4, 8, 8); seed[:, :, 4, 4] = 1
pool = seed.repeat(16, 1, 1, 1)
for it in range(60):
    i = torch.randperm(16)[:4]
    x = pool[i].clone(); x[:1] = seed
    for _ in range(6): x = ca(x)
    loss = (x[:, :1] - target).pow(2).mean()
    opt.zero_grad(); loss.backward()
    for p in ca.parameters(): p.grad /= p.grad.norm() + 1e-8
    opt.step(); pool[i] = x.detach()
print(loss.item())
