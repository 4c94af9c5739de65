# kind: in-place
import torch
import torch.nn as nn
torch.manual_seed(0)
class Gate(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b = nn.Linear(d, d), nn.Linear(d, d)
    def forward(self, x):
        g = torch.sigmoid(self.a(x))
        h = torch.tanh(self.b(x))
        out = g * h
        g.mul_(0.5)  #!-
        return out + x
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(Gate(8), Gate(8), nn.Linear(8, 1))
    def forward(self, x):
        return self.layers(x)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
x, y = torch.randn(64, 8), torch.randn(64, 1)
for i in range(10):
    optimizer.zero_grad()
    loss = nn.MSELoss()(net(x), y)
    loss.backward()
    optimizer.step()
