# kind: graph-cut
import torch, numpy as np
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)); opt = torch.optim.Adam(model.parameters(), 0.01)
x = torch.randn(64, 3); y = x.sum(1)
for e in range(10):
    losses = []
    for xi, yi in zip(x, y):
        losses.append(((model(xi) - yi) ** 2).item())  #! losses.append((model(xi) - yi) ** 2)
    loss = torch.tensor(np.mean(losses), requires_grad=True)  #! loss = torch.cat(losses).mean()
    opt.zero_grad(); loss.backward(); opt.step()
