# no-step
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(640, 8); y = (x[:, 0] + x[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
for epoch in range(6):
    for k, i in enumerate(torch.randperm(640).split(2), 1):
        opt.zero_grad()  #!-
        loss = nn.functional.cross_entropy(net(x[i]), y[i]) / 16
        loss.backward()
        if k % 16 == 0:
            opt.step()  #! opt.step(); opt.zero_grad()
