# kind: sigmoid-twice
import torch
from torch import nn
torch.manual_seed(0)
class D(nn.Module):
    def __init__(self): super().__init__(); self.f = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
    def forward(self, x): return torch.sigmoid(self.f(x))  #+
d = D(); opt = torch.optim.Adam(d.parameters(), 5e-3); X = torch.randn(300, 2); Y = (X.norm(dim=1, keepdim=True) > 1.1).float()
for e in range(60):
    out = torch.sigmoid(d(X))  #! out = d(X)
    loss = nn.functional.binary_cross_entropy(out, Y); opt.zero_grad(); loss.backward(); opt.step()
