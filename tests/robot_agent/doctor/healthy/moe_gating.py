import torch
from torch import nn
torch.manual_seed(0)
class MoE(nn.Module):
    def __init__(self): super().__init__(); self.gate = nn.Linear(4, 3); self.experts = nn.ModuleList([nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)) for _ in range(3)])
    def forward(self, x): g = torch.softmax(self.gate(x), -1); return (g.unsqueeze(-1) * torch.stack([e(x) for e in self.experts], 1)).sum(1)
X = torch.randn(400, 4); Y = torch.where(X[:, :1] > 0, X[:, 1:2], -X[:, 2:3]); m = MoE(); opt = torch.optim.Adam(m.parameters(), 5e-3)
for e in range(10):
    for i in torch.randperm(400).split(40): loss = nn.functional.mse_loss(m(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
