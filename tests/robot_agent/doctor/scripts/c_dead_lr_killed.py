# kind: dead-relu
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
with torch.no_grad():
    net[0].weight.copy_(-net[0].weight.abs() * 5)  #! net[0].weight.mul_(1.0)
    net[0].bias.fill_(-1.0)  #! net[0].bias.fill_(0.0)
opt = torch.optim.Adam(net.parameters(), 1e-3); X = torch.rand(200, 8); Y = (X.sum(1, keepdim=True) - 4)
for e in range(60):
    loss = nn.functional.mse_loss(net(X), Y); opt.zero_grad(); loss.backward(); opt.step()
