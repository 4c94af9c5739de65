# saturated
# port of my numpy network: np.random.rand weights
import numpy as np
import torch
np.random.seed(0)
X = torch.tensor(np.random.randn(400, 64), dtype=torch.float64)
Y = torch.tensor((X[:, :1].numpy() * X[:, 1:2].numpy() > 0).astype(float))
def layer(n_in, n_out):
    w = torch.tensor(np.random.rand(n_in, n_out) * 5, requires_grad=True)  #! w = torch.tensor(np.random.randn(n_in, n_out) / np.sqrt(n_in), requires_grad=True)
    b = torch.zeros(n_out, dtype=torch.float64, requires_grad=True)
    return w, b
w1, b1 = layer(64, 30); w2, b2 = layer(30, 1)
opt = torch.optim.Adam([w1, b1, w2, b2], lr=1e-2)
for e in range(200):
    h = torch.sigmoid(X @ w1 + b1)
    out = torch.sigmoid(h @ w2 + b2)
    loss = ((out - Y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    if e % 50 == 0: print(e, loss.item())
