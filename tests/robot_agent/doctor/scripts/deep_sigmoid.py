# kind: vanishing-gradient
import torch
from torch import nn
torch.manual_seed(0)
layers = [nn.Linear(2, 24), nn.Sigmoid()]  #! layers = [nn.Linear(2, 24), nn.ReLU()]
for _ in range(8):
    layers += [nn.Linear(24, 24), nn.Sigmoid()]  #! layers += [nn.Linear(24, 24), nn.ReLU()]
net = nn.Sequential(*layers, nn.Linear(24, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(400, 2)
t = (x[:, 0] * x[:, 1] > 0).long()
for i in range(300):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), t)  #+
    loss.backward()
    opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
