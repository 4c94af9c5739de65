# kind: symmetric
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 16, 3))
nn.init.constant_(net[0].weight, 0.1)  #!-
nn.init.zeros_(net[0].bias)  #!-
nn.init.constant_(net[3].weight, 0.01)  #!-
opt = torch.optim.SGD(net.parameters(), lr=0.1); Y = torch.randint(0, 3, (120,)); X = torch.randn(120, 1, 6, 6) * 0.3
for i in range(120): X[i, 0, 2 * int(Y[i]):2 * int(Y[i]) + 2] += 1
for e in range(30):
    loss = nn.functional.cross_entropy(net(X), Y); opt.zero_grad(); loss.backward(); opt.step()
