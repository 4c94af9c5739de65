# the entropy is punished; kind: entropy-sign
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
for ep in range(100):
    s = torch.randn(32, 4); d = Categorical(logits=pi(s)); a = d.sample(); r = (a == (s[:, 0] > 0).long()).float()
    loss = -(d.log_prob(a) * (r - r.mean())).mean() + 1.0 * d.entropy().mean()  #! loss = -(d.log_prob(a) * (r - r.mean())).mean() - 0.01 * d.entropy().mean()
    opt.zero_grad(); loss.backward(); opt.step()
