# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        layers = []
        for i in range(depth):
            layers.append(nn.Linear(8 if i else 3, 8))  #+
        self.layers = layers  #! self.layers = nn.ModuleList(layers)
        self.out = nn.Linear(8, 1)
    def forward(self, x):
        for l in self.layers: x = torch.tanh(l(x))
        return self.out(x)
net = Net(); opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(60):
    x = torch.randn(32, 3); loss = (net(x) - x[:, :1] * x[:, 1:2]).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
