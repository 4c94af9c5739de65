import torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(600, 6); y = (X[:, 0] > 0).long()
train = DataLoader(TensorDataset(X[:400], y[:400]), 40, shuffle=True)
test = DataLoader(TensorDataset(X[400:], y[400:]), 40, shuffle=True)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(5):
    for a, b in train:
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad(); loss.backward(); opt.step()
preds, labels = [], []
net.eval()
with torch.no_grad():
    for batch in test:
        a, b = batch
        preds.append(net(a).argmax(1)); labels.append(b)
    feats = []
    for a, _ in train:
        feats.append(net(a))
preds, labels = torch.cat(preds), torch.cat(labels)
print((preds == labels).float().mean(), torch.cat(feats).mean(), np.argmax(net(X[0]).detach().numpy(), axis=0))
y_true = labels.numpy(); y_pred = preds.numpy()
print((y_true == y_pred).mean())
