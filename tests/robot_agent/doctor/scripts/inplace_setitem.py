# kind: in-place
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(6, 6)
head = nn.Linear(6, 1)
opt = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=0.01)
x = torch.randn(100, 6)
y = x[:, :1] ** 2
for i in range(200):
    h = torch.exp(-net(x) ** 2)
    h[:, 0] = 1.0  #! h = torch.cat([torch.ones(100, 1), h[:, 1:]], 1)
    loss = ((head(h) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
print("score", 1 - loss.item() / y.var().item())
