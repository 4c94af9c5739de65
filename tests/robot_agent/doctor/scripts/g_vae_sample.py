# dist.sample instead of rsample; kind: graph-cut
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
torch.manual_seed(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(10, 32), nn.ReLU()); self.mu = nn.Linear(32, 2); self.ls = nn.Linear(32, 2)
        self.dec = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 10))
    def forward(self, x):
        h = self.enc(x); q = Normal(self.mu(h), self.ls(h).exp())
        z = q.sample()  #! z = q.rsample()
        return self.dec(z), q
x = torch.randn(300, 2) @ torch.randn(2, 10)
m = VAE(); opt = torch.optim.Adam(m.parameters(), lr=0.005)
for i in range(200):
    r, q = m(x)
    loss = ((r - x) ** 2).sum(1).mean() + 0.1 * kl_divergence(q, Normal(0., 1.)).sum(1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
