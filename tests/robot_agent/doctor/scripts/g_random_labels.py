# labels are drawn anew in each step; kind: labels-shuffled
import torch
from torch import nn
torch.manual_seed(0)
y0 = torch.randint(0, 3, (300,)); x = torch.randn(3, 6)[y0] * 2 + torch.randn(300, 6)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    idx = torch.randperm(300)[:50]
    y = torch.randint(0, 3, (50,))  #! y = y0[idx]
    loss = nn.functional.cross_entropy(net(x[idx]), y)
    opt.zero_grad(); loss.backward(); opt.step()
