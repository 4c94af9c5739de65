# zero_grad without brackets; kind: not-zeroed
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 1e-3)
x = torch.randn(200, 5); y = x[:, :1] * x[:, 1:2]
for e in range(80):
    opt.zero_grad  #! opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()  #+
    opt.step()  #+
