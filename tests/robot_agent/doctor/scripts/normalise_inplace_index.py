# kind: in-place
import torch
from torch import nn
torch.manual_seed(0)
enc = nn.Linear(6, 6)
opt = torch.optim.Adam(enc.parameters(), lr=0.01)
x = torch.randn(20, 6)
for epoch in range(5):
    h = torch.exp(enc(x) * 0.1)
    for k in range(h.shape[0]):
        h[k] = h[k] / h[k].sum()  #+
    h[:, 0] *= 2  #+
    loss = (h ** 2).sum()
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
