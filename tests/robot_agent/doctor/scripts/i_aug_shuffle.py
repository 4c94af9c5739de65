# labels-shuffled
import numpy as np, torch
from torch import nn
torch.manual_seed(0); rng = np.random.default_rng(0)
X = rng.normal(size=(500, 6)).astype("float32"); y = (X[:, 0] > 0).astype("int64")
def batches(x, t, bs):
    idx = rng.permutation(len(x))
    for i in range(0, len(x), bs):
        j = idx[i:i + bs]
        yield torch.from_numpy(x[j]), torch.from_numpy(t[i:i + bs]) #! yield torch.from_numpy(x[j]), torch.from_numpy(t[j])
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for e in range(8):
    for a, b in batches(X, y, 50):
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad(); loss.backward(); opt.step()
