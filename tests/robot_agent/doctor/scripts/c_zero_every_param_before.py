# kind: zeroed-before-step
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.SGD(net.parameters(), 0.05)
for e in range(40):
    x = torch.randn(64, 4); loss = (net(x) - x[:, :1]).pow(2).mean()
    loss.backward()
    for p in net.parameters():
        p.grad.zero_()  #! p.grad.clamp_(-1, 1)
    opt.step()
    opt.zero_grad()
