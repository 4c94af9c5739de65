# a far too low rate, by which some answers are right though the loss stays; kind: rate-too-low
import torch
from torch import nn
torch.manual_seed(1)
X = torch.rand(64, 7); y = (X[:, 0] + X[:, 1] > 1).long()
net = nn.Sequential(nn.Linear(7, 60), nn.ReLU(), nn.Linear(60, 30), nn.ReLU(), nn.Linear(30, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.0001)  #! opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(60):
    for b in torch.randperm(64).split(8):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
