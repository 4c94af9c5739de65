import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(16, 32); self.mu = nn.Linear(32, 3); self.lv = nn.Linear(32, 3)
        self.d = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 16), nn.Sigmoid())
    def forward(self, x):
        h = F.relu(self.e(x)); mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * lv)
        return self.d(z), mu, lv
net = VAE(); opt = torch.optim.Adam(net.parameters(), lr=3e-3)
data = (torch.randn(256, 3) @ torch.randn(3, 16) > 0).float()
for ep in range(15):
    for i in torch.randperm(256).split(64):
        x = data[i]; y, mu, lv = net(x)
        loss = F.binary_cross_entropy(y, x, reduction="sum") - 0.5 * torch.sum(1 + lv - mu.pow(2) - lv.exp())
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
