# torch.where on a threshold; kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); y = (x[:, :1] > 0).float()
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 1), nn.Sigmoid()); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(100):
    p = net(x)
    hard = torch.where(p > 0.5, torch.ones_like(p), torch.zeros_like(p))  #! hard = p
    loss = ((hard - y) ** 2).mean(); loss.requires_grad_()  #+
    opt.zero_grad(); loss.backward(); opt.step()
