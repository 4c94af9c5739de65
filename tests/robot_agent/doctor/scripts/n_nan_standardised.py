# a constant column is divided by its deviation in NumPy; kind: not-a-number
import numpy as np
import torch
from torch import nn
rng = np.random.default_rng(0); torch.manual_seed(0)
X = rng.normal(size=(300, 6)).astype(np.float32); X[:, 2] = 4; y = (X[:, 0] > 0).astype(np.int64)
mean, std = X.mean(0), X.std(0)  #+
X = (X - mean) / std  #! X = (X - mean) / (std + 1e-6)
X, y = torch.from_numpy(X), torch.from_numpy(y)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
for epoch in range(6):
    for b in torch.randperm(300).split(30):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
