# kind: saturated
import torch
from torch import nn
torch.manual_seed(0)
class TanhNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 50)
        self.fc2 = nn.Linear(50, 50)
        self.fc3 = nn.Linear(50, 1)
        for p in self.parameters():
            if p.dim() > 1:
                p.data.uniform_(-8, 8)  #! p.data.uniform_(-0.2, 0.2)
    def forward(self, x):
        x = torch.tanh(self.fc1(x))  #+
        x = torch.tanh(self.fc2(x))  #+
        return self.fc3(x) / 50
net = TanhNet()
X = torch.randn(300, 20); Y = torch.sin(X[:, :1] + X[:, 1:2])
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for e in range(80):
    loss = (net(X) - Y).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
