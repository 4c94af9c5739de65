# kind: exploding
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
for m in net:
    if isinstance(m, nn.Linear):
        m.weight.data.normal_(0, 2.0)  #! m.weight.data.normal_(0, 0.15)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(200, 20)
y = x[:, :1]
for i in range(60):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
print("score", 1 - loss.item())
