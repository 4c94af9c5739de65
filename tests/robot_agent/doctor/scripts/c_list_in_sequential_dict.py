# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Experts(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.gate = nn.Linear(4, n)
        self.experts = {f"e{i}": nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 1)) for i in range(n)}  #! self.experts = nn.ModuleDict({f"e{i}": nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 1)) for i in range(n)})
    def forward(self, x):
        g = self.gate(x).softmax(1)
        return sum(g[:, i:i+1] * e(x) for i, e in enumerate(self.experts.values()))
m = Experts(); opt = torch.optim.Adam(m.parameters(), 5e-3)
for i in range(60):
    x = torch.randn(64, 4); loss = (m(x) - x[:, :1] * (x[:, 1:2] > 0)).pow(2).mean(); opt.zero_grad(); loss.backward(); opt.step()
