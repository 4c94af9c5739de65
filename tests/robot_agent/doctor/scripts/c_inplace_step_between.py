# kind: in-place
import torch
from torch import nn
torch.manual_seed(0)
a = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 3)); c = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
oa, oc = torch.optim.Adam(a.parameters(), 1e-2), torch.optim.Adam(c.parameters(), 1e-2)
for i in range(20):
    x = torch.randn(16, 3); v = c(a(x))
    lc = (v - x[:, :1]).pow(2).mean(); la = -v.mean()
    oc.zero_grad(); lc.backward(retain_graph=True); oc.step()  #+
    oa.zero_grad(); la.backward(); oa.step()  #+
