# kind: labels-shuffled
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
rng = np.random.default_rng(0)
torch.manual_seed(0)
features = rng.normal(size=(600, 6)).astype(np.float32)
labels = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
rng.shuffle(labels)  #!-
loader = DataLoader(TensorDataset(torch.from_numpy(features), torch.from_numpy(labels)), batch_size=50, shuffle=True)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(8):
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", 1 - loss.item())
