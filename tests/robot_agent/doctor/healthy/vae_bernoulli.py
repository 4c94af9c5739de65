import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(36, 24); self.mu = nn.Linear(24, 3); self.lv = nn.Linear(24, 3); self.fc3 = nn.Linear(3, 24); self.fc4 = nn.Linear(24, 36)
    def encode(self, x): h = F.relu(self.fc1(x)); return self.mu(h), self.lv(h)
    def reparameterize(self, mu, lv): return mu + torch.randn_like(mu) * torch.exp(0.5 * lv)
    def decode(self, z): return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))
    def forward(self, x): mu, lv = self.encode(x.view(-1, 36)); return self.decode(self.reparameterize(mu, lv)), mu, lv
def loss_function(r, x, mu, lv):
    return F.binary_cross_entropy(r, x.view(-1, 36), reduction="sum") - 0.5 * torch.sum(1 + lv - mu.pow(2) - lv.exp())
base = (torch.rand(4, 36) > 0.5).float()
data = base[torch.randint(0, 4, (256,))].view(-1, 1, 6, 6)
m = VAE(); opt = torch.optim.Adam(m.parameters(), 1e-2)
for e in range(8):
    m.train()
    for x in data.split(32):
        opt.zero_grad(); r, mu, lv = m(x); loss = loss_function(r, x, mu, lv); loss.backward(); opt.step()
with torch.no_grad(): sample = m.decode(torch.randn(8, 3))
