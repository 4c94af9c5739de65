# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), lr=0.05)
epoch_loss = 0
for i in range(30):
    x = torch.randn(16, 4); loss = (net(x) - x[:, :1]).abs().mean()
    epoch_loss = epoch_loss + loss  #! epoch_loss = loss
    opt.zero_grad(); epoch_loss.backward(); opt.step()  #+
