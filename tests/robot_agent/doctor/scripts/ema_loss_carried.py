# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 20), nn.SiLU(), nn.Linear(20, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
avg = 0.0
for i in range(50):
    x = torch.randn(32, 4)
    loss = (net(x).squeeze(-1) - x.norm(dim=1)).abs().mean()
    avg = 0.9 * avg + 0.1 * loss  #! avg = 0.1 * loss
    opt.zero_grad()
    avg.backward()  #+
    opt.step()
