# kind: not-a-number
import torch
import torch.nn as nn
torch.manual_seed(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(10, 8); self.mu = nn.Linear(8, 2); self.sigma = nn.Linear(8, 2); self.dec = nn.Linear(2, 10)
    def forward(self, x):
        h = torch.tanh(self.enc(x))
        mu, sigma = self.mu(h), torch.relu(self.sigma(h))  #! mu, sigma = self.mu(h), nn.functional.softplus(self.sigma(h)) + 1e-4
        z = mu + sigma * torch.randn_like(mu)
        return self.dec(z), mu, sigma
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), 1e-3)
x = torch.randn(128, 10)
for i in range(40):
    rec, mu, sigma = vae(x)
    kl = -torch.log(sigma) + (sigma ** 2 + mu ** 2) / 2 - 0.5  #+
    loss = (rec - x).pow(2).mean() + kl.mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
