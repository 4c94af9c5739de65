# predictions of a BatchNorm network one by one in training mode; kind: train-while-testing
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(300, 4); y = x[:, :1] + x[:, 1:2] ** 2
net.train()
for e in range(60):
    loss = F.mse_loss(net(x[:250]), y[:250]); opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():  #!+ net.eval()
    preds = [net(x[i:i + 5]).squeeze().tolist() for i in range(250, 300, 5)]  #+
flat = sum(preds, [])
print(sum((p - t) ** 2 for p, t in zip(flat, y[250:, 0].tolist())) / 50)
