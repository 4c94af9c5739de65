# the target has a gradient; kind: not-detached
import torch
from torch import nn
torch.manual_seed(0)
q = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(q.parameters(), lr=0.005)
for i in range(200):
    s = torch.randn(64, 4); a = torch.randint(0, 2, (64, 1)); r = (a[:, 0] == (s[:, 0] > 0).long()).float(); s2 = s + 0.1 * torch.randn(64, 4)
    target = r + 0.9 * q(s2).max(1).values  #! target = r + 0.9 * q(s2).max(1).values.detach()
    loss = nn.functional.mse_loss(q(s).gather(1, a).squeeze(1), target)
    opt.zero_grad(); loss.backward(); opt.step()
