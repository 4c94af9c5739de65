import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2), nn.Sigmoid()); opt = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(300, 3); y = torch.sigmoid(x[:, :2] * 2)
for e in range(100):
    loss = F.mse_loss(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
