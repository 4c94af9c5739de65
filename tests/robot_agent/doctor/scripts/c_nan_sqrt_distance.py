# kind: not-a-number
import torch
from torch import nn
torch.manual_seed(0)
f = nn.Linear(4, 2, bias=False); opt = torch.optim.Adam(f.parameters(), 0.01)
a = torch.randn(32, 4); b = a.clone(); b[::2] += torch.randn(16, 4); same = (torch.arange(32) % 2).float()
for i in range(30):
    d = ((f(a) - f(b)) ** 2).sum(1).sqrt()  #! d = (((f(a) - f(b)) ** 2).sum(1) + 1e-9).sqrt()
    loss = (same * d + (1 - same) * torch.relu(1 - d)).mean(); opt.zero_grad(); loss.backward(); opt.step()
