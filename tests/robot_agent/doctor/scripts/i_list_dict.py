# not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Multi(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.stem = nn.Linear(6, 16)
        self.blocks = {f"b{i}": self._block() for i in range(n)} #! self.blocks = nn.ModuleDict({f"b{i}": self._block() for i in range(n)})
        self.out = nn.Linear(16, 1)
    def _block(self):
        return nn.Sequential(nn.Linear(16, 16), nn.ReLU())
    def forward(self, x):
        x = self.stem(x)
        for b in self.blocks.values():
            x = b(x)
        return self.out(x)
X = torch.randn(300, 6); y = X[:, :1] * X[:, 1:2]
net = Multi(3)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for e in range(60):
    loss = nn.functional.mse_loss(net(X), y)
    opt.zero_grad(); loss.backward(); opt.step()
