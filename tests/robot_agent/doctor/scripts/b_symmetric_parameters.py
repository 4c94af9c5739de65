# kind: symmetric
import torch
from torch import nn
torch.manual_seed(0)
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.W1 = nn.Parameter(torch.zeros(3, 16))  #! self.W1 = nn.Parameter(torch.randn(3, 16) * 0.5)
        self.b1 = nn.Parameter(torch.zeros(16))
        self.W2 = nn.Parameter(torch.ones(16, 1))  #! self.W2 = nn.Parameter(torch.randn(16, 1) * 0.3)
        self.b2 = nn.Parameter(torch.zeros(1))
    def forward(self, x): return torch.tanh(x @ self.W1 + self.b1) @ self.W2 + self.b2
net = MLP(); opt = torch.optim.SGD(net.parameters(), lr=0.05); X = torch.randn(200, 3); Y = X[:, :1] * X[:, 1:2]
for e in range(80):
    loss = (net(X) - Y).pow(2).mean(); opt.zero_grad(); loss.backward(); opt.step()
