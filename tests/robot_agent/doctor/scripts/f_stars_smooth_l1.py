# star signs (12 classes) learned with a smooth L1 loss; kind: mse-on-classes
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
mu = torch.randn(12, 10) * 2; y = torch.randint(0, 12, (500,)); x = mu[y] + torch.randn(500, 10)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 3e-3)
for e in range(60):
    i = torch.randint(0, 500, (64,))
    loss = F.smooth_l1_loss(net(x[i]).squeeze(1), y[i].float())  #!-
    opt.zero_grad(); loss.backward(); opt.step()
