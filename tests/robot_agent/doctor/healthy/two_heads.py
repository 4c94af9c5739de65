import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = nn.Sequential(nn.Linear(5, 32), nn.ReLU()); self.c, self.r = nn.Linear(32, 3), nn.Linear(32, 1)
    def forward(self, x):
        h = self.b(x); return self.c(h), self.r(h).squeeze(1)
net = Net(); opt = torch.optim.Adam([{"params": net.b.parameters()}, {"params": net.c.parameters(), "lr": 0.01}, {"params": net.r.parameters()}], lr=0.003)
x = torch.randn(300, 5); t = x[:, :3].argmax(1); y = x[:, 3] * 2
for i in range(150):
    a, b = net(x)
    l1, l2 = nn.functional.cross_entropy(a, t), nn.functional.mse_loss(b, y)
    opt.zero_grad(); l1.backward(retain_graph=True); l2.backward(); opt.step()
print(l1.item(), l2.item())
