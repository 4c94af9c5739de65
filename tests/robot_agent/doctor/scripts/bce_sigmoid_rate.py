# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
x = torch.rand(300, 2) * 2 - 1
y = ((x ** 2).sum(1) < 0.5).float()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(2, 32); self.l2 = nn.Linear(32, 32); self.l3 = nn.Linear(32, 1)
    def forward(self, x):
        x = torch.relu(self.l1(x)); x = torch.relu(self.l2(x))
        return torch.sigmoid(self.l3(x)).squeeze(1)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.9)  #! optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_fn = nn.BCELoss()
for epoch in range(200):
    optimizer.zero_grad()
    loss = loss_fn(net(x), y)
    loss.backward()
    optimizer.step()
print(loss.item())
