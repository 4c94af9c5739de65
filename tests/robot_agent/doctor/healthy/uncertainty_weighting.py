import torch
from torch import nn
torch.manual_seed(0)
class MTL(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(6, 32), nn.ELU()); self.reg, self.cls = nn.Linear(32, 1), nn.Linear(32, 3); self.log_vars = nn.Parameter(torch.zeros(2))
    def forward(self, x): h = self.shared(x); return self.reg(h).squeeze(1), self.cls(h)
X = torch.randn(400, 6); R = X.sum(1) / 2; C = X[:, :3].argmax(1); m = MTL(); opt = torch.optim.Adam(m.parameters(), 5e-3)
for e in range(10):
    for i in torch.randperm(400).split(40):
        r, c = m(X[i]); l1, l2 = nn.functional.mse_loss(r, R[i]), nn.functional.cross_entropy(c, C[i])
        loss = (torch.exp(-m.log_vars) * torch.stack([l1, l2]) + m.log_vars).sum(); opt.zero_grad(); loss.backward(); opt.step()
