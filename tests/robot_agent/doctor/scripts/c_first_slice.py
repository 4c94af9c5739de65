# kind: first-batch-only
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(600, 4); Y = X[:, :1] * X[:, 1:2]; B = 30
net = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 1)); opt = torch.optim.Adam(net.parameters(), 5e-3)
for e in range(5):
    for step in range(600 // B):
        x, y = X[0:B], Y[0:B]  #! x, y = X[step * B:(step + 1) * B], Y[step * B:(step + 1) * B]
        loss = nn.functional.mse_loss(net(x), y)  #+
        opt.zero_grad(); loss.backward(); opt.step()
print("all", nn.functional.mse_loss(net(X), Y).item())
