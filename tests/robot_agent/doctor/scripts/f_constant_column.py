# a constant column is divided by its deviation of 0; kind: not-a-number
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(200, 5); x[:, 3] = 2.0
y = x[:, :1] * 2
x = (x - x.mean(0)) / x.std(0)  #! x = (x - x.mean(0)) / (x.std(0) + 1e-8)
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.SGD(net.parameters(), 1e-2)
for e in range(40):
    loss = F.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
