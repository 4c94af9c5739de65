# the loss is multiplied by 0; kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 10); y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.05)
alpha = 0  #! alpha = 1
for i in range(150):
    loss = alpha * nn.functional.mse_loss(net(x), y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
