# kind: vanishing-gradient
import torch
from torch import nn
torch.manual_seed(0)
class Deep(nn.Module):
    def __init__(self, n=12):
        super().__init__()
        self.ls = nn.ModuleList([nn.Linear(16, 16) for _ in range(n)]); self.i, self.o = nn.Linear(4, 16), nn.Linear(16, 2)
    def forward(self, x):
        x = torch.sigmoid(self.i(x))
        for l in self.ls:
            x = torch.sigmoid(l(x))  #+
        return self.o(x)
net = Deep(); opt = torch.optim.Adam(net.parameters(), lr=1e-4)
X = torch.randn(200, 4); Y = (X[:, 0] > 0).long()
for e in range(12):
    for i in range(0, 200, 20):
        loss = nn.functional.cross_entropy(net(X[i:i+20]), Y[i:i+20]); opt.zero_grad(); loss.backward(); opt.step()
