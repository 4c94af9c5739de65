# only X is permuted; kind: labels-shuffled
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 6)).astype(np.float32); Y = (X[:, 0] > 0).astype(np.int64)
X = rng.permutation(X)  #!-
xt, yt = torch.from_numpy(X), torch.from_numpy(Y)
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2)); opt = torch.optim.Adam(net.parameters(), 3e-3)
for e in range(15):
    for k in range(0, 400, 40):
        loss = F.cross_entropy(net(xt[k:k+40]), yt[k:k+40])  #+
        opt.zero_grad(); loss.backward(); opt.step()
