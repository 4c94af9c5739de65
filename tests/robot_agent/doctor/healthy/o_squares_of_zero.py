# squares, norms and powers at exactly 0 whose derivative there is finite
import torch
from torch import nn

torch.manual_seed(6)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(300):
    x = torch.randn(32, 4)
    label = (x[:, 0] > 0).long() + (x[:, 1] > 0.5).long()
    out = net(x)
    apart = out[:, None] - out[None]
    square = apart.pow(2).sum(-1)
    length = apart.norm(dim=-1)
    same = (label[:, None] == label[None]).float()
    loss = (same * square).mean() + ((1 - same) * torch.relu(2 - length) ** 1.5).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
