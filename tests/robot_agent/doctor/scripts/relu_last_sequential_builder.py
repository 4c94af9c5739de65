# kind: relu-output
import torch
from torch import nn
torch.manual_seed(0)
def mlp(sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers.append(nn.Linear(a, b))
        layers.append(nn.ReLU())  #+
    return nn.Sequential(*layers)  #! return nn.Sequential(*layers[:-1])
net = mlp([3, 64, 64, 2])
x = torch.randn(500, 3)
y = torch.stack([x[:, 0] - x[:, 1], x[:, 2] * x[:, 1]], 1)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(25):
    for i in torch.randperm(500).split(50):
        pred = net(x[i])  #+
        loss = nn.functional.smooth_l1_loss(pred, y[i])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
