# the loop's batch is not used, but the whole X; kind: labels-shuffled
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader
torch.manual_seed(0)
X = torch.randn(64 * 10, 10); y = (X[:, 0] > X[:, 1]).long()
loader = DataLoader(TensorDataset(X, y), 64, shuffle=True)
x, t = next(iter(loader))
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.003); crit = nn.CrossEntropyLoss()
for epoch in range(10):
    for xb, yb in loader:
        opt.zero_grad()
        out = net(x) #! out = net(xb)
        loss = crit(out, yb) #+
        loss.backward(); opt.step()
    print(epoch, loss.item())
