# rate-too-low
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

SCALE = 1024.0
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
x = torch.randn(500, 6)
y = x[:, :3].argmax(1)
for epoch in range(15):
    for i in torch.randperm(500).split(50):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        optimizer.zero_grad()
        (loss * SCALE).backward()
        clip_grad_norm_(net.parameters(), 0.5)  #! clip_grad_norm_(net.parameters(), 0.5 * SCALE)
        for p in net.parameters():
            p.grad.div_(SCALE)
        optimizer.step()
    print(epoch, loss.item())
