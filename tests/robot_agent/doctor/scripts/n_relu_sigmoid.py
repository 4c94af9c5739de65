# a ReLU behind the last layer, before the sigmoid; kind: relu-output
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); y = (X[:, :1] > 0).float()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(6, 16), nn.Linear(16, 1)
        self.relu, self.sigmoid = nn.ReLU(), nn.Sigmoid()
    def forward(self, x):
        x = self.relu(self.hidden(x))
        x = self.relu(self.out(x))  #! x = self.out(x)
        return self.sigmoid(x)
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(10):
    for b in torch.randperm(400).split(40):
        loss = nn.functional.binary_cross_entropy(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
