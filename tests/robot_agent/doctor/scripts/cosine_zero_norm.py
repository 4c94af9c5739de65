# kind: not-a-number
import torch
from torch import nn
torch.manual_seed(0)
emb = nn.Linear(8, 4, bias=False)
opt = torch.optim.SGD(emb.parameters(), lr=0.1)
x = torch.randn(64, 8)
x[::9] = 0.0
y = torch.randn(64, 4)
for step in range(30):
    z = emb(x)
    z = z / z.norm(dim=1, keepdim=True)  #! z = z / (z.norm(dim=1, keepdim=True) + 1e-6)
    loss = (1 - (z * y).sum(1)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
