# weight_norm is put on after the optimizer was made, which holds the old weight; kind: not-in-optimizer
import torch
import torch.nn as nn
from torch.nn.utils.parametrizations import weight_norm

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)  #! optimizer = None
for m in model:
    if isinstance(m, nn.Linear):
        weight_norm(m)  #+
if optimizer is None:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(256, 8)
y = (x[:, :2] ** 2).sum(1, keepdim=True)
for epoch in range(80):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
