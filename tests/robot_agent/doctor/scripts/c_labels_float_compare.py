# kind: labels-constant
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(200, 5); raw = X[:, 0] + X[:, 1]
Y = (raw > 50).float()  #! Y = (raw > 0).float()
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), 0.01); bce = nn.BCEWithLogitsLoss()
for e in range(10):
    for i in torch.randperm(200).split(20): loss = bce(net(X[i]).squeeze(1), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
