# kind: graph-cut
import torch
import torch.nn as nn
torch.manual_seed(0)
class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 8))
    def embed(self, x):
        with torch.no_grad():  #! if True:
            return self.f(x)  #+
    def forward(self, a, b):
        return (self.embed(a) - self.embed(b)).pow(2).sum(1)
net = Siamese()
opt = torch.optim.Adam(net.parameters(), 1e-3)
labels = torch.randint(0, 2, (256,)).float()
a = torch.randn(256, 10)
b = torch.where(labels[:, None] > 0, a + 0.1 * torch.randn(256, 10), torch.randn(256, 10))
for it in range(60):
    d = net(a, b)
    loss = (labels * d + (1 - labels) * torch.clamp(1 - d, min=0)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
