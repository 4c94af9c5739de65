import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)); x = torch.randn(300, 6); y = x[:, :1].abs()
for p in net[0].parameters(): p.requires_grad_(False)
opt = torch.optim.Adam(net.parameters(), 5e-3)
for e in range(60):
    if e == 30:
        for p in net[0].parameters(): p.requires_grad_(True)
    loss = F.mse_loss(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
