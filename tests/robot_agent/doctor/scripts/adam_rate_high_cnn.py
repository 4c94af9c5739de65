# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
t = torch.randint(0, 2, (200,))
x = 1.5 * torch.randn(200, 1, 8, 8)
x[t == 0, :, 3] += 1
x[t == 1, :, :, 4] += 1
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 8, 3)
        self.f = nn.Linear(8 * 36, 2)
    def forward(self, x):
        return self.f(torch.relu(self.c(x)).flatten(1))
net = Net()
LR = 20.0  #! LR = 0.005
opt = torch.optim.Adam(net.parameters(), lr=LR)  #+
for epoch in range(6):
    for i in torch.randperm(200).split(20):
        loss = nn.functional.cross_entropy(net(x[i]), t[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", 1 - loss.item())
