# target of (N,1) with log-softmax by hand; kind: broadcast
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 5); y = (x[:, :1] > 0).float()
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(100):
    p = torch.sigmoid(net(x)).view(-1)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()  #! loss = -(y[:, 0] * torch.log(p) + (1 - y[:, 0]) * torch.log(1 - p)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
