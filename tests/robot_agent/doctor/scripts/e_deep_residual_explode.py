# forty residual blocks that double the signal each; kind: exploding
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.f = nn.Linear(d, d)
        nn.init.normal_(self.f.weight, std=0.35)  #! nn.init.normal_(self.f.weight, std=0.02)

    def forward(self, x):
        return x + torch.relu(self.f(x))  #+


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), *[Block(32) for _ in range(30)], nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=1e-3)
x = torch.randn(200, 6)
y = x[:, :1] * x[:, 1:2]
for step in range(60):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
print(loss.item())
