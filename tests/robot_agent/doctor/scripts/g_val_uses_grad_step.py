# optimizer steps on wrong loss; kind: no-step
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 6); y = x[:, :1].sin(); xv = torch.randn(100, 6); yv = xv[:, :1].sin()
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward()
    if i % 50 == 49: opt.step()  #! opt.step()
