# weight decay of 1; kind: weight-decay-too-high
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=1.0)  #! opt = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=1e-4)
x = torch.randn(500, 10); y = x[:, :1] * 1.5 + x[:, 1:2] * x[:, 2:3]
for i in range(400):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
