# all first weights are drawn below 0, and the inputs are positive: dead from the start; kind: dead-relu
import torch
import torch.nn as nn


def init(m):
    if isinstance(m, nn.Linear):
        nn.init.uniform_(m.weight, -0.5, 0.0)  #! nn.init.uniform_(m.weight, -0.3, 0.3)
        nn.init.constant_(m.bias, -0.1)  #! nn.init.constant_(m.bias, 0.0)


torch.manual_seed(0)
x = torch.rand(300, 8)
y = (x[:, :1] - x[:, 1:2]) * 2
net = nn.Sequential(
    nn.Linear(8, 32),
    nn.ReLU(),  #+
    nn.Linear(32, 32),
    nn.ReLU(),  #+
    nn.Linear(32, 1),
)
net.apply(init)  #+
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for e in range(100):
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
print(loss.item())
