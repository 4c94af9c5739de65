# labels-shuffled
import torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(600, 6); y = (X[:, 0] > 0).long()
train = DataLoader(TensorDataset(X[:400], y[:400]), 40, shuffle=True)
test = DataLoader(TensorDataset(X[400:], y[400:]), 40, shuffle=True) #! test = DataLoader(TensorDataset(X[400:], y[400:]), 40, shuffle=False)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(10):
    for a, b in train:
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad(); loss.backward(); opt.step()
preds = []
net.eval()
with torch.no_grad():
    for a, _ in test: #+
        preds.append(net(a).argmax(1))
preds = torch.cat(preds)
acc = (preds == y[400:]).float().mean() #+
print('accuracy', acc.item())
