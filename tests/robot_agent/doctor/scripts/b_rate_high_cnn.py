# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 3))
opt = torch.optim.SGD(net.parameters(), lr=20)  #! opt = torch.optim.SGD(net.parameters(), lr=0.1)
Y = torch.randint(0, 3, (150,)); X = torch.randn(150, 1, 8, 8) * 0.3
for i in range(150): X[i, 0, 2 * int(Y[i]):2 * int(Y[i]) + 2] += 1
for e in range(10):
    for i in torch.randperm(150).split(15):
        loss = nn.functional.cross_entropy(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
