# F.dropout without training=; kind: train-while-testing
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
y = torch.randint(0, 4, (400,)); x = torch.randn(4, 12)[y] * 2 + torch.randn(400, 12)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 64); self.fc2 = nn.Linear(64, 4)
    def forward(self, x):
        x = F.dropout(F.relu(self.fc1(x)), 0.5)  #! x = F.dropout(F.relu(self.fc1(x)), 0.5, training=self.training)
        return self.fc2(x)
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(100):
    net.train()
    loss = F.cross_entropy(net(x[:300]), y[:300])
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
with torch.no_grad():
    print((net(x[300:]).argmax(1) == y[300:]).float().mean())
