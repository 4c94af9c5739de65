# kind: not-shuffled
import numpy as np, torch
from torch import nn
rng = np.random.default_rng(0); torch.manual_seed(0)
X = np.concatenate([rng.normal(c, 1.0, size=(80, 6)) for c in (-1.5, 0, 1.5)]).astype("float32")
Y = np.repeat([0, 1, 2], 80)  #+
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3)); opt = torch.optim.SGD(net.parameters(), lr=0.1)
for e in range(8):
    for i in range(0, 240, 16):
        x, y = torch.from_numpy(X[i:i+16]), torch.from_numpy(Y[i:i+16])  #+
        loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
