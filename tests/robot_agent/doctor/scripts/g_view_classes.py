# logits (N, C, L) are made flat as (-1, C); kind: view-for-transpose
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(64, 4, 20); y = x.argmax(1)
net = nn.Sequential(nn.Conv1d(4, 32, 3, padding=1), nn.ReLU(), nn.Conv1d(32, 4, 1))
opt = torch.optim.Adam(net.parameters(), 0.01)
for i in range(120):
    out = net(x)
    loss = nn.functional.cross_entropy(out.view(-1, 4), y.view(-1))  #! loss = nn.functional.cross_entropy(out.transpose(1, 2).reshape(-1, 4), y.view(-1))
    opt.zero_grad(); loss.backward(); opt.step()
