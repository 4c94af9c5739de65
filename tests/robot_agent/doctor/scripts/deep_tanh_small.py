# kind: vanishing-gradient
import torch
from torch import nn
torch.manual_seed(0)
class Deep(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(16, 16) for _ in range(n)])
        self.inp, self.out = nn.Linear(3, 16), nn.Linear(16, 1)
    def forward(self, x):
        x = torch.sigmoid(self.inp(x))  #+
        for h in self.hidden:
            x = torch.sigmoid(h(x))  #! x = x + torch.relu(h(x))
        return self.out(x)
net = Deep(12)
opt = torch.optim.Adam(net.parameters(), lr=0.001)
x = torch.randn(200, 3)
y = torch.sin(2 * x[:, :1]) * x[:, 1:2]
for i in range(200):
    loss = ((net(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
