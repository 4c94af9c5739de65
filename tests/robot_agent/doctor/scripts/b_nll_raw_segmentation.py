# kind: nll-without-log
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1)); opt = torch.optim.Adam(net.parameters(), 5e-3)
X = torch.randn(40, 1, 8, 8); Y = (X[:, 0] > 0.5).long() + (X[:, 0] < -0.5).long() * 2
crit = nn.NLLLoss()  #! crit = nn.CrossEntropyLoss()
for e in range(10):
    for i in range(0, 40, 10):
        loss = crit(net(X[i:i+10]), Y[i:i+10])  #+
        opt.zero_grad(); loss.backward(); opt.step()
