import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()); self.head = nn.Linear(32, 3)
    def forward(self, x): return self.head(self.body(x))
net = Net(); t = torch.randint(0, 3, (300,)); x = torch.randn(3, 8)[t] * 2 + torch.randn(300, 8)
for p in net.body.parameters(): p.requires_grad = False
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=0.01)
for i in range(40):
    l = nn.functional.cross_entropy(net(x), t); opt.zero_grad(); l.backward(); opt.step()
for p in net.body.parameters(): p.requires_grad = True
opt.add_param_group({"params": net.body.parameters(), "lr": 1e-3})
for i in range(40):
    l = nn.functional.cross_entropy(net(x), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
