import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(300, 4); y = x[:, :1] * 2
for e in range(60):
    loss = F.mse_loss(net(x[:250]), y[:250]); opt.zero_grad(); loss.backward(); opt.step()
print(abs(net(x[250:]).detach().numpy() - y[250:].numpy()).mean())
