# torch.normal draws without a derivative; kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(10, 32); self.mu = nn.Linear(32, 2); self.ls = nn.Linear(32, 2)
        self.dec = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 10))
    def forward(self, x):
        h = torch.relu(self.enc(x)); mu, std = self.mu(h), self.ls(h).exp()
        z = torch.normal(mu, std)  #! z = mu + std * torch.randn_like(std)
        return self.dec(z)
x = torch.randn(300, 2) @ torch.randn(2, 10)
m = VAE(); opt = torch.optim.Adam(m.parameters(), lr=0.005)
for i in range(200):
    loss = ((m(x) - x) ** 2).sum(1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
