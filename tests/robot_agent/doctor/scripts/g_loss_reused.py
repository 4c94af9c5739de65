# backward twice on the same loss; kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 1)); opt = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(300, 4); y = (x[:, :1] * 2).sin()
out = net(x)  #+
for i in range(50):
    loss = nn.functional.mse_loss(out, y)  #! out = net(x); loss = nn.functional.mse_loss(out, y)
    opt.zero_grad(); loss.backward(); opt.step()  #+
