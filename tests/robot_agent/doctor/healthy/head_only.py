import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU()); self.fc = nn.Linear(64, 10)
    def forward(self, x): return self.fc(self.body(x))
net = Net(); net.fc = nn.Linear(64, 3)
opt = torch.optim.SGD(net.fc.parameters(), lr=0.1, momentum=0.9)
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 8)[t] * 2 + torch.randn(300, 8)
for i in range(100):
    l = nn.functional.cross_entropy(net(x), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
