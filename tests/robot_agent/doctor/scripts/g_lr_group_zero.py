# a group has lr 0; kind: rate-too-low
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 10); y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam([{'params': net[0].parameters(), 'lr': 0.0}, {'params': net[2].parameters(), 'lr': 0.0}], lr=0.01)  #! opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
