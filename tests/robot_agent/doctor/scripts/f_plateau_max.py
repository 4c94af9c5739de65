# ReduceLROnPlateau in mode max is given the loss; kind: rate-too-low
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.02)  #+
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.1, patience=0)  #! sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="min", factor=0.5, patience=5)
x = torch.randn(300, 6); y = x[:, :1].sin() + x[:, 1:2] * x[:, 2:3]
for e in range(40):
    total = 0.0
    for i in torch.randperm(300).split(60):
        loss = F.mse_loss(net(x[i]), y[i]); opt.zero_grad(); loss.backward(); opt.step(); total += loss.item()
    sched.step(total)  #+
