# labels-shuffled
import torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import accuracy_score
torch.manual_seed(0)
X = torch.randn(600, 6); y = (X[:, 0] > 0).long()
Xtr, Xte, ytr, yte = X[:400], X[400:], y[:400], y[400:]
def make_loader(x, y, bs=32):
    return DataLoader(TensorDataset(x, y), batch_size=bs, shuffle=True) #! return DataLoader(TensorDataset(x, y), batch_size=bs, shuffle=x is Xtr)
train, test = make_loader(Xtr, ytr), make_loader(Xte, yte) #+
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
def fit():
    for epoch in range(10):
        for a, b in train:
            loss = nn.functional.cross_entropy(net(a), b)
            opt.zero_grad(); loss.backward(); opt.step()
def predict(model, loader):
    out = []
    model.eval()
    with torch.no_grad():
        for batch in loader: #+
            x = batch[0]
            out.extend(model(x).argmax(dim=1).tolist())
    return out
fit()
y_pred = predict(net, test) #+
print('accuracy', accuracy_score(yte.numpy(), y_pred)) #+
