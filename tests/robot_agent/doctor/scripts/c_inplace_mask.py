# kind: in-place
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 5), nn.Softplus()); opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(20):
    x = torch.randn(12, 5)
    s = torch.sqrt(net(x) + 0.1)
    s[x < 0] = 0.0  #! s = s * (x >= 0)
    loss = (s - x.abs()).pow(2).mean(); opt.zero_grad(); loss.backward(); opt.step()
