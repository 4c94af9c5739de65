import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)); x = torch.randn(300, 5); y = x[:, :1] * x[:, 1:2]
fixed = nn.Linear(1, 4)
for p in fixed.parameters(): p.requires_grad_(False)
adam, sgd = torch.optim.Adam(net.parameters(), 1e-2), torch.optim.SGD(net.parameters(), 1e-2)
for e in range(120):
    opt = adam if e < 70 else sgd
    loss = F.mse_loss(fixed(net(x)), fixed(y)) + F.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
