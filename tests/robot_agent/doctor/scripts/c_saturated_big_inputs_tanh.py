# kind: saturated
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.Sigmoid(), nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 1))
for m in net:
    if isinstance(m, nn.Linear): nn.init.normal_(m.weight, std=25.0)  #! if isinstance(m, nn.Linear): nn.init.xavier_uniform_(m.weight)
opt = torch.optim.SGD(net.parameters(), lr=1e-3)  #! opt = torch.optim.Adam(net.parameters(), lr=1e-2)
X = torch.randn(200, 6); Y = torch.sin(X[:, :1])
for e in range(80):
    loss = nn.functional.mse_loss(net(X), Y); opt.zero_grad(); loss.backward(); opt.step()
