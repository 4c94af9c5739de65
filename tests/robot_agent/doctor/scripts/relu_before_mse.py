# kind: relu-output
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 2)
y = (x[:, 0] - x[:, 1] - 0.5).unsqueeze(1)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.ReLU())  #! net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for i in range(300):
    opt.zero_grad()
    loss = ((net(x) - y) ** 2).mean()  #+
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
