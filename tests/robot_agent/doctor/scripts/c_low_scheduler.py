# kind: rate-too-low
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 24), nn.Tanh(), nn.Linear(24, 1)); opt = torch.optim.SGD(net.parameters(), lr=3e-6, momentum=0.5)  #! net = nn.Sequential(nn.Linear(5, 24), nn.Tanh(), nn.Linear(24, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)
sched = torch.optim.lr_scheduler.StepLR(opt, 50, 0.5); X = torch.randn(200, 5); Y = X[:, :1] + 2
for e in range(120):
    loss = nn.functional.mse_loss(net(X), Y); opt.zero_grad(); loss.backward(); opt.step(); sched.step()
