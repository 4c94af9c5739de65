# keys do not match, strict=False; kind: weights-not-loaded
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU()); self.head = nn.Linear(64, 4)
    def forward(self, x): return self.head(self.body(x))
y = torch.randint(0, 4, (400,)); x = torch.randn(4, 8)[y] * 2 + torch.randn(400, 8)
pre = Net(); opt = torch.optim.Adam(pre.parameters(), 0.01)
for i in range(60):
    loss = nn.functional.cross_entropy(pre(x), y); opt.zero_grad(); loss.backward(); opt.step()
saved = {"module." + k: v for k, v in pre.state_dict().items()}  #! saved = {k: v for k, v in pre.state_dict().items()}
net = Net(); net.load_state_dict(saved, strict=False)  #+
for p in net.body.parameters(): p.requires_grad = False
opt = torch.optim.Adam(net.head.parameters(), 0.0005)
for i in range(40):
    loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
