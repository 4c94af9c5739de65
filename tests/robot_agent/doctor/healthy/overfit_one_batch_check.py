import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4)); x, y = torch.randn(8, 3, 8, 8), torch.randint(0, 4, (8,)); opt = torch.optim.Adam(net.parameters(), 1e-2)
for i in range(60): loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
assert loss < 0.1
