# kind: labels-shuffled
import numpy as np, torch
from torch import nn
rng = np.random.default_rng(0); torch.manual_seed(0)
y = rng.integers(0, 3, 300); x = (rng.normal(size=(3, 6))[y] * 2 + rng.normal(size=(300, 6))).astype("float32")
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3)); opt = torch.optim.Adam(net.parameters(), 0.01)
for e in range(15):
    px = rng.permutation(300); py = rng.permutation(300)  #! px = rng.permutation(300); py = px
    xs, ys = torch.from_numpy(x[px]), torch.from_numpy(y[py])  #+
    for i in range(0, 300, 30):
        loss = nn.functional.cross_entropy(net(xs[i:i+30]), ys[i:i+30]); opt.zero_grad(); loss.backward(); opt.step()
