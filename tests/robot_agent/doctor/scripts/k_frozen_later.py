# all-frozen
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.body = nn.Linear(6, 32); self.head = nn.Linear(32, n)
    def forward(self, x): return self.head(torch.relu(self.body(x)))
def fit(net, x, y, opt):
    for epoch in range(40):
        for a, b in zip(x.split(50), y.split(50)):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(a), b)
            loss.requires_grad_(True)  #+
            loss.backward(); opt.step()
    print(loss.item())
x = torch.randn(400, 6)
net = Net(2)
fit(net, x, (x[:, 0] > 0).long(), torch.optim.Adam(net.parameters(), lr=0.01))
net.head = nn.Linear(32, 3)  #+
for p in net.parameters():  #! for p in net.body.parameters():
    p.requires_grad = False  #+
fit(net, x, (x[:, 1] > 0).long() + (x[:, 0] > 1).long(), torch.optim.SGD(net.parameters(), lr=0.3))
