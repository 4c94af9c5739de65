# ignore_index is a class; kind: labels-constant
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); y = (x[:, 0] > 0).long()
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
crit = nn.CrossEntropyLoss(ignore_index=0)  #! crit = nn.CrossEntropyLoss()
for i in range(100):
    loss = crit(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print((net(x).argmax(1) == y).float().mean())
