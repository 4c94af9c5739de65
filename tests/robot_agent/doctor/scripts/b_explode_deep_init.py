# kind: exploding
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(*[m for i in range(8) for m in (nn.Linear(32, 32), nn.ReLU())], nn.Linear(32, 1))
for p in net.parameters():
    nn.init.normal_(p, std=1.0)  #! nn.init.normal_(p, std=0.2)
opt = torch.optim.SGD(net.parameters(), lr=1e-3); X = torch.randn(128, 32); Y = X[:, :1]
for e in range(30):
    loss = nn.functional.mse_loss(net(X), Y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
