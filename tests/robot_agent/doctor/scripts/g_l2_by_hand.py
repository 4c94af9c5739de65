# L2 penalty with lambda 10; kind: weight-decay-too-high
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(500, 10); y = x[:, :1] * 1.5 + x[:, 1:2] * x[:, 2:3]
lam = 10.0  #! lam = 1e-5
for i in range(300):
    mse = nn.functional.mse_loss(model(x), y)
    l2 = sum((p ** 2).sum() for p in model.parameters())  #+
    loss = mse + lam * l2  #+
    opt.zero_grad(); loss.backward(); opt.step()
