import torch
from torch import nn
torch.manual_seed(0)
class Lora(nn.Module):
    def __init__(self, base, r=2):
        super().__init__()
        self.base = base
        for p in base.parameters(): p.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(r, base.in_features) * 0.3); self.b = nn.Parameter(torch.zeros(base.out_features, r))
    def forward(self, x): return self.base(x) + x @ self.a.T @ self.b.T
net = nn.Sequential(Lora(nn.Linear(5, 32)), nn.ReLU(), Lora(nn.Linear(32, 2))); opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=0.01)
x = torch.randn(300, 5); t = (x[:, 0] > x[:, 1]).long()
for i in range(150):
    l = nn.functional.cross_entropy(net(x), t); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
