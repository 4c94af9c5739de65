import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 32)), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(200, 4); y = x[:, :1] - x[:, 1:2]
for i in range(120):
    l = nn.functional.huber_loss(net(x), y); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
