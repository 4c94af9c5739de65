# softmax-dim
import numpy as np, torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(300, 6); y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(60):
    loss = nn.functional.cross_entropy(net(X), y)
    opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    out = net(X[:100]).numpy()
pred = np.argmax(out, axis=0) #! pred = np.argmax(out, axis=1)
print('accuracy', np.mean(np.isin(pred, y[:100].numpy()[:len(pred)])))
