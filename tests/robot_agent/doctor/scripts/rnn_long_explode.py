# kind: exploding
import torch
from torch import nn
torch.manual_seed(0)
class RNN(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.wx = nn.Linear(1, h)
        self.wh = nn.Linear(h, h, bias=False)
        nn.init.normal_(self.wh.weight, 0, 0.6)  #! nn.init.orthogonal_(self.wh.weight, 0.9)
        self.out = nn.Linear(h, 1)
    def forward(self, x):
        h = torch.zeros(x.shape[0], 32)
        for t in range(x.shape[1]):
            h = torch.relu(self.wx(x[:, t]) + self.wh(h))  #+
        return self.out(h)
net = RNN()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(40):
    x = torch.randn(32, 30, 1) * 0.5
    y = x.mean(1)
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
