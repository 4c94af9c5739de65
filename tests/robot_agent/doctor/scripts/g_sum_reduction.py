# reduction='sum'; kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.05)  #+
crit = nn.MSELoss(reduction='sum')  #! crit = nn.MSELoss()
for i in range(100):
    loss = crit(net(x), y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
