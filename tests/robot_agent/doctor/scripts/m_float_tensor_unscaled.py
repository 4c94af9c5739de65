# not-scaled
import numpy as np
import torch
from torch import nn
torch.manual_seed(0); np.random.seed(0)
X = np.random.rand(150, 4) * np.array([5.0, 100.0, 1500.0, 40.0])  #! X = np.random.randn(150, 4)
y = (X[:, 2] / 1500 + X[:, 0] / 5 > 1).astype(int) + (X[:, 1] > 60)  #! y = (X[:, 2] + X[:, 0] > 1).astype(int) + (X[:, 1] > 0)
X_train = torch.FloatTensor(X)  #+
y_train = torch.LongTensor(y)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for i in range(300):
    y_pred = model(X_train)
    loss = nn.functional.cross_entropy(y_pred, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 50 == 0: print(i, loss.item())
