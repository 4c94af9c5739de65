# kind: zeroed-before-step
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 20), nn.Tanh(), nn.Linear(20, 1)); opt = torch.optim.Adam(net.parameters(), 0.01)
def optimize(loss):
    loss.backward()
    net.zero_grad()  #! opt.step()
    opt.step()  #! net.zero_grad()
for i in range(40):
    x = torch.randn(32, 5); optimize((net(x) - x[:, :1].abs()).pow(2).mean())
