# kind: batch-of-one
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.bn = nn.BatchNorm1d(16)
        self.fc2 = nn.Linear(16, 1)
    def forward(self, x):
        return self.fc2(torch.relu(self.bn(self.fc1(x))))  #+
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(100, 4)
y = x.sum(1, keepdim=True)
for epoch in range(3):
    for i in range(0, 100, 1):  #! for i in range(0, 100, 10):
        pred = net(x[i:i + 1])  #! pred = net(x[i:i + 10])
        loss = ((pred - y[i:i + 1]) ** 2).mean()  #! loss = ((pred - y[i:i + 10]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", 1 - loss.item())
