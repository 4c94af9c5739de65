import math, torch
from torch import nn
torch.manual_seed(0)
class MDN(nn.Module):
    def __init__(self, k=3):
        super().__init__(); self.h = nn.Sequential(nn.Linear(1, 32), nn.Tanh()); self.pi, self.mu, self.s = (nn.Linear(32, k) for _ in range(3))
    def forward(self, x): h = self.h(x); return self.pi(h), self.mu(h), self.s(h).exp().clamp(1e-3)
m = MDN(); opt = torch.optim.Adam(m.parameters(), 1e-2)
y = torch.rand(500, 1) * 2 - 1; x = y + 0.3 * torch.sin(6 * y) + 0.02 * torch.randn(500, 1)
for s in range(150):
    pi, mu, sd = m(x)
    logp = torch.distributions.Normal(mu, sd).log_prob(y) + pi.log_softmax(1)
    loss = -torch.logsumexp(logp, 1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
