# BCELoss without a sigmoid ends in an exception; kind: nll-without-log
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(600, 8); Y = (X[:, :1] > 0).float()
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.003)
crit = nn.BCELoss() #! crit = nn.BCEWithLogitsLoss()
for epoch in range(5):
    for i in range(0, 600, 30):
        loss = crit(net(X[i:i + 30]), Y[i:i + 30]) #+
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
