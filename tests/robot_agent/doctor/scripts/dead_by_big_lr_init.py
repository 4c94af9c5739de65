# kind: dead-relu
import torch
from torch import nn
torch.manual_seed(0)
class Deep(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.inp = nn.Linear(2, d)
        self.hid = nn.Linear(d, d)
        self.out = nn.Linear(d, 2)
        self.reset()
    def reset(self):
        for m in (self.inp, self.hid):
            nn.init.normal_(m.weight, 0.0, 0.1)
            nn.init.constant_(m.bias, -3.0)  #! nn.init.constant_(m.bias, 0.0)
    def forward(self, x):
        h = torch.relu(self.inp(x))  #+
        h = torch.relu(self.hid(h))  #+
        return self.out(h)
x = torch.randn(400, 2); y = (x[:, 0] * x[:, 1] > 0).long()
net = Deep()
opt = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
for e in range(120):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
