import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
e, d = nn.Linear(6, 8), nn.Linear(8, 6); opt = torch.optim.Adam([*e.parameters(), *d.parameters()], lr=0.01)
t = torch.randint(0, 6, (200,)); x = F.one_hot(t, 6).float()
for i in range(150):
    z = F.gumbel_softmax(e(x), tau=1.0, hard=True); l = F.cross_entropy(d(z), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
